"""Checks the two locks: hashes everywhere, no address of a package index, the same releases in both."""

import re
import sys
from pathlib import Path

HOUSE = Path(__file__).parent.parent


def main() -> None:
    runtime, dev = (requirements(HOUSE / name) for name in ("requirements.lock", "requirements-dev.lock"))
    faults = [f"{name} is not the same in requirements-dev.lock" for name in runtime if dev.get(name) != runtime[name]]
    for name, requirement in {**dev, **runtime}.items():
        if "--hash=sha256:" not in requirement:
            faults.append(f"{name} has no hash")
    for lock in HOUSE.glob("requirements*.lock"):
        text = lock.read_text(encoding="utf-8")
        if re.search(r"://|^\s*-(?!-hash)", text, flags=re.MULTILINE):
            faults.append(f"{lock.name} holds an address or an option; make it with `make lock`")
    if faults:
        sys.exit("\n".join(faults))
    print(f"Locks are consistent: {len(runtime)} packages to run, {len(dev)} to develop.")


def requirements(lock: Path) -> dict[str, str]:
    """Each package with its pin, marker and hashes, without the remarks."""
    lines = lock.read_text(encoding="utf-8").replace("\\\n", "").splitlines()
    pins = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    return {re.split(r"[=\s\[]", pin, maxsplit=1)[0]: " ".join(pin.split()) for pin in pins}


if __name__ == "__main__":
    main()
