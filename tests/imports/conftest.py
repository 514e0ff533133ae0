"""An organization whose roster comes from files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from partner_compliance.access import Role
from partner_compliance.accounts.models import User
from partner_compliance.imports import operations
from partner_compliance.imports.columns import COLUMNS
from partner_compliance.imports.models import RosterUpload
from partner_compliance.organizations.models import Center, Organization, Worker
from tests.conftest import NOON, SetClock
from tests.factories import Browser, a_center, an_organization, principal_of, signed_in, someone

LABELS = {column.key: column.label for column in COLUMNS}
#: A row that can stand on any roster of these tests.
SOMEONE = {
    "staff_number": "", "name": "山田 花子", "name_kana": "ヤマダ ハナコ", "kind": "常勤職員", "center": "本部",
    "other_centers": "", "projects": "", "is_handler": "はい", "files_sheets": "", "joined_on": "2026-04-01",
    "left_on": "", "id": "",
}  # fmt: skip


def row(name: str = "山田 花子", **changed: str) -> dict[str, str]:
    """A row of a file, some cells being different."""
    return SOMEONE | {"name": name} | changed


def a_csv(*rows: Mapping[str, str], encoding: str = "utf-8-sig", columns: tuple[str, ...] = tuple(SOMEONE)) -> bytes:
    """A file as people make it."""
    lines = [[LABELS[key] for key in columns], *([each[key] for key in columns] for each in rows)]
    return "".join(",".join(cells) + "\r\n" for cells in lines).encode(encoding)


@dataclass
class House:
    """The organization, two centers, its protection officer and another one with an account."""

    session: Session
    organization: Organization
    center: Center
    second: Center
    officer: User
    officer_worker: Worker
    worker: Worker
    more: dict[str, Any] = field(default_factory=dict)

    def upload(self, content: bytes, **options: Any) -> RosterUpload:
        """Look at a file without faults and keep it."""
        examined = self.examine(content, **options)
        assert examined.plan.faults == ()
        return operations.keep_upload(
            self.session, self.organization.id, examined, filename="名簿.csv", leave_on=options.get("leave_on"),
            by=principal_of(self.session, self.officer), now=NOON,
        )  # fmt: skip

    def examine(self, content: bytes, **options: Any) -> operations.Examined:
        """Look at a file."""
        return operations.examine(
            self.session, self.organization.id, content, leave_on=options.get("leave_on"),
            uploader_id=self.officer.id, today=NOON.date(),
        )  # fmt: skip

    def take_in(self, content: bytes, **options: Any) -> RosterUpload:
        """Look at a file, confirm it, and commit."""
        upload = self.upload(content, **options)
        operations.confirm(
            self.session, upload, based_on=upload.roster_digest, at_once=True,
            by=principal_of(self.session, self.officer).actor, now=NOON,
        )  # fmt: skip
        self.session.commit()
        return upload


@pytest.fixture
def house(session: Session, time: SetClock) -> House:
    """The organization with two people on its roster."""
    organization = an_organization(session)
    center, second = a_center(session, organization, "本部"), a_center(session, organization, "分室")
    officer, officer_worker = someone(session, center, Role.PROTECTION_OFFICER, name="西 守")
    _, worker = someone(session, center, name="南 花子")
    session.commit()
    return House(session, organization, center, second, officer, officer_worker, worker)


@pytest.fixture
def browser(app: Flask, house: House, time: SetClock) -> Browser:
    """The protection officer's browser."""
    return signed_in(app, house.officer, now=time.moment)  # type: ignore[return-value]
