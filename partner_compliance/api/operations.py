"""What can be done with tokens: make one, take it back, and write down that it was used."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from partner_compliance import acts
from partner_compliance.access import Principal
from partner_compliance.accounts import operations as accounts
from partner_compliance.acts import Act, Actor
from partner_compliance.api import contents, queries
from partner_compliance.api.models import ApiCall, ApiToken, ApiTokenEnd
from partner_compliance.api.words import Scope
from partner_compliance.clock import local_date, start_of
from partner_compliance.errors import RuleBroken, TooMany, WrongEntry
from partner_compliance.organizations.models import Municipality
from partner_compliance.web import control_characters

#: Every secret begins with this, so that a scan for secrets knows one when it finds it; 1 is the form of the rest.
PREFIX = "pc1_"
#: How much of a secret is kept to recognize it by: of 43 random characters, 37 stay unknown.
_SHOWN = len(PREFIX) + 6
#: A token holds for a year at most.
LONGEST = timedelta(days=366)
#: More systems than any municipality has.
MOST_TOKENS = 50
LONGEST_NAME = 60


class AlreadyMade(RuleBroken):
    message = "このAPIキーは、すでに作られています。キーの文字は、もう一度は表示できません。"
    what_to_do = "控えていないときは、一覧からそのキーを取り消し、新しく作ってください。"


class TooManyTokens(RuleBroken):
    message = f"使えるAPIキーは、1つの自治体で{MOST_TOKENS}個までです。"
    what_to_do = "使っていないキーを取り消してから、もう一度作ってください。"


class AlreadyRevoked(RuleBroken):
    message = "このAPIキーは、すでに取り消されています。"
    what_to_do = "一覧で、いまの状態を確認してください。"


def make_token(
    session: Session,
    municipality: Municipality,
    *,
    name: str,
    scopes: Iterable[Scope],
    expires_on: date,
    by: Principal,
    now: datetime,
    request_key: UUID,
) -> tuple[ApiToken, str]:
    """Make a token for a system of a municipality; returns it with its secret, which nobody can read again.

    Raises WrongEntry for an unusable name, no scope, or a last day that is past or more than 366 days ahead,
    AlreadyMade for the `request_key` of an earlier one, TooManyTokens beyond 50 that can be used.
    """
    # The municipality's row is the lock: two officers at once make no more tokens than there may be.
    session.refresh(municipality, with_for_update=True)
    earlier = select(ApiToken.id).where(
        ApiToken.municipality_id == municipality.id, ApiToken.request_key == request_key
    )
    if session.scalar(earlier) is not None:
        raise AlreadyMade
    today = local_date(now)
    asked = sorted(set(scopes))
    _refuse_unusable(name, asked, expires_on, today)
    if queries.how_many_usable(session, municipality.id, today=today) >= MOST_TOKENS:
        raise TooManyTokens
    secret = PREFIX + secrets.token_urlsafe(32)
    made = ApiToken(
        municipality_id=municipality.id, id=uuid4(), name=name, scopes=[each.value for each in asked],
        hint=secret[:_SHOWN], digest=accounts.digest(secret), expires_on=expires_on, request_key=request_key,
        made_at=now, by_id=by.user_id, by_name=by.name,
    )  # fmt: skip
    session.add(made)
    session.flush()
    acts.record(
        session,
        Act(
            municipality.id, "api.token_made", now, by.actor, object_kind="api_token", object_id=made.id,
            content=contents.token_content(made), details={"system": name, "hint": made.hint},
        ),
    )  # fmt: skip
    return made, secret


def _refuse_unusable(name: str, scopes: list[Scope], expires_on: date, today: date) -> None:
    if not name or len(name) > LONGEST_NAME or control_characters(name, allow_lines=False):
        raise WrongEntry("name", f"システムの名前を、{LONGEST_NAME}文字以内で入力してください。")
    if not scopes:
        raise WrongEntry("scopes", "できることを、1つ以上選んでください。")
    if not today <= expires_on <= today + LONGEST:
        raise WrongEntry("expires_on", "使える最後の日は、今日から1年（366日）以内の日にしてください。")


def revoke(session: Session, token: ApiToken, *, by: Principal, now: datetime) -> ApiTokenEnd:
    """Take a token back: its next use is refused. Raises AlreadyRevoked."""
    session.scalar(select(Municipality.id).where(Municipality.id == token.municipality_id).with_for_update())
    if queries.end_of(session, token) is not None:
        raise AlreadyRevoked
    made = ApiTokenEnd(
        municipality_id=token.municipality_id, id=uuid4(), token_id=token.id, at=now, by_id=by.user_id, by_name=by.name
    )
    session.add(made)
    session.flush()
    acts.record(
        session,
        Act(
            token.municipality_id, "api.token_revoked", now, by.actor, object_kind="api_token_end", object_id=made.id,
            content=contents.end_content(made), details={"system": token.name, "hint": token.hint},
        ),
    )  # fmt: skip
    return made


# --- use --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Use:
    """One use of a token: by which system of which municipality, what it asked, and about which partner."""

    token_id: UUID
    token_name: str
    municipality_id: UUID
    municipality_name: str
    endpoint: str
    organization_id: UUID | None = None


def write_use(session: Session, use: Use, *, status: int, now: datetime) -> None:
    """Count a use and write it down with the status of its answer.

    A use beyond the limit is counted and written once; then nothing is until the minute is over, so that a system that
    has gone mad fills no disk. The partner's history tells of the first answer of a day about it.
    """
    try:
        accounts.refuse_too_many(
            session, queries.counter_of(use.token_id), limit=queries.MOST_CALLS + 1, within=queries.WITHIN, now=now
        )
    except TooMany:
        return
    if use.organization_id is not None and status == 200 and not _is_told(session, use, now):
        by = Actor(None, f"{use.municipality_name}のシステム（{use.token_name}）", "token")
        acts.record(session, Act(use.organization_id, "api.asked", now, by, details={"asked": use.endpoint}))
    session.add(
        ApiCall(
            municipality_id=use.municipality_id, id=uuid4(), token_id=use.token_id, at=now, endpoint=use.endpoint,
            organization_id=use.organization_id, status=status,
        )
    )  # fmt: skip
    session.flush()


def _is_told(session: Session, use: Use, now: datetime) -> bool:
    """Whether the partner's history tells of this today already."""
    earlier = select(func.count()).where(
        ApiCall.municipality_id == use.municipality_id,
        ApiCall.token_id == use.token_id,
        ApiCall.organization_id == use.organization_id,
        ApiCall.at >= start_of(local_date(now)),
        ApiCall.endpoint == use.endpoint,
        ApiCall.status == 200,
    )
    return bool(session.scalar(earlier))
