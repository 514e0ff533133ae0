"""The pages of case meetings: the convener's, and the one on which everyone signs without an account."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from partner_compliance import acts, clock
from partner_compliance.access import Principal, guarded, public
from partner_compliance.accounts.views import drop_held_input, leave_browser, typed_before
from partner_compliance.acts import Act
from partner_compliance.councils import codes, operations, paper, policy, queries
from partner_compliance.councils.forms import MeetingForm, ReadOutForm, RosterForm, SeatForm
from partner_compliance.councils.models import CaseMeeting, MeetingSeat
from partner_compliance.councils.operations import MeetingFacts
from partner_compliance.councils.views import COUNCIL, bp
from partner_compliance.councils.words import SignatureWay
from partner_compliance.errors import InvalidInput, Refused, RuleBroken
from partner_compliance.organizations.models import Municipality
from partner_compliance.pledges.words import CONFIRMATION
from partner_compliance.web import (
    database_session,
    file_response,
    library,
    page_asked_for,
    put_at_field,
    qr_picture,
    restores_input,
    settings,
)


@bp.get("/municipalities/<uuid:municipality_id>/case-meetings")
@guarded(policy.may_run, municipality=Municipality)
def meetings(principal: Principal, municipality: Municipality) -> ResponseReturnValue:
    """The case meetings of a municipality, the latest first."""
    session = database_session()
    page = page_asked_for(queries.how_many_meetings(session, municipality.id))
    rows = queries.meetings_of(session, municipality.id, limit=page.size, offset=page.offset)
    return render_template("councils/meetings.html", municipality=municipality, rows=rows, page=page)


@bp.route("/municipalities/<uuid:municipality_id>/case-meetings/new", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_run, municipality=Municipality)
def convene(principal: Principal, municipality: Municipality) -> ResponseReturnValue:
    """Write down a case meeting."""
    held = typed_before()
    form = MeetingForm(
        **({"formdata": held} if held else {}), council=COUNCIL,
        held_on=clock.today(), convener=f"{municipality.name}　{principal.name}",
    )  # fmt: skip
    if form.validate_on_submit():
        facts = MeetingFacts(
            form.council.data or "", form.number.data or "", form.held_on.data, form.place.data or "",
            form.convener.data or "",
        )  # fmt: skip
        try:
            made = operations.convene(
                database_session(), library(), municipality, facts, by=principal, now=clock.now(),
                request_key=form.request_key.data,
            )  # fmt: skip
        except InvalidInput as error:
            put_at_field(form, error, "number")
        else:
            drop_held_input()
            return redirect(url_for(".meeting", meeting_id=made.id), 303)
    page = render_template("councils/convene.html", form=form, municipality=municipality)
    return page, 422 if form.errors else 200


@bp.get("/case-meetings/<uuid:meeting_id>")
@guarded(policy.may_run_meeting, meeting=CaseMeeting)
def meeting(principal: Principal, meeting: CaseMeeting) -> ResponseReturnValue:
    """A meeting with its roster, and what the convener does with it."""
    _note_look(principal, meeting)
    return _page(principal, meeting)


def _note_look(principal: Principal, meeting: CaseMeeting) -> None:
    acts.record(
        database_session(),
        Act(
            meeting.municipality_id, "meeting.viewed", clock.now(), principal.actor, object_kind="case_meeting",
            object_id=meeting.id, details={"meeting": meeting.number}, is_look=True,
        ),
    )  # fmt: skip


def _page(
    principal: Principal,
    meeting: CaseMeeting,
    *,
    seat: SeatForm | None = None,
    said: ReadOutForm | None = None,
    refusal: Refused | None = None,
) -> ResponseReturnValue:
    roster = queries.roster_of(database_session(), meeting)
    sent: Any = seat or said
    page = render_template(
        "councils/meeting.html",
        roster=roster,
        meeting=meeting,
        number=queries.meeting_number(meeting),
        seat=seat or SeatForm(formdata=None),
        said=said or ReadOutForm(formdata=None, said_by=principal.name),
        sent=sent,
        refusal=refusal,
        is_today=clock.today() >= meeting.held_on,
        may_sign=meeting.held_on - codes.EARLIEST <= clock.today() <= meeting.held_on,
    )
    return page, refusal.status if refusal else 422 if sent is not None and sent.errors else 200


def _back(meeting: CaseMeeting) -> ResponseReturnValue:
    return redirect(url_for(".meeting", meeting_id=meeting.id), 303)


@bp.post("/case-meetings/<uuid:meeting_id>/seats")
@guarded(policy.may_run_meeting, meeting=CaseMeeting)
def expect(principal: Principal, meeting: CaseMeeting) -> ResponseReturnValue:
    """Write down somebody who will come."""
    form = SeatForm()
    if form.validate_on_submit():
        try:
            operations.expect(database_session(), meeting, form.person(), by=principal, now=clock.now())
        except InvalidInput as error:
            put_at_field(form, error, "name")
        except RuleBroken as error:
            return _page(principal, meeting, seat=form, refusal=error)
        else:
            return _back(meeting)
    return _page(principal, meeting, seat=form)


def _meeting_of(seat: MeetingSeat) -> CaseMeeting:
    return database_session().get_one(CaseMeeting, (seat.municipality_id, seat.meeting_id))


@bp.post("/meeting-seats/<uuid:seat_id>/paper")
@guarded(policy.may_run_seat, seat=MeetingSeat)
def enter_paper(principal: Principal, seat: MeetingSeat) -> ResponseReturnValue:
    """Enter that somebody signed the printed roster."""
    meeting = _meeting_of(seat)
    try:
        operations.enter_paper(database_session(), meeting, seat, by=principal, now=clock.now())
    except RuleBroken as error:
        return _page(principal, meeting, refusal=error)
    return _back(meeting)


@bp.post("/meeting-seats/<uuid:seat_id>/absence")
@guarded(policy.may_run_seat, seat=MeetingSeat)
def note_absence(principal: Principal, seat: MeetingSeat) -> ResponseReturnValue:
    """Say that somebody expected did not come."""
    meeting = _meeting_of(seat)
    try:
        operations.note_absence(database_session(), meeting, seat, by=principal, now=clock.now())
    except RuleBroken as error:
        return _page(principal, meeting, refusal=error)
    return _back(meeting)


@bp.post("/case-meetings/<uuid:meeting_id>/reading-out")
@guarded(policy.may_run_meeting, meeting=CaseMeeting)
def read_out(principal: Principal, meeting: CaseMeeting) -> ResponseReturnValue:
    """Record that the duty of secrecy was read out."""
    form = ReadOutForm()
    if form.validate_on_submit():
        try:
            operations.read_out(
                database_session(), meeting, said_by=form.said_by.data or "", by=principal, now=clock.now()
            )
        except InvalidInput as error:
            put_at_field(form, error, "said_by")
        except RuleBroken as error:
            return _page(principal, meeting, said=form, refusal=error)
        else:
            return _back(meeting)
    return _page(principal, meeting, said=form)


@bp.post("/case-meetings/<uuid:meeting_id>/closing")
@guarded(policy.may_run_meeting, meeting=CaseMeeting)
def close(principal: Principal, meeting: CaseMeeting) -> ResponseReturnValue:
    """Close the roster."""
    try:
        operations.close(database_session(), meeting, by=principal, now=clock.now())
    except RuleBroken as error:
        return _page(principal, meeting, refusal=error)
    flash("名簿を締め切りました。印刷して保管できます。", "success")
    return _back(meeting)


@bp.get("/case-meetings/<uuid:meeting_id>/pdf")
@guarded(policy.may_run_meeting, meeting=CaseMeeting)
def roster_pdf(principal: Principal, meeting: CaseMeeting) -> ResponseReturnValue:
    """The roster on paper: to sign while it is open, to keep once it is closed."""
    _note_look(principal, meeting)
    content = paper.roster_pdf(queries.roster_of(database_session(), meeting), made_at=clock.now())
    name = f"出席者名簿_{queries.meeting_number(meeting)}.pdf"
    return file_response(content, name=name, mimetype="application/pdf", inline=True)


# --- signing without an account ---------------------------------------------------------------------------------


def _code(meeting: CaseMeeting) -> str:
    return codes.code_for(meeting.id, meeting.held_on, key=settings().secret_key)


@bp.get("/case-meetings/<uuid:meeting_id>/code")
@guarded(policy.may_run_meeting, meeting=CaseMeeting)
def code(principal: Principal, meeting: CaseMeeting) -> ResponseReturnValue:
    """The QR picture for the room, and the way to pass this tablet round."""
    address = settings().base_url + url_for(".sign", code=_code(meeting))
    return render_template("councils/code.html", meeting=meeting, address=address, qr=qr_picture(address))


@bp.post("/case-meetings/<uuid:meeting_id>/tablet")
@guarded(policy.may_run_meeting, meeting=CaseMeeting)
def pass_round(principal: Principal, meeting: CaseMeeting) -> ResponseReturnValue:
    """Sign out of this device and open the roster on it, so that it can be passed round."""
    address = url_for(".sign", code=_code(meeting), at="table")
    leave_browser()
    answer = redirect(address, 303)
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


@bp.route("/meeting-roster/<code>", methods=["GET", "POST"])
@public
def sign(code: str) -> ResponseReturnValue:
    """Read the text and sign the roster: members and others alike, each for themselves."""
    session, now = database_session(), clock.now()
    meeting_id = codes.meeting_of(code, key=settings().secret_key, now=now)
    meeting = session.scalar(select(CaseMeeting).where(CaseMeeting.id == meeting_id))
    if meeting is None:
        raise codes.NotOpen
    is_tablet = request.args.get("at") == "table"
    roster = queries.roster_of(session, meeting)
    if roster.closed is not None:
        raise operations.RosterClosed
    form = RosterForm()
    refusal: Refused | None = None
    if form.validate_on_submit():
        try:
            operations.sign(
                session, meeting, form.person(), way=SignatureWay.TABLET if is_tablet else SignatureWay.OWN_PHONE,
                digest=form.digest.data or "", now=now, request_key=form.request_key.data,
            )  # fmt: skip
        except InvalidInput as error:
            put_at_field(form, error, "name")
        except RuleBroken as error:
            refusal = error
        else:
            return redirect(url_for(".signed", code=code, at="table" if is_tablet else None), 303)
    form.digest.data = meeting.text_digest
    page = render_template(
        "councils/sign.html", form=form, refusal=refusal, roster=roster, meeting=meeting, confirmation=CONFIRMATION
    )
    return page, refusal.status if refusal else 422 if form.errors else 200


@bp.get("/meeting-roster/<code>/signed")
@public
def signed(code: str) -> ResponseReturnValue:
    """Thanks, and at a tablet the way on for whoever sits next; shows nobody's name."""
    codes.meeting_of(code, key=settings().secret_key, now=clock.now())
    return render_template("councils/signed.html", code=code, is_tablet=request.args.get("at") == "table")
