"""Finds Chromium for the browser tests, or installs it, or says what to install.

python tools/chromium.py prints the path of the program; what happens meanwhile goes to stderr.
"""

import os
import shutil
import subprocess
import sys
from functools import cache

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MINUTE = 60

MISSING = """\
The browser tests need Chromium. None was found, and none could be installed.
Install it and try again, as root on Debian:

    apt-get update && apt-get install chromium

Elsewhere: put one of {names} on PATH."""

NO_DRIVER = """\
Playwright, which drives Chromium in the browser tests, does not start, and what it lacks could not be installed.
Install it and try again, as root on Debian:

    apt-get update && apt-get install libatomic1

What it says itself: python -m playwright --version"""


class ChromiumMissing(Exception):
    """There is no Chromium, or nothing to drive it with, and none could be installed."""


@cache
def find_chromium() -> str:
    """The path of a Chromium that starts: the one on PATH, else Debian's package, else Playwright's download."""
    if not (driver_starts() or (install("libatomic1") and driver_starts())):
        raise ChromiumMissing(NO_DRIVER)
    for found in (on_path, from_debian, from_playwright):
        if program := found():
            return program
    raise ChromiumMissing(MISSING.format(names=", ".join(NAMES)))


def on_path() -> str | None:
    programs = (shutil.which(name) for name in NAMES)
    return next((program for program in programs if program and starts(program)), None)


def from_debian() -> str | None:
    return on_path() if install("chromium") else None


def install(package: str) -> bool:
    """Install a Debian package, as root or with a sudo that asks nothing."""
    if not shutil.which("apt-get"):
        return False
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if as_root and not (shutil.which("sudo") and run([*as_root, "true"], quiet=True)):
        say(f"The Debian package {package} is needed, but only root can install it.")
        return False
    say(f"Installing the Debian package {package} ...")
    apt_get = [*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-o", "DPkg::Lock::Timeout=300"]
    run([*apt_get, "update"])  # one unreachable source need not matter: the next line tells
    return run([*apt_get, "install", "-y", "--no-install-recommends", package])


def driver_starts() -> bool:
    """Playwright brings a Node of its own, which needs a library that a small Debian lacks."""
    return run([sys.executable, "-m", "playwright", "--version"], quiet=True)


def from_playwright() -> str | None:
    program = playwrights_own()
    if program is None:
        return None
    if not starts(program):
        say("Downloading Playwright's own Chromium ...")
        run([sys.executable, "-m", "playwright", "install", "chromium"])
    return program if starts(program) else None


def playwrights_own() -> str | None:
    """Where Playwright would put its Chromium. Asked in a process of its own: a test may have an event loop running."""
    question = (
        "from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as playwright: print(playwright.chromium.executable_path)"
    )
    answer = subprocess.run([sys.executable, "-c", question], capture_output=True, text=True, check=False)
    return answer.stdout.strip() or None


def starts(program: str) -> bool:
    return run([program, "--version"], quiet=True)


def run(command: list[str], *, quiet: bool = False) -> bool:
    output = subprocess.DEVNULL if quiet else sys.stderr
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, timeout=15 * MINUTE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        if not quiet:
            say(f"{command[0]}: {error}")
        return False
    return done.returncode == 0


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        print(find_chromium())
    except ChromiumMissing as missing:
        sys.exit(str(missing))
