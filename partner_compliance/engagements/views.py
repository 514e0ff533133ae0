"""The pages of engagements: both sides read them, the municipality proposes, the organization answers."""

from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from partner_compliance import clock
from partner_compliance.access import Principal, guarded
from partner_compliance.accounts.views import drop_held_input, held_input
from partner_compliance.engagements import operations, paper, places, policy, queries, showing
from partner_compliance.engagements.forms import (
    AssignmentForm,
    ChangeForm,
    ClausesForm,
    DeclineForm,
    EndForm,
    NoticeAnswerForm,
    PlaceChangeForm,
    PlaceClosingForm,
    PlaceFields,
    PlaceForm,
    ProposalForm,
    TermsForm,
    as_fields,
    clauses_form,
)
from partner_compliance.engagements.models import Place, PlaceNotice
from partner_compliance.engagements.words import DataClass, Mode, NoticeReply, state_on
from partner_compliance.errors import InvalidInput, Refused, RuleBroken, TooMany
from partner_compliance.organizations.models import Engagement, Municipality, Organization
from partner_compliance.organizations.queries import centers_of
from partner_compliance.roster.models import Post
from partner_compliance.web import (
    Form,
    database_session,
    file_response,
    keep_work,
    library,
    page_asked_for,
    restores_input,
)

bp = Blueprint("engagements", __name__, template_folder="templates")

AnyForm = TypeVar("AnyForm", bound=Form)


def _filled(form_class: type[AnyForm], /, **data: Any) -> AnyForm:
    """A form with what was typed when the sign-in ran out, else with what is kept."""
    held = held_input() if request.method == "GET" else None
    if held:
        return form_class(formdata=MultiDict([(name, value) for name, values in held.items() for value in values]))
    return form_class(**data)


def _shown(template: str, form: Form, refusal: Refused | None = None, **context: Any) -> tuple[str, int]:
    """A page with a form; one that comes back, or that a rule refused, is never a success."""
    failed = bool(form.errors)
    page = render_template(
        template, form=form, refusal=refusal, is_unsaved=failed or bool(refusal) or held_input() is not None, **context
    )
    return page, refusal.status if refusal else 422 if failed else 200


def _put_faults(form: Form, faults: dict[str, str]) -> None:
    """Say at each field what is wrong with it; what belongs to no field stands above them all."""
    for name, message in faults.items():
        if name in form:
            form[name].errors = [*form[name].errors, message]
        else:
            form.form_errors.append(message)


# --- the organization's list ------------------------------------------------------------------------------------


@bp.get("/organizations/<uuid:organization_id>/engagements")
@guarded(policy.may_see_engagements, organization=Organization)
def of_organization(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """With whom the organization works, what waits for its answer, and its code."""
    session = database_session()
    may_keep_code = policy.may_keep_code(principal, organization)
    return render_template(
        "engagements/of_organization.html",
        organization=organization,
        rows=queries.engagements_of_organization(session, organization.id, clock.today()),
        may_keep_code=may_keep_code,
        code=queries.code_of(session, organization.id) if may_keep_code else None,
    )


@bp.post("/organizations/<uuid:organization_id>/partner-code")
@guarded(policy.may_keep_code, organization=Organization)
def renew_code(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """Make a new code; the one before no longer works."""
    operations.renew_code(database_session(), organization, by=principal.actor, now=clock.now())
    flash("新しい連携コードを作りました。前のコードは使えなくなりました。", "success")
    return redirect(url_for(".of_organization", organization_id=organization.id), 303)


# --- the municipality's list and proposals ----------------------------------------------------------------------


@bp.get("/municipalities/<uuid:municipality_id>/engagements")
@guarded(policy.may_see_proposals, municipality=Municipality)
def of_municipality(principal: Principal, municipality: Municipality) -> ResponseReturnValue:
    """The municipality's engagements, those that end first coming first."""
    session, today = database_session(), clock.today()
    choice = request.args.get("show", "open")
    choice = choice if choice in queries.CHOICES else "open"
    page = page_asked_for(queries.how_many_engagements(session, municipality.id, choice, today))
    return render_template(
        "engagements/of_municipality.html",
        municipality=municipality,
        rows=queries.engagements_of_municipality(
            session, municipality.id, choice, today, limit=page.size, offset=page.offset
        ),
        page=page,
        choice=choice,
        choices=queries.CHOICES,
    )


@bp.route("/municipalities/<uuid:municipality_id>/engagements/new", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_see_proposals, municipality=Municipality)
def propose(principal: Principal, municipality: Municipality) -> ResponseReturnValue:
    """Propose an engagement to an organization."""
    session = database_session()
    partners = queries.known_partners(session, municipality.id)
    form = _filled(ProposalForm, partner=request.args.get("partner", ""))
    form.offer(partners)
    refusal: Refused | None = None
    if form.validate_on_submit():
        try:
            organization = _organization_named(principal, municipality, form, dict(partners))
            if organization is not None:
                made = operations.propose_engagement(
                    session, municipality, organization, form.terms(), by=principal.actor, now=clock.now()
                )
                drop_held_input()
                flash("提案を送りました。団体が承諾すると有効になります。", "success")
                return redirect(url_for(".show", engagement_id=made.id), 303)
        except operations.WrongTerms as wrong:
            _put_faults(form, wrong.faults)
        except RuleBroken as error:
            refusal = error
    return _terms_page("engagements/propose.html", form, refusal, municipality=municipality)


def _organization_named(
    principal: Principal, municipality: Municipality, form: ProposalForm, partners: dict[UUID, str]
) -> Organization | None:
    """The organization that was chosen by name or by its code; None when the form says why it is none."""
    chosen, code = form.partner.data, form.code.data
    if bool(chosen) == bool(code):
        message = "団体を一覧から選ぶか、連携コードを入力してください。"
        form.code.errors = [message if not chosen else "団体を選んだときは、連携コードを空にしてください。"]
        return None
    session = database_session()
    if chosen:
        return session.get_one(Organization, next(each for each in partners if str(each) == chosen))
    # Every try counts, also one that is refused: what this request has counted stays.
    keep_work()
    try:
        return operations.organization_by_code(session, municipality, code, by=principal.actor, now=clock.now())
    except operations.UnknownCode as unknown:
        form.code.errors = [unknown.message + unknown.what_to_do]
        return None
    except TooMany as flood:
        raise TooMany(
            "連携コードの入力が続いたため、受け付けを止めています。", "1時間ほどおいてから、もう一度お試しください。"
        ) from flood


def _terms_page(template: str, form: TermsForm, refusal: Refused | None, **context: Any) -> ResponseReturnValue:
    return _shown(template, form, refusal, classes=list(DataClass), modes=list(Mode), **context)


# --- one engagement ---------------------------------------------------------------------------------------------


@bp.get("/engagements/<uuid:engagement_id>")
@guarded(policy.may_read, engagement=Engagement)
def show(principal: Principal, engagement: Engagement) -> ResponseReturnValue:
    """One engagement: terms, who is concerned, clauses, places, notices, and what happened."""
    return _engagement_page(principal, engagement)


def _engagement_page(
    principal: Principal,
    engagement: Engagement,
    *,
    refusal: Refused | None = None,
    decline_form: DeclineForm | None = None,
) -> ResponseReturnValue:
    session, today = database_session(), clock.today()
    story = queries.story_of(session, engagement)
    state = state_on(engagement, today)
    is_officer = policy.may_amend(principal, engagement)
    is_inside = engagement.organization_id in principal.organization_ids
    terms = queries.terms_of(story.in_force or story.waiting or (story.versions[-1] if story.versions else engagement))
    page = render_template(
        "engagements/show.html",
        story=story,
        engagement=engagement,
        state=state,
        terms=showing.terms_in_words(terms),
        shares=showing.share_rows(terms),
        modes=list(Mode),
        changes=showing.changes_in(story),
        events=showing.events_of(story),
        assignment=showing.assignment_in_words(story),
        clause_count=len(story.records[-1].variants) if story.records else 0,
        is_officer=is_officer,
        is_inside=is_inside,
        # The municipality sees the places while the engagement holds; afterwards it keeps the notices it was sent.
        shows_places=is_inside or state.is_agreed,
        may_answer=policy.may_answer(principal, engagement),
        may_assign=policy.may_assign(principal, engagement) and state.is_open,
        may_end=policy.may_end(principal, engagement) and state.is_agreed and engagement.cancelled_on is None,
        may_change=is_officer and state.is_agreed and engagement.cancelled_on is None and story.waiting is None,
        may_record=is_officer and state.is_open,
        shows_pledges=state.is_agreed,
        decline_form=decline_form or DeclineForm(formdata=None),
        form=decline_form,
        refusal=refusal,
        title_of=paper.title_of,
    )
    failed = bool(decline_form and decline_form.errors)
    return page, refusal.status if refusal else 422 if failed else 200


@bp.post("/engagements/<uuid:engagement_id>/acceptance")
@guarded(policy.may_answer, engagement=Engagement)
def accept(principal: Principal, engagement: Engagement) -> ResponseReturnValue:
    """Accept what the municipality has proposed."""
    is_first = engagement.accepted_at is None
    try:
        operations.accept(database_session(), engagement, number=_number("number"), by=principal.actor, now=clock.now())
    except RuleBroken as refusal:
        return _engagement_page(principal, engagement, refusal=refusal)
    flash("承諾しました。" + ("続けて、担当する拠点などを登録してください。" if is_first else ""), "success")
    return redirect(url_for(".show", engagement_id=engagement.id), 303)


@bp.post("/engagements/<uuid:engagement_id>/decline")
@guarded(policy.may_answer, engagement=Engagement)
def decline(principal: Principal, engagement: Engagement) -> ResponseReturnValue:
    """Decline what the municipality has proposed."""
    form = DeclineForm()
    if not form.validate():
        return _engagement_page(principal, engagement, decline_form=form)
    try:
        operations.decline(
            database_session(), engagement, reason=form.reason.data, number=_number("number"), by=principal.actor,
            now=clock.now(),
        )  # fmt: skip
    except RuleBroken as refusal:
        return _engagement_page(principal, engagement, refusal=refusal, decline_form=form)
    flash("辞退しました。理由が自治体の担当者に伝わります。", "success")
    return redirect(url_for(".show", engagement_id=engagement.id), 303)


@bp.post("/engagements/<uuid:engagement_id>/withdrawal")
@guarded(policy.may_amend, engagement=Engagement)
def withdraw(principal: Principal, engagement: Engagement) -> ResponseReturnValue:
    """Take back a proposal that nobody has answered yet."""
    try:
        operations.withdraw(database_session(), engagement, by=principal.actor, now=clock.now())
    except RuleBroken as refusal:
        return _engagement_page(principal, engagement, refusal=refusal)
    flash("提案を取り下げました。", "success")
    return redirect(url_for(".show", engagement_id=engagement.id), 303)


def _number(name: str) -> int | None:
    text = request.form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


@bp.route("/engagements/<uuid:engagement_id>/change", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_amend, engagement=Engagement)
def change(principal: Principal, engagement: Engagement) -> ResponseReturnValue:
    """Propose other terms for an engagement in force."""
    session = database_session()
    form = _filled(ChangeForm, **as_fields(queries.terms_of(queries.terms_in_force(session, engagement))))
    refusal: Refused | None = None
    if form.validate_on_submit():
        try:
            operations.propose_change(
                session, engagement, form.terms(), reason=form.reason.data, by=principal.actor, now=clock.now()
            )
        except operations.WrongTerms as wrong:
            _put_faults(form, wrong.faults)
        except RuleBroken as error:
            refusal = error
        else:
            drop_held_input()
            flash("変更の提案を送りました。団体が承諾すると、新しい内容になります。", "success")
            return redirect(url_for(".show", engagement_id=engagement.id), 303)
    return _terms_page("engagements/change.html", form, refusal, engagement=engagement)


@bp.route("/engagements/<uuid:engagement_id>/end", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_end, engagement=Engagement)
def end(principal: Principal, engagement: Engagement) -> ResponseReturnValue:
    """End an engagement early."""
    form = _filled(EndForm)
    refusal: Refused | None = None
    if form.validate_on_submit():
        try:
            operations.end_early(
                database_session(), engagement, cancelled_on=form.cancelled_on.data, reason=form.reason.data,
                by=principal.actor, now=clock.now(),
            )  # fmt: skip
        except InvalidInput as wrong:
            form.cancelled_on.errors = [wrong.message]
        except RuleBroken as error:
            refusal = error
        else:
            drop_held_input()
            flash("途中で終えることを記録しました。その日から、自治体は団体の状況を見られなくなります。", "success")
            return redirect(url_for(".show", engagement_id=engagement.id), 303)
    return _shown("engagements/end.html", form, refusal, engagement=engagement)


@bp.route("/engagements/<uuid:engagement_id>/assignment", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_assign, engagement=Engagement)
def assign(principal: Principal, engagement: Engagement) -> ResponseReturnValue:
    """Say which centers, posts and project of the organization are concerned."""
    session = database_session()
    last = queries.newest_assignment(session, engagement)
    data = {"centers": last.centers, "posts": last.posts, "project": str(last.project_id or "")} if last else {}
    form = _filled(AssignmentForm, **data)
    form.offer(
        {str(each.id): each.name for each in centers_of(session, engagement.organization_id)},
        queries.projects_of(session, engagement.organization_id),
    )
    refusal: Refused | None = None
    if form.validate_on_submit():
        try:
            operations.assign(
                session,
                engagement,
                centers=map(UUID, form.centers.data or ()),
                posts=map(Post, form.posts.data or ()),
                project_id=UUID(form.project.data) if form.project.data else None,
                by=principal.actor,
                now=clock.now(),
            )
        except RuleBroken as error:
            refusal = error
        else:
            drop_held_input()
            flash("担当を登録しました。自治体の担当者も見られます。", "success")
            return redirect(url_for(".show", engagement_id=engagement.id), 303)
    return _shown("engagements/assign.html", form, refusal, engagement=engagement)


# --- clauses ----------------------------------------------------------------------------------------------------


@bp.get("/engagements/<uuid:engagement_id>/clauses")
@guarded(policy.may_read, engagement=Engagement)
def clauses(principal: Principal, engagement: Engagement) -> ResponseReturnValue:
    """What the contract says, clause by clause; prints on A4."""
    story = queries.story_of(database_session(), engagement)
    return render_template(
        "engagements/clauses.html",
        story=story,
        engagement=engagement,
        record=story.records[-1] if story.records else None,
        sections=showing.clause_sections(story, library()),
        may_record=policy.may_amend(principal, engagement) and state_on(engagement, clock.today()).is_open,
    )


@bp.route("/engagements/<uuid:engagement_id>/clauses/record", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_amend, engagement=Engagement)
def record_clauses(principal: Principal, engagement: Engagement) -> ResponseReturnValue:
    """Record which clauses the contract holds in which variant."""
    session, today = database_session(), clock.today()
    listed = library().clauses_for(clock.month_of(today))
    last = queries.newest_clauses(session, engagement)
    data = {f"clause-{key}": variant for key, variant in last.variants.items()} if last else {}
    form: ClausesForm = _filled(clauses_form(listed), data=data)
    refusal: Refused | None = None
    if form.validate_on_submit():
        try:
            operations.record_clauses(
                session, engagement, listed, form.variants(listed), note=form.note.data or "",
                based_on=_number("based_on") or 0, by=principal.actor, now=clock.now(),
            )  # fmt: skip
        except InvalidInput as wrong:
            form.form_errors.append(wrong.message)
        except RuleBroken as error:
            refusal = error
        else:
            drop_held_input()
            flash("契約の条項を記録しました。団体も見られます。", "success")
            return redirect(url_for(".clauses", engagement_id=engagement.id), 303)
    number = last.number if last else 0
    return _shown(
        "engagements/record_clauses.html", form, refusal, engagement=engagement, listed=listed, based_on=number
    )


# --- places -----------------------------------------------------------------------------------------------------


@bp.get("/organizations/<uuid:organization_id>/places")
@guarded(policy.may_see_engagements, organization=Organization)
def places_of(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """The organization's places of work and storage."""
    return render_template(
        "engagements/places.html",
        organization=organization,
        rows=queries.places_in(database_session(), organization.id),
        may_keep=policy.may_keep_places(principal, organization),
    )


def _offer_to_place(form: PlaceFields, organization_id: UUID, kept: frozenset[UUID] = frozenset()) -> None:
    session = database_session()
    today = clock.today()
    form.offer(
        [(each.id, each.name) for each in centers_of(session, organization_id) if each.closed_on is None],
        [
            (row.engagement.id, f"{row.name}　{row.engagement.title}")
            for row in queries.engagements_of_organization(session, organization_id, today)
            if row.state.is_agreed or row.engagement.id in kept
        ],
    )


@bp.route("/organizations/<uuid:organization_id>/places/new", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_keep_places, organization=Organization)
def add_place(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """Put a place on the list; the municipalities concerned get a notice."""
    form = _filled(PlaceForm)
    _offer_to_place(form, organization.id)
    now = clock.now()
    if form.validate_on_submit():
        try:
            made = places.add_place(
                database_session(), organization, form.facts(form.from_on.data), by=principal.actor, now=now
            )
        except places.WrongPlace as wrong:
            _put_faults(form, wrong.faults)
        except InvalidInput as wrong:
            form.form_errors.append(wrong.message)
        else:
            drop_held_input()
            flash(_told("場所を登録しました。", made, now), "success")
            return redirect(url_for(".show_place", place_id=made.id), 303)
    return _shown("engagements/add_place.html", form, organization=organization)


def _told(what: str, place: Place, now: datetime) -> str:
    """What was done, and whether a notice was written about it."""
    is_told = any(row.notice.at == now for row in queries.notices_about(database_session(), place))
    return what + ("自治体への届も作りました。" if is_told else "")


@bp.get("/places/<uuid:place_id>")
@guarded(policy.may_see_place, place=Place)
def show_place(principal: Principal, place: Place) -> ResponseReturnValue:
    """One place: what it is, its notices, and every state it had."""
    session = database_session()
    row = next(row for row in queries.places_in(session, place.organization_id) if row.place.id == place.id)
    return render_template(
        "engagements/show_place.html",
        row=row,
        place=place,
        notices=queries.notices_about(session, place),
        versions=queries.versions_of_place(session, place),
        may_change=policy.may_change_place(principal, place) and place.until_on is None,
        title_of=paper.title_of,
    )


@bp.route("/places/<uuid:place_id>/change", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_change_place, place=Place)
def change_place(principal: Principal, place: Place) -> ResponseReturnValue:
    """Change a place; the municipalities concerned get a notice."""
    session = database_session()
    facts = places.facts_of(session, place)
    form = _filled(
        PlaceChangeForm,
        kind=facts.kind.value,
        name=facts.name,
        address=facts.address,
        center=str(facts.center_id or ""),
        is_lockable="yes" if facts.is_lockable else "no",
        lock_method=facts.lock_method,
        key_holder=facts.key_holder,
        engagements=[str(each) for each in facts.engagements],
    )
    _offer_to_place(form, place.organization_id, facts.engagements)
    number, now = place.number, clock.now()
    refusal: Refused | None = None
    if form.validate_on_submit():
        try:
            places.change_place(
                session, place, form.facts(place.from_on), effective_on=form.effective_on.data,
                reason=form.reason.data, based_on=_number("based_on") or 0, by=principal.actor, now=now,
            )  # fmt: skip
        except places.WrongPlace as wrong:
            _put_faults(form, wrong.faults)
        except InvalidInput as wrong:
            form.form_errors.append(wrong.message)
        except RuleBroken as error:
            refusal = error
        else:
            drop_held_input()
            flash(_told("場所の登録を変更しました。", place, now), "success")
            return redirect(url_for(".show_place", place_id=place.id), 303)
    return _shown("engagements/change_place.html", form, refusal, place=place, based_on=number)


@bp.route("/places/<uuid:place_id>/closure", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_change_place, place=Place)
def close_place(principal: Principal, place: Place) -> ResponseReturnValue:
    """Record the last day on which a place is used; the municipalities concerned get a notice."""
    form = _filled(PlaceClosingForm)
    number, now = place.number, clock.now()
    refusal: Refused | None = None
    if form.validate_on_submit():
        try:
            places.close_place(
                database_session(), place, until_on=form.until_on.data, reason=form.reason.data,
                based_on=_number("based_on") or 0, by=principal.actor, now=now,
            )  # fmt: skip
        except places.WrongPlace as wrong:
            _put_faults(form, wrong.faults)
        except RuleBroken as error:
            refusal = error
        else:
            drop_held_input()
            flash(_told("使い終わりを記録しました。", place, now), "success")
            return redirect(url_for(".show_place", place_id=place.id), 303)
    return _shown("engagements/close_place.html", form, refusal, place=place, based_on=number)


# --- notices ----------------------------------------------------------------------------------------------------


@bp.get("/organizations/<uuid:organization_id>/place-notices")
@guarded(policy.may_see_engagements, organization=Organization)
def notices_from(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """The notices that the organization has written."""
    page = page_asked_for(queries.how_many_notices_between(database_session(), organization_id=organization.id))
    return render_template(
        "engagements/notices.html",
        organization=organization,
        municipality=None,
        rows=queries.notices_between(
            database_session(), organization_id=organization.id, limit=page.size, offset=page.offset
        ),
        page=page,
        title_of=paper.title_of,
    )


@bp.get("/municipalities/<uuid:municipality_id>/place-notices")
@guarded(policy.may_see_proposals, municipality=Municipality)
def notices_to(principal: Principal, municipality: Municipality) -> ResponseReturnValue:
    """The notices that the municipality has got, those that wait for an answer first."""
    page = page_asked_for(queries.how_many_notices_between(database_session(), municipality_id=municipality.id))
    return render_template(
        "engagements/notices.html",
        organization=None,
        municipality=municipality,
        rows=queries.notices_between(
            database_session(), municipality_id=municipality.id, limit=page.size, offset=page.offset
        ),
        page=page,
        title_of=paper.title_of,
    )


def _row_of(notice: PlaceNotice) -> queries.NoticeRow:
    return queries.NoticeRow(notice, queries.answer_to(database_session(), notice))


@bp.get("/place-notices/<uuid:notice_id>")
@guarded(policy.may_read_notice, notice=PlaceNotice)
def notice(principal: Principal, notice: PlaceNotice) -> ResponseReturnValue:
    """A notice as it was written, and what the municipality said to it."""
    return _notice_page(principal, notice)


def _notice_page(
    principal: Principal, notice: PlaceNotice, *, refusal: Refused | None = None, form: NoticeAnswerForm | None = None
) -> ResponseReturnValue:
    row = _row_of(notice)
    is_officer = policy.may_answer_notice(principal, notice)
    kinds = (NoticeReply.APPROVED, NoticeReply.REFUSED) if notice.needs_approval else (NoticeReply.RECEIVED,)
    answer_form = form or NoticeAnswerForm(formdata=None)
    answer_form.kind.choices = [(each.value, each.label) for each in kinds]
    page = render_template(
        "engagements/notice.html",
        row=row,
        notice=notice,
        printed=paper.printed_notice(row),
        is_officer=is_officer,
        may_answer=is_officer and row.answer is None,
        answer_form=answer_form,
        form=form,
        refusal=refusal,
    )
    return page, refusal.status if refusal else 422 if form is not None and form.errors else 200


@bp.get("/place-notices/<uuid:notice_id>/notice.pdf")
@guarded(policy.may_read_notice, notice=PlaceNotice)
def notice_pdf(principal: Principal, notice: PlaceNotice) -> ResponseReturnValue:
    """The notice as PDF."""
    name = f"{paper.title_of(notice)}_{notice.organization_name}_第{notice.number}号.pdf"
    return file_response(paper.notice_pdf(_row_of(notice)), name=name, mimetype="application/pdf", inline=True)


@bp.post("/place-notices/<uuid:notice_id>/answer")
@guarded(policy.may_answer_notice, notice=PlaceNotice)
def answer_notice(principal: Principal, notice: PlaceNotice) -> ResponseReturnValue:
    """Say that a notice was received, or approve or refuse it."""
    form = NoticeAnswerForm()
    if not form.validate():
        return _notice_page(principal, notice, form=form)
    try:
        places.answer_notice(
            database_session(), notice, NoticeReply(form.kind.data), reason=form.reason.data or "",
            by=principal.actor, now=clock.now(),
        )  # fmt: skip
    except places.WrongPlace as wrong:
        _put_faults(form, wrong.faults)
        return _notice_page(principal, notice, form=form)
    except InvalidInput as wrong:
        form.kind.errors = [wrong.message]
        return _notice_page(principal, notice, form=form)
    except RuleBroken as refusal:
        return _notice_page(principal, notice, refusal=refusal, form=form)
    flash("返事を記録しました。団体も見られます。", "success")
    return redirect(url_for(".notices_to", municipality_id=notice.municipality_id), 303)
