"""Makers of what tests need: they read as English and put real rows into the session."""

import itertools
import re
from datetime import UTC, date, datetime
from uuid import uuid4

import pyotp
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from partner_compliance.access import Role
from partner_compliance.accounts import operations as accounts
from partner_compliance.accounts import queries as account_queries
from partner_compliance.accounts.models import Authenticator, Passkey, User
from partner_compliance.accounts.sealing import Vault
from partner_compliance.acts import PLATFORM_LOG, SYSTEM
from partner_compliance.clock import local_date
from partner_compliance.database import open_session
from partner_compliance.history.models import LogState
from partner_compliance.history.operations import open_log, write_acts
from partner_compliance.library.checklists import Answer, Checklist
from partner_compliance.organizations.models import (
    Center,
    Engagement,
    EngagementBasis,
    LegalForm,
    Municipality,
    Organization,
    Worker,
    WorkerKind,
)
from partner_compliance.roster import operations as roster
from partner_compliance.roster.models import ChangeSource
from partner_compliance.sheets.operations import Filled, Given
from tests.conftest import NOON, SECRET_KEY

_numbers = itertools.count(1)

PASSWORD = "correct horse battery staple"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
VAULT = Vault(SECRET_KEY)
LONG_AGO = datetime(2024, 4, 1, tzinfo=UTC)


def a_municipality(session: Session, name: str = "みなと市", code: str | None = None) -> Municipality:
    made = Municipality(id=uuid4(), code=code or f"{next(_numbers):06d}", name=name, created_at=NOON)
    session.add(made)
    open_log(session, made.id, "municipality", now=NOON)
    return made


def an_organization(session: Session, name: str = "NPO法人 はまかぜ", first_month: str = "2026-01") -> Organization:
    made = Organization(
        id=uuid4(), name=name, legal_form=LegalForm.NPO, representative_name="", submission_business_day=5,
        sign_off_business_day=10, first_month=first_month, created_at=NOON,
    )  # fmt: skip
    session.add(made)
    open_log(session, made.id, "organization", now=NOON)
    return made


def a_center(session: Session, organization: Organization, name: str = "本部") -> Center:
    made = Center(organization_id=organization.id, id=uuid4(), name=name, opened_on=date(2024, 4, 1))
    session.add(made)
    session.flush()
    return made


def a_worker(
    session: Session,
    center: Center,
    name: str = "山田 花子",
    *,
    user: User | None = None,
    joined_on: date = date(2024, 4, 1),
    left_on: date | None = None,
    files_sheets: bool = True,
    registered_at: datetime = LONG_AGO,
) -> Worker:
    made = Worker(
        organization_id=center.organization_id, id=uuid4(), center_id=center.id, user_id=user.id if user else None,
        name=name, name_kana="", kind=WorkerKind.REGULAR, is_handler=True, files_sheets=files_sheets,
        joined_on=joined_on, left_on=left_on, registered_at=registered_at,
    )  # fmt: skip
    session.add(made)
    session.flush()
    facts = roster.facts_of(session, made)
    roster.keep_version(session, made, facts, 1, source=ChangeSource.SETUP, by=SYSTEM, now=registered_at)
    return made


def a_user(session: Session, name: str = "山田 花子", password: str | None = None, email: str | None = None) -> User:
    return accounts.create_user(
        session, name=name, login_name=f"user-{next(_numbers)}", email=email, password=password, now=NOON
    )


def someone(
    session: Session, center: Center, *roles: Role, name: str = "山田 花子", password: str | None = None
) -> tuple[User, Worker]:
    """A person on the roster with an account and some roles (a worker's at least)."""
    user = a_user(session, name, password)
    worker = a_worker(session, center, name, user=user)
    for role in dict.fromkeys((Role.WORKER, *roles)):
        of_center = center if role is Role.CENTER_HEAD else None
        accounts.grant_role(session, worker, role, center=of_center, by=SYSTEM, now=NOON)
    return user, worker


def an_officer_of(session: Session, municipality: Municipality, name: str = "市役所 太郎") -> User:
    user = a_user(session, name)
    accounts.grant_municipality_role(session, user, municipality.id, by=SYSTEM, now=NOON)
    return user


def an_operator(session: Session, name: str = "運営 次郎") -> User:
    if session.get(LogState, PLATFORM_LOG) is None:
        open_log(session, PLATFORM_LOG, "platform", now=NOON)
    user = a_user(session, name)
    accounts.grant_operator_role(session, user, by=SYSTEM, now=NOON)
    return user


def an_engagement(
    session: Session,
    municipality: Municipality,
    organization: Organization,
    starts_on: date = date(2025, 4, 1),
    ends_on: date = date(2027, 3, 31),
    cancelled_on: date | None = None,
    accepted_at: datetime | None = LONG_AGO,
) -> Engagement:
    made = Engagement(
        organization_id=organization.id, id=uuid4(), municipality_id=municipality.id,
        basis=EngagementBasis.OUTSOURCING, title="見守り強化事業", starts_on=starts_on, ends_on=ends_on,
        cancelled_on=cancelled_on, accepted_at=accepted_at,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def an_authenticator(session: Session, user: User, secret: str = TOTP_SECRET, *, now: datetime = NOON) -> Authenticator:
    """An authenticator app that is set up to its end; `code_of` says what it shows."""
    made = Authenticator(user_id=user.id, secret=VAULT.seal(secret), confirmed_at=now)
    session.add(made)
    session.flush()
    return made


def code_of(now: datetime, secret: str = TOTP_SECRET) -> str:
    """What the app shows at that moment."""
    return pyotp.TOTP(secret).at(now)


def a_passkey(session: Session, user: User, name: str = "スマートフォン", *, now: datetime = NOON) -> Passkey:
    """A registered passkey, of a device that nobody has at hand."""
    made = Passkey(
        id=uuid4(), user_id=user.id, credential_id=uuid4().bytes, public_key=b"key", sign_count=0, name=name,
        added_at=now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def principal_of(session: Session, user: User, now: datetime = NOON):
    return account_queries.principal_of(session, user, strength="password", today=local_date(now))


def all_fine(checklist: Checklist, *, head: bool = False, **changed: tuple[Answer, str]) -> Filled:
    """A complete sheet, everything 適正, but for `item_1_2=(Answer.NOT_OK, "note")`."""
    answers = {number: Given(Answer.OK) for number in checklist.items_for(head)}
    for name, (answer, note) in changed.items():
        answers[name.removeprefix("item_").replace("_", "-")] = Given(answer, note)
    return Filled(answers)


def as_form(filled: Filled, **more: str) -> dict[str, str]:
    """A sheet as a browser sends it."""
    form = dict(more)
    for number, given in filled.answers.items():
        if given.answer:
            form[f"answer-{number}"] = given.answer.value
        form[f"note-{number}"] = given.note
    return form


def signed_in(app: Flask, user: User, *, now: datetime = NOON) -> FlaskClient:
    """A browser in which that person is signed in; its posts carry the CSRF token by themselves."""
    with open_session(app.extensions["engine"], write_acts=write_acts) as session:
        _, secret = accounts.start_sign_in(session, session.get_one(User, user.id), strength="password+totp", now=now)
        session.commit()
    client = Browser(app, app.response_class, use_cookies=True)
    with client.session_transaction() as cookie:
        cookie["token"] = secret
        cookie.permanent = True
    return client


_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Browser(FlaskClient):
    """A client that sends the CSRF token of the last page it got, as a browser does with a form."""

    csrf_token = ""

    def open(self, *args, **kwargs):
        if kwargs.get("method") == "POST" and isinstance(kwargs.get("data", {}), dict | type(None)):
            if not self.csrf_token:
                super().open("/password-reset", method="GET")
                self._learn(super().open("/password-reset", method="GET"))
            kwargs["data"] = {"csrf_token": self.csrf_token, **(kwargs.get("data") or {})}
        response = super().open(*args, **kwargs)
        self._learn(response)
        return response

    def _learn(self, response) -> None:
        if response.mimetype == "text/html" and (found := _TOKEN.search(response.text)):
            self.csrf_token = found[1]
