"""Measurements that need a process of their own: memory, start, and the PDF writer.

`python -m benchmarks.apart NAME [ARGUMENT …]` prints what it measured as JSON.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from typing import Any
from uuid import UUID

from benchmarks.report import Measured

#: Budgets of DESIGN.md §10.
PDF_SECONDS, BINDER_MB, START_SECONDS, PROCESS_MB, SIGN_INS = 0.2, 600, 2.0, 120, 50


def _ask(*arguments: str) -> dict[str, Any]:
    done = subprocess.run([sys.executable, "-m", "benchmarks.apart", *arguments], check=True, capture_output=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


# --- what the table shows ---------------------------------------------------------------------------------------


def documents(*, large: bool) -> Iterator[Measured]:
    """PDFs, each kind in a process that does nothing else."""
    found = _ask("single")
    yield Measured("pdf", "first PDF of a process", found["first"], "s", more=found)
    for kind in ("blank", "record"):
        yield Measured("pdf", f"one {kind} as PDF", found[kind], "s", PDF_SECONDS, best=found[f"{kind}_best"])
    for count in (50, 500) if large else (50,):
        found = _ask("binder", str(count))
        yield Measured("pdf", f"binder of {count} sheets", found["cpu"], "s", more=found)
        yield Measured("pdf", f"binder of {count} sheets, peak memory", found["peak"], "MB", BINDER_MB, is_cpu=False)


def process(url: str, cookie_secret: str, path: str) -> Iterator[Measured]:
    """A server's process: how fast it starts, and how large it is."""
    found = _ask("process", url, cookie_secret, path)
    yield Measured(
        "process", "start of a process: imports and create_app", found["start"], "s", START_SECONDS, more=found
    )
    for key, what in (
        ("rss_start", "memory of a process, just started"),
        ("rss_pages", "memory after 50 requests"),
        ("rss_pdf", "memory after one PDF as well"),
    ):
        budget = None if key == "rss_pdf" else PROCESS_MB
        yield Measured("process", what, found[key], "MB", budget, is_cpu=False)


def passwords(seconds: float) -> Iterator[Measured]:
    """argon2 alone: on one core by its CPU time, and by the clock with two processes at once."""
    alone = verifications(seconds)
    yield Measured("door", "password verifications, one core", alone["per_cpu_second"], "/s", is_cpu=False)
    with get_context("spawn").Pool(2) as pool:
        pool.map(verifications, [0.1, 0.1])
        both = pool.map(verifications, [seconds, seconds])
    yield Measured(
        "door", "password verifications, two processes, by CPU", sum(one["per_cpu_second"] for one in both), "/s",
        SIGN_INS, at_least=True, is_cpu=False, more={"by_the_clock": sum(one["per_second"] for one in both)},
    )  # fmt: skip


def verifications(seconds: float) -> dict[str, float]:
    """How many passwords one process verifies."""
    from partner_compliance.accounts.passwords import hash_password, is_right  # noqa: PLC0415 - spawned processes, too

    kept = hash_password("correct horse battery staple")
    count, clock, cpu = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - clock < seconds or not count:
        is_right(kept, "correct horse battery staple")
        count += 1
    return {"per_cpu_second": count / (time.process_time() - cpu), "per_second": count / (time.perf_counter() - clock)}


# --- what runs apart --------------------------------------------------------------------------------------------


def _stories(count: int) -> tuple[list[Any], Any, Any]:
    """Sheets that are in no database: submitted and signed off."""
    from datetime import date  # noqa: PLC0415 - the imports are part of what is measured elsewhere

    from benchmarks.filling import LATEST, NOON, answers_of, days_of  # noqa: PLC0415
    from partner_compliance.access import Role  # noqa: PLC0415
    from partner_compliance.config import PROJECT  # noqa: PLC0415
    from partner_compliance.library.shelf import read_library  # noqa: PLC0415
    from partner_compliance.organizations.models import Center, Organization, Worker  # noqa: PLC0415
    from partner_compliance.sheets.models import CheckSheet, EventKind, SheetEvent, SheetVersion  # noqa: PLC0415
    from partner_compliance.sheets.queries import SheetStory  # noqa: PLC0415

    library = read_library(PROJECT)
    checklist = library.edition_for("take-out", LATEST)
    organization = Organization(id=UUID(int=1), name="計測団体")
    center = Center(organization_id=UUID(int=1), id=UUID(int=2), name="本部", opened_on=date(2024, 4, 1))
    due, sign_off_due = days_of(LATEST)
    stories = []
    for at in range(count):
        ids = {"organization_id": UUID(int=1)}
        sheet = CheckSheet(
            **ids, id=UUID(int=1000 + at), center_id=center.id, worker_id=UUID(int=2000 + at), month=LATEST,
            checklist_key=checklist.key, edition=checklist.edition, opened_at=NOON, due_on=due,
            sign_off_due_on=sign_off_due,
        )  # fmt: skip
        worker = Worker(**ids, id=sheet.worker_id, name=f"計測 花子{at:03d}", name_kana="")
        version = SheetVersion(
            **ids, id=UUID(int=3000 + at), sheet_id=sheet.id, number=1, with_head_section=False, no_take_out=False,
            answers=answers_of(checklist), submitted_at=NOON, submitted_by_name=worker.name, reason="",
        )  # fmt: skip
        events = [
            SheetEvent(
                **ids, id=UUID(int=4000 + 2 * at + index), sheet_id=sheet.id, number=index + 1, kind=kind,
                version_id=version.id, at=NOON, happened_on=due, by_name=name, by_role=role, comment="",
            )
            for index, (kind, name, role) in enumerate(
                [(EventKind.SUBMITTED, worker.name, None), (EventKind.SIGNED_OFF, "計測 長", Role.CENTER_HEAD)]
            )
        ]  # fmt: skip
        stories.append(SheetStory(sheet, worker, center, organization, None, [version], events, True))
    return stories, library, center


def _single() -> dict[str, float]:
    from benchmarks.timing import measure  # noqa: PLC0415
    from partner_compliance.sheets import paper  # noqa: PLC0415

    stories, library, _ = _stories(1)
    story = stories[0]
    checklist = library.checklist(story.sheet.checklist_key, story.sheet.edition)

    def record() -> bytes:
        return paper.record_pdf(story, checklist, story.version, head=False)

    def blank() -> bytes:
        return paper.record_pdf(story, checklist, None, head=True)

    first = measure(record, 1, warm_up=0)
    records, blanks = measure(record, 9), measure(blank, 9)
    return {
        "first": first.cpu / 1000,
        "record": records.cpu / 1000,
        "record_best": records.best / 1000,
        "blank": blanks.cpu / 1000,
        "blank_best": blanks.best / 1000,
        "peak": _peak(),
    }


def _binder(count: int) -> dict[str, float]:
    from benchmarks.filling import LATEST, NOON  # noqa: PLC0415
    from partner_compliance.sheets import paper  # noqa: PLC0415

    stories, library, center = _stories(count)
    clock, cpu = time.perf_counter(), time.process_time()
    made = paper.binder_pdf(stories, library, center, LATEST, made_at=NOON)
    return {
        "cpu": time.process_time() - cpu,
        "clock": time.perf_counter() - clock,
        "peak": _peak(),
        "bytes": len(made),
    }


def _process(url: str, secret: str, path: str) -> dict[str, float]:
    clock, cpu = time.perf_counter(), time.process_time()
    from partner_compliance.app import create_app  # noqa: PLC0415 - this import is what is measured
    from partner_compliance.config import Settings  # noqa: PLC0415

    app = create_app(Settings(database_url=url, secret_key="a key that only benchmarks have, long enough"))
    start, started = time.process_time(), time.perf_counter() - clock
    # Only now: nothing of the measuring counts as part of the start.
    from benchmarks.filling import NOON  # noqa: PLC0415
    from benchmarks.pages import clock_at  # noqa: PLC0415
    from benchmarks.timing import rss  # noqa: PLC0415

    found = {"start": start, "imports_and_app": start - cpu, "clock": started, "rss_start": rss()}
    client = app.test_client()
    with clock_at(NOON):
        with client.session_transaction() as cookie:
            cookie["token"] = secret
        for at in range(50):
            answer = client.get(("/", path + "/answers")[at % 2])
            assert answer.status_code == 200, answer.status
        found["rss_pages"] = rss()
        assert client.get(path + "/blank.pdf").status_code == 200
        found["rss_pdf"] = rss()
    return found


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def main(name: str, *arguments: str) -> None:
    """Measure one thing and print it."""
    known: dict[str, Callable[..., dict[str, float]]] = {
        "single": _single,
        "binder": lambda count: _binder(int(count)),
        "process": _process,
    }
    print(json.dumps(known[name](*arguments)))


if __name__ == "__main__":
    main(*sys.argv[1:])
