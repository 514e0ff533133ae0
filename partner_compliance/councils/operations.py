"""What can be done with council papers, and when the rules refuse it."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from partner_compliance import acts
from partner_compliance.access import Principal
from partner_compliance.acts import Act, Actor
from partner_compliance.clock import local_date
from partner_compliance.councils import codes, contents, policy, queries
from partner_compliance.councils.models import (
    CaseMeeting,
    CouncilReply,
    CouncilRequest,
    MeetingEvent,
    MeetingSeat,
    MeetingSignature,
)
from partner_compliance.councils.words import ConsentWay, MeetingEventKind, ReplyKind, SignatureWay
from partner_compliance.engagements.words import CouncilCategory
from partner_compliance.errors import NotAllowed, RuleBroken
from partner_compliance.errors import WrongEntry as WrongEntry
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Municipality, Organization
from partner_compliance.pledges import names

#: What a case is called by: digits, letters and the words of numbering, so that no name of a child fits in.
_NUMBER = re.compile(r"[0-9A-Za-z第号回年度令和の()/・-]{1,30}")
#: More people than any case meeting has; a code that got out fills no roster.
MOST_SEATS = 60
#: A meeting is written down up to a year ahead, and a week afterwards at the latest.
AHEAD, AFTERWARDS = timedelta(days=366), timedelta(days=7)


class AlreadyAsked(RuleBroken):
    message = "この団体には、この協議会の承諾をすでにお願いしています。"
    what_to_do = "一覧から、いまの状態を確認してください。"


class AlreadyReplied(RuleBroken):
    message = "すでに回答されているか、取り下げられています。"
    what_to_do = "最新の状態を確認してください。"


class NotAMember(RuleBroken):
    message = "承諾されていないため、終了の記録はできません。"
    what_to_do = "最新の状態を確認してください。"


class TextChanged(RuleBroken):
    message = "画面を開いた後に、承諾書の文面が変わりました。まだ承諾していません。"
    what_to_do = "新しい文面を読んでから、もう一度承諾してください。"


class RosterClosed(RuleBroken):
    message = "この出席者名簿は、締め切られています。"
    what_to_do = "会議を開いた担当者に確かめてください。"


class AlreadySigned(RuleBroken):
    message = "このお名前の署名は、すでにあります。"
    what_to_do = "同じ団体に同姓同名の方がいるときは、役職も入力して区別してください。"


class TooManySeats(RuleBroken):
    message = f"1つの会議の名簿に書けるのは{MOST_SEATS}人までです。"
    what_to_do = "会議を開いた担当者に確かめてください。"


class AlreadySaid(RuleBroken):
    message = "すでに記録されています。"
    what_to_do = "最新の状態を確認してください。"


class StillUnsigned(RuleBroken):
    message = "署名していない方がいるため、締め切れません。"
    what_to_do = "署名をもらうか、紙の署名を入力してください。来なかった方は「欠席」にしてください。"


# --- members ----------------------------------------------------------------------------------------------------


def ask(
    session: Session,
    municipality: Municipality,
    organization: Organization,
    *,
    council: str,
    category: CouncilCategory,
    by: Principal,
    now: datetime,
    request_key: UUID,
) -> CouncilRequest:
    """Ask an organization to be a member of the council, under a category (児福法25条の5; DOMAIN D02, D06).

    The same `request_key` finds the request of an earlier sending. Raises AlreadyAsked while one for the same
    council waits or holds, and WrongEntry without the council's name.
    """
    found = session.scalar(
        select(CouncilRequest).where(
            CouncilRequest.organization_id == organization.id, CouncilRequest.request_key == request_key
        )
    )
    if found is not None:
        return found
    if not council:
        raise WrongEntry("council", "協議会の名前を入力してください。")
    session.refresh(organization, with_for_update=True)
    if any(
        each.request.municipality_id == municipality.id
        and names.folded(each.request.council) == names.folded(council)
        and (each.is_waiting or each.holds)
        for each in queries.of_organizations(session, [organization.id])
    ):
        raise AlreadyAsked
    made = CouncilRequest(
        organization_id=organization.id, id=uuid4(), municipality_id=municipality.id, council=council,
        category=category, request_key=request_key, made_at=now, made_on=local_date(now), by_id=by.user_id,
        by_name=by.name,
    )  # fmt: skip
    session.add(made)
    session.flush()
    _tell_both(
        session, made, "council.asked", "council_request", made.id, contents.request_content(made),
        {"category": category.value}, by=by.actor, now=now,
    )  # fmt: skip
    return made


def _tell_both(
    session: Session,
    request: CouncilRequest,
    name: str,
    kind: str,
    object_id: UUID,
    content: dict[str, object] | None,
    details: dict[str, str | int | bool | None],
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Write an act into the organization's log, where its row is bound, and into the municipality's."""
    acts.record(
        session,
        Act(
            request.organization_id, name, now, by, object_kind=kind, object_id=object_id, content=content,
            details=details,
        ),
    )  # fmt: skip
    acts.record(session, Act(request.municipality_id, name, now, by, details=details))


@dataclass(frozen=True)
class Consent:
    """What is said with a consent: who consents for the organization and how it can be reached."""

    name: str
    post: str
    address: str
    contact: str
    digest: str
    signed_on: date


def consent(
    session: Session, library: Library, request: CouncilRequest, said: Consent, *, by: Principal, now: datetime
) -> CouncilReply:
    """Consent to be a member: the representative with the own name, or the protection officer from signed paper.

    Raises NotAllowed, AlreadyReplied, TextChanged, and WrongEntry for a name or a day that cannot be.
    """
    if not policy.may_reply(by, request):
        raise NotAllowed
    is_own = policy.represents(by, request)
    today = local_date(now)
    _lock(session, request)
    if not queries.membership_of(session, request).is_waiting:
        raise AlreadyReplied
    signed_on = today if is_own else said.signed_on
    if is_own and (fault := names.difference(said.name, by.name)):
        raise WrongEntry("name", fault)
    if not said.name:
        raise WrongEntry("name", "代表者の氏名を入力してください。")
    if signed_on > today or signed_on < request.made_on - timedelta(days=366):
        raise WrongEntry("signed_on", "署名した日は、今日か、それより前（1年以内）にしてください。")
    wording, text = queries.consent_text(
        library, session.get_one(Organization, request.organization_id).name,
        session.get_one(Municipality, request.municipality_id).name, request.council, request.category, today,
    )  # fmt: skip
    if text.digest != said.digest:
        raise TextChanged
    return _reply(
        session, request, ReplyKind.CONSENTED, by=by, now=now, holds_on=signed_on, text=text.model_dump(mode="json"),
        text_digest=text.digest, edition=wording.edition, way=ConsentWay.SCREEN if is_own else ConsentWay.PAPER,
        name=by.name if is_own else said.name, post=said.post, address=said.address, contact=said.contact,
    )  # fmt: skip


def decline(session: Session, request: CouncilRequest, *, reason: str, by: Principal, now: datetime) -> CouncilReply:
    """Say no, and why. Raises NotAllowed, AlreadyReplied, and WrongEntry without a reason."""
    if not policy.may_reply(by, request):
        raise NotAllowed
    return _close(session, request, ReplyKind.DECLINED, reason, by=by, now=now)


def withdraw(session: Session, request: CouncilRequest, *, reason: str, by: Principal, now: datetime) -> CouncilReply:
    """Take a request back before it is answered. Raises NotAllowed, AlreadyReplied, and WrongEntry without a reason."""
    if not policy.is_municipal(by, request):
        raise NotAllowed
    return _close(session, request, ReplyKind.WITHDRAWN, reason, by=by, now=now)


def _close(
    session: Session, request: CouncilRequest, kind: ReplyKind, reason: str, *, by: Principal, now: datetime
) -> CouncilReply:
    if not reason:
        raise WrongEntry("reason", "理由を入力してください。")
    _lock(session, request)
    if not queries.membership_of(session, request).is_waiting:
        raise AlreadyReplied
    return _reply(session, request, kind, by=by, now=now, holds_on=local_date(now), reason=reason)


def end(
    session: Session, request: CouncilRequest, *, ends_on: date | None, reason: str, by: Principal, now: datetime
) -> CouncilReply:
    """Record that a membership has ended, by either side; the duty of secrecy goes on (児福法25条の5).

    Raises NotAMember, and WrongEntry for a day that cannot be or without a reason.
    """
    _lock(session, request)
    membership = queries.membership_of(session, request)
    if not membership.holds or membership.consent is None:
        raise NotAMember
    if ends_on is None or not membership.consent.holds_on <= ends_on <= local_date(now):
        raise WrongEntry("ends_on", "終了した日は、承諾した日から今日までの間で入力してください。")
    if not reason:
        raise WrongEntry("reason", "理由を入力してください。")
    return _reply(session, request, ReplyKind.ENDED, by=by, now=now, holds_on=ends_on, reason=reason)


def _lock(session: Session, request: CouncilRequest) -> None:
    session.refresh(request, with_for_update=True)


def _reply(
    session: Session, request: CouncilRequest, kind: ReplyKind, *, by: Principal, now: datetime, **facts: object
) -> CouncilReply:
    empty = {"text": None, "text_digest": "", "edition": "", "way": None, "name": "", "post": "", "address": "",
             "contact": "", "reason": ""}  # fmt: skip
    made = CouncilReply(
        organization_id=request.organization_id, id=uuid4(), municipality_id=request.municipality_id,
        request_id=request.id, kind=kind, made_at=now, by_id=by.user_id, by_name=by.name, **empty | facts,
    )  # fmt: skip
    session.add(made)
    try:
        session.flush()
    except IntegrityError:  # two replied at the same moment
        raise AlreadyReplied from None
    _tell_both(
        session, request, f"council.{kind.value}", "council_reply", made.id, contents.reply_content(made), {},
        by=by.actor, now=now,
    )  # fmt: skip
    return made


# --- meetings ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MeetingFacts:
    """When, where and by whom a meeting is held, and the number of its case."""

    council: str
    number: str
    held_on: date
    place: str
    convener: str


def tidy_number(number: str) -> str:
    """A case's number as it is kept: of one width, without spaces; raises WrongEntry for what could be a name."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", number))
    if not _NUMBER.fullmatch(plain):
        raise WrongEntry(
            "number",
            "番号は、数字・英字と「第」「号」「回」「年度」などだけで入力してください。お子さんの名前は書かないでください。",
        )
    return plain


def convene(
    session: Session,
    library: Library,
    municipality: Municipality,
    facts: MeetingFacts,
    *,
    by: Principal,
    now: datetime,
    request_key: UUID,
) -> CaseMeeting:
    """Write down a case meeting with the text that everyone there will agree to (DOMAIN D05, D07).

    The same `request_key` finds the meeting of an earlier sending. Raises WrongEntry for what is missing, for a number
    that could be a name, and for a day that cannot be.
    """
    found = session.scalar(
        select(CaseMeeting).where(
            CaseMeeting.municipality_id == municipality.id, CaseMeeting.request_key == request_key
        )
    )
    if found is not None:
        return found
    today = local_date(now)
    number = tidy_number(facts.number)
    for field, value, said in (
        ("council", facts.council, "協議会の名前を入力してください。"),
        ("place", facts.place, "会場を入力してください。"),
        ("convener", facts.convener, "会議を開く人の所属と氏名を入力してください。"),
    ):
        if not value:
            raise WrongEntry(field, said)
    if not today - AFTERWARDS <= facts.held_on <= today + AHEAD:
        raise WrongEntry("held_on", "会議の日は、1週間前から1年先までの間で入力してください。")
    wording, text = queries.meeting_text(library, municipality.name, facts.council, facts.held_on)
    made = CaseMeeting(
        municipality_id=municipality.id, id=uuid4(), council=facts.council, number=number, held_on=facts.held_on,
        place=facts.place, convener=facts.convener, text=text.model_dump(mode="json"), text_digest=text.digest,
        edition=wording.edition, request_key=request_key, made_at=now, made_on=today, by_id=by.user_id,
        by_name=by.name,
    )  # fmt: skip
    session.add(made)
    session.flush()
    acts.record(
        session,
        Act(
            municipality.id, "meeting.convened", now, by.actor, object_kind="case_meeting", object_id=made.id,
            content=contents.meeting_content(made), details={"meeting": number},
        ),
    )  # fmt: skip
    return made


@dataclass(frozen=True)
class Person:
    """Somebody at a meeting."""

    organization: str
    post: str
    name: str
    is_member: bool


def expect(session: Session, meeting: CaseMeeting, person: Person, *, by: Principal, now: datetime) -> MeetingSeat:
    """Write down somebody who will come. Raises RosterClosed, AlreadySigned for a name that is there, TooManySeats."""
    roster = _open_roster(session, meeting)
    if any(_is(each.seat, person) and not each.is_absent for each in roster.seats):
        raise AlreadySigned("この方は、すでに名簿にあります。", "名簿を確かめてください。")
    return _add_seat(session, roster, person, is_expected=True, by=by.actor, now=now)


def _open_roster(session: Session, meeting: CaseMeeting) -> queries.Roster:
    session.refresh(meeting, with_for_update=True)
    roster = queries.roster_of(session, meeting)
    if roster.closed is not None:
        raise RosterClosed
    return roster


def _is(seat: MeetingSeat, person: Person) -> bool:
    return (
        names.is_same(person.name, seat.name or "")
        and names.folded(person.organization) == names.folded(seat.organization)
        and (not person.post or not seat.post or names.folded(person.post) == names.folded(seat.post))
    )


def _add_seat(
    session: Session, roster: queries.Roster, person: Person, *, is_expected: bool, by: Actor, now: datetime
) -> MeetingSeat:
    for field, value, said in (
        ("organization", person.organization, "団体・機関の名前を入力してください。"),
        ("name", person.name, "氏名を入力してください。"),
    ):
        if not value:
            raise WrongEntry(field, said)
    if len(roster.seats) >= MOST_SEATS:
        raise TooManySeats
    meeting = roster.meeting
    made = MeetingSeat(
        municipality_id=meeting.municipality_id, id=uuid4(), meeting_id=meeting.id, organization=person.organization,
        post=person.post, name=person.name, is_member=person.is_member, is_expected=is_expected, added_at=now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    acts.record(
        session,
        Act(
            meeting.municipality_id, "meeting.seated", now, by, object_kind="meeting_seat", object_id=made.id,
            content=contents.seat_content(made), details={"meeting": meeting.number},
        ),
    )  # fmt: skip
    return made


def sign(
    session: Session,
    meeting: CaseMeeting,
    person: Person,
    *,
    way: SignatureWay,
    digest: str,
    now: datetime,
    request_key: UUID,
) -> MeetingSignature:
    """Sign a roster oneself, at the own phone or a tablet that is passed round; members and others do the same.

    Who is expected signs at the own seat, everyone else is written down. The same `request_key` finds the signature of
    an earlier sending. Raises codes.NotOpen on another day, RosterClosed, TextChanged, AlreadySigned, TooManySeats, and
    WrongEntry for what is missing.
    """
    found = session.scalar(
        select(MeetingSignature).where(
            MeetingSignature.municipality_id == meeting.municipality_id, MeetingSignature.request_key == request_key
        )
    )
    if found is not None:
        return found
    if not meeting.held_on - codes.EARLIEST <= local_date(now) <= meeting.held_on:
        raise codes.NotOpen
    roster = _open_roster(session, meeting)
    if digest != meeting.text_digest:
        raise TextChanged(
            "送られた文面が、この会議の文面と違います。まだ署名していません。",
            "ページを開き直して、もう一度署名してください。",
        )
    same = [each for each in roster.seats if _is(each.seat, person)]
    if any(each.signature is not None for each in same):
        raise AlreadySigned
    actor = Actor(None, person.name, "link")
    expected = next((each.seat for each in same if not each.is_absent), None)
    seat = expected or _add_seat(session, roster, person, is_expected=False, by=actor, now=now)
    return _keep_signature(session, seat, meeting, way, person.name, request_key, by=actor, now=now)


def enter_paper(session: Session, meeting: CaseMeeting, seat: MeetingSeat, *, by: Principal, now: datetime) -> None:
    """Enter that somebody on the roster signed it on paper. Raises RosterClosed, and AlreadySigned when it is there."""
    roster = _open_roster(session, meeting)
    mine = next(each for each in roster.seats if each.seat.id == seat.id)
    if not mine.is_open:
        raise AlreadySigned
    _keep_signature(session, seat, meeting, SignatureWay.PAPER, "", uuid4(), by=by.actor, now=now)


def _keep_signature(
    session: Session,
    seat: MeetingSeat,
    meeting: CaseMeeting,
    way: SignatureWay,
    typed_name: str,
    request_key: UUID,
    *,
    by: Actor,
    now: datetime,
) -> MeetingSignature:
    made = MeetingSignature(
        municipality_id=meeting.municipality_id, id=uuid4(), meeting_id=meeting.id, seat_id=seat.id, way=way,
        typed_name=typed_name, text_digest=meeting.text_digest, signed_at=now, request_key=request_key,
        by_id=by.user_id, by_name=by.name if by.user_id else "",
    )  # fmt: skip
    session.add(made)
    try:
        session.flush()
    except IntegrityError:  # the same form, sent twice at the same moment
        raise AlreadySigned from None
    acts.record(
        session,
        Act(
            meeting.municipality_id, "meeting.signed", now, by, object_kind="meeting_signature", object_id=made.id,
            content=contents.signature_content(made), details={"meeting": meeting.number, "way": way.value},
        ),
    )  # fmt: skip
    return made


def read_out(session: Session, meeting: CaseMeeting, *, said_by: str, by: Principal, now: datetime) -> MeetingEvent:
    """Record that the duty of secrecy was read out at the beginning (DOMAIN D05).

    Raises RosterClosed, AlreadySaid, and WrongEntry without a name or before the day of the meeting.
    """
    roster = _open_roster(session, meeting)
    if roster.read_out is not None:
        raise AlreadySaid
    if not said_by:
        raise WrongEntry("said_by", "読み上げた方の氏名を入力してください。")
    if local_date(now) < meeting.held_on:
        raise WrongEntry("said_by", "読み上げは、会議の日に記録してください。")
    return _keep_event(session, meeting, MeetingEventKind.READ_OUT, said_by=said_by, by=by, now=now)


def note_absence(session: Session, meeting: CaseMeeting, seat: MeetingSeat, *, by: Principal, now: datetime) -> None:
    """Say that somebody expected did not come. Raises RosterClosed, AlreadySaid, AlreadySigned."""
    roster = _open_roster(session, meeting)
    mine = next(each for each in roster.seats if each.seat.id == seat.id)
    if mine.is_absent:
        raise AlreadySaid
    if mine.signature is not None:
        raise AlreadySigned("この方は、署名しています。", "名簿を確かめてください。")
    _keep_event(session, meeting, MeetingEventKind.ABSENT, seat=seat, by=by, now=now)


def close(session: Session, meeting: CaseMeeting, *, by: Principal, now: datetime) -> MeetingEvent:
    """Close a roster: nobody signs any more. Raises RosterClosed, and StillUnsigned while somebody has not signed."""
    roster = _open_roster(session, meeting)
    if any(each.is_open for each in roster.seats):
        raise StillUnsigned
    return _keep_event(session, meeting, MeetingEventKind.CLOSED, by=by, now=now)


def _keep_event(
    session: Session,
    meeting: CaseMeeting,
    kind: MeetingEventKind,
    *,
    seat: MeetingSeat | None = None,
    said_by: str = "",
    by: Principal,
    now: datetime,
) -> MeetingEvent:
    made = MeetingEvent(
        municipality_id=meeting.municipality_id, id=uuid4(), meeting_id=meeting.id, kind=kind,
        seat_id=seat.id if seat else None, said_by=said_by, at=now, by_id=by.user_id, by_name=by.name,
    )  # fmt: skip
    session.add(made)
    session.flush()
    acts.record(
        session,
        Act(
            meeting.municipality_id, f"meeting.{kind.value}", now, by.actor, object_kind="meeting_event",
            object_id=made.id, content=contents.event_content(made), details={"meeting": meeting.number},
        ),
    )  # fmt: skip
    return made
