"""`python -m benchmarks`: measure everything and print a table. A slow machine is no failure: the exit code stays 0."""

import argparse
import json
import os
import platform
import sys
from collections.abc import Iterator
from typing import Any

from benchmarks import apart, courses, ledger, levels, pages, promises, records, rulebooks
from benchmarks.databases import Scratch, scratch
from benchmarks.filling import LATEST, NOON, USUAL, Filled, fill
from benchmarks.report import Measured, Units, as_json, lines_of
from partner_compliance.accounts import operations as accounts
from partner_compliance.accounts.models import User
from partner_compliance.accounts.passwords import hash_password
from partner_compliance.config import PROJECT
from partner_compliance.database import writing
from partner_compliance.history.operations import write_acts
from partner_compliance.library.shelf import Library, read_library

#: Counted over organizations that each of them makes for itself.
COUNTRIES = ("pledges", "rules", "courses", "levels")
#: The ledger comes after all that asks for sheets: its rows contradict those that others submit.
GROUPS = ("pages", "partners", "door", "log", "process", "months", "pdf", "roster", "ledger", *COUNTRIES)
#: Rows of the budget that nothing exists for yet.
NOT_YET = ("gate check",)


def main() -> None:
    """Read the arguments, measure, print."""
    arguments = _arguments()
    library = read_library(PROJECT)
    kinds = ("sqlite", "postgresql") if arguments.engine == "both" else (arguments.engine,)
    results: dict[str, Any] = {}
    for at, kind in enumerate(kinds):
        _say(f"filling a {kind} database ...")
        with scratch(kind) as database:
            found = list(_measured(database, library, arguments, once=at == 0))
        units = next(one for one in found if isinstance(one, Units))
        measured = [one for one in found if isinstance(one, Measured)]
        results[kind] = as_json(units, measured)
        if not arguments.json:
            _show(kind, units, measured)
    if arguments.json:
        print(json.dumps(_machine() | {"not_yet": NOT_YET, "engines": results}, ensure_ascii=False, indent=2))
    elif not arguments.only:
        print(f"\nNot measured, since it does not exist yet: {', '.join(NOT_YET)}.")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measures the time budget.")
    parser.add_argument("--engine", choices=("sqlite", "postgresql", "both"), default="sqlite")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    parser.add_argument("--full", action="store_true", help="also the binder of 500 sheets")
    parser.add_argument("--only", default="", metavar="GROUP,…", help=f"only some of {', '.join(GROUPS)}")
    parser.add_argument("--json", action="store_true", help="for machines")
    arguments = parser.parse_args()
    arguments.groups = frozenset(arguments.only.split(",") if arguments.only else GROUPS)
    if unknown := arguments.groups - set(GROUPS):
        parser.error(f"no such group: {', '.join(sorted(unknown))}")
    return arguments


def _measured(
    database: Scratch, library: Library, arguments: argparse.Namespace, *, once: bool
) -> Iterator[Measured | Units]:
    """All measurements on one database; what has nothing to do with databases only the first time."""
    checklist = library.edition_for("take-out", LATEST)
    times = 10 if arguments.quick else 40
    with pages.clock_at(NOON):
        filled = fill(database.engine, checklist, password_hash=hash_password(pages.PASSWORD))
        yield pages.units(database, times)
        for group in GROUPS:
            if group in arguments.groups:
                _say(f"measuring: {group} ...")
                yield from _of_group(group, database, filled, library, times, full=arguments.full, once=once)


def _of_group(
    group: str, database: Scratch, filled: Filled, library: Library, times: int, *, full: bool, once: bool
) -> Iterator[Measured]:
    if group in ("pages", "partners", "door"):
        asked = pages.Asked(database, times)
        if group == "partners":
            yield from pages.partners(asked, filled, library)
        elif group == "pages":
            yield from pages.pages(asked, filled, library.edition_for("take-out", LATEST))
        else:
            yield from pages.door(asked, filled)
        asked.close()
    elif group == "log":
        yield from records.log(database, times)
    elif group == "months":
        yield from records.months(database, filled, library, times)
    elif group == "roster":
        yield from records.roster(database, filled)
    elif group == "process":
        yield from _process(database, filled)
    elif group == "ledger":
        ledger.fill(database, filled.houses["1,000 workers in 25 centers"])
        asked = pages.Asked(database, times)
        yield from ledger.ledger(asked, filled)
        asked.close()
    elif group in COUNTRIES:
        yield from _of_country(group, database, library)
    if group == "door" and once:
        yield from apart.passwords(0.5 if times < 20 else 2.0)
    if group == "pdf" and once:
        yield from apart.documents(large=full)


def _of_country(group: str, database: Scratch, library: Library) -> Iterator[Measured]:
    """What is counted over 5,000 organizations, each with records of its own."""
    if group == "pledges":
        promises.fill(database)
        yield from promises.coverage(database, library)
    elif group == "rules":
        rulebooks.fill(database)
        yield from rulebooks.counts(database)
    elif group == "courses":
        courses.fill(database)
        yield from courses.coverage(database)
    else:
        levels.fill(database)
        yield from levels.levels(database, library)


def _process(database: Scratch, filled: Filled) -> Iterator[Measured]:
    house = filled.houses["30 workers"]
    with writing(database.engine, write_acts=write_acts) as session:
        user = session.get_one(User, house.users[USUAL])
        _, secret = accounts.start_sign_in(session, user, strength="password+totp", now=NOON)
    yield from apart.process(database.url, secret, f"/sheets/{house.sheets[USUAL, LATEST]}")


def _machine() -> dict[str, Any]:
    return {"python": platform.python_version(), "cores": os.cpu_count(), "load": os.getloadavg()}


def _show(kind: str, units: Units, measured: list[Measured]) -> None:
    machine = _machine()
    print(f"\n{kind}, Python {machine['python']}, {machine['cores']} cores, load {machine['load'][0]:.1f}")
    print(f"Units: a bare Flask page {units.page:.3f} ms, a bare SELECT by key {units.select:.3f} ms of CPU.")
    print("ms and s are CPU time: medians in this process, and the mean of the database server's where it has one.\n")
    print("\n".join(lines_of(units, measured)))


def _say(text: str) -> None:
    print(text, file=sys.stderr)


if __name__ == "__main__":
    main()
