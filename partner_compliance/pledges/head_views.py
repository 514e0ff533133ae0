"""The pages of those who look after pledges: who is missing, briefings, paper, own paragraphs, lists by engagement."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from partner_compliance import acts, clock, yearly
from partner_compliance.access import Principal, guarded, proved_lately_to_read
from partner_compliance.accounts.views import drop_held_input, typed_before
from partner_compliance.acts import Act
from partner_compliance.documents.tables import XLSX, to_xlsx
from partner_compliance.errors import InvalidInput, NotAllowed, NotFound, Refused, RuleBroken
from partner_compliance.library.pledges import Audience, Occasion
from partner_compliance.organizations.models import Center, Engagement, Municipality, Organization, Worker
from partner_compliance.organizations.queries import centers_of
from partner_compliance.pledges import operations, paper, policy, queries
from partner_compliance.pledges.forms import (
    OF_WORKERS,
    BriefingForm,
    PaperForm,
    WordingForm,
    YearForm,
    asked_from,
)
from partner_compliance.pledges.queries import Asked, Row, ToldOf
from partner_compliance.pledges.scans import MOST_BYTES
from partner_compliance.pledges.views import asked_for, bp
from partner_compliance.web import (
    database_session,
    file_response,
    library,
    page_asked_for,
    put_at_field,
    restores_input,
    takes_files,
)

#: So many blanks fit into one file (some 20 seconds).
MOST_BLANKS = 100
_PDF = "application/pdf"


class TooManyBlanks(RuleBroken):
    """More blanks than one file holds."""

    what_to_do = "拠点でしぼり込んでから、もう一度印刷してください。"


def own_centers(principal: Principal, organization: Organization) -> frozenset[UUID] | None:
    """The centers to which a head's lists are narrowed; None for those who see everyone."""
    if policy.sees_everyone(principal, organization):
        return None
    return frozenset(center for held, center in principal.headed_centers if held == organization.id)


def _centers(principal: Principal, organization: Organization) -> tuple[list[Center], UUID | None]:
    """The centers to choose from, and the one that is chosen."""
    within = own_centers(principal, organization)
    found = [each for each in centers_of(database_session(), organization.id) if within is None or each.id in within]
    chosen = next((each.id for each in found if str(each.id) == request.values.get("center", "")), None)
    return found, chosen


def _rows(principal: Principal, organization: Organization) -> tuple[list[Row], list[Center], UUID | None]:
    centers, chosen = _centers(principal, organization)
    within = own_centers(principal, organization)
    wanted = [chosen] if chosen else None if within is None else sorted(within)
    rows = queries.rows_of(database_session(), library(), organization.id, wanted, today=clock.today())
    return rows, centers, chosen


def _missing(rows: Sequence[Row]) -> list[Row]:
    """Those who hold nothing, have not signed for the year whose campaign is open, or have to sign a changed text."""
    return [row for row in rows if not row.is_signed_for_next]


@bp.get("/organizations/<uuid:organization_id>/pledges")
@guarded(policy.may_see_coverage, organization=Organization)
def coverage(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """Who has signed this year's pledge, by center and kind, and who is missing for how long."""
    session, today = database_session(), clock.today()
    rows, centers, chosen = _rows(principal, organization)
    missing = _missing(rows)
    page = page_asked_for(len(missing))
    month = queries.month_of(session, organization.id)
    year = yearly.year_signed_for(today, month)
    engagements = queries.current_engagements(session, [organization.id], today=today)
    named = queries.named_for(session, engagements, on=today)
    signed = queries.who_signed(session, organization.id, [each.id for each in engagements])
    return render_template(
        "pledges/coverage.html",
        organization=organization,
        centers=centers,
        chosen=chosen,
        groups=queries.by_center_and_kind(rows),
        total=queries.covered(rows),
        missing=missing[page.offset : page.offset + page.size],
        page=page,
        address=f"?center={chosen}&" if chosen else "?",
        year=yearly.year_label(year, month),
        opens_on=yearly.opens_on(year, month),
        due_on=yearly.due_on(year, month),
        next_signed=sum(1 for row in rows if row.is_signed_for_next),
        engagements=[
            (each, len(named[each.id]), sum(1 for worker in named[each.id] if worker.id in signed[each.id]))
            for each in engagements
        ],
        municipalities=queries.engagements_with_names(session, engagements),
        may_keep=policy.may_keep_wordings(principal, organization),
        sees_everyone=policy.sees_everyone(principal, organization),
        own_ids=principal.worker_ids,
        today=today,
    )


@bp.get("/organizations/<uuid:organization_id>/pledges/missing.pdf")
@guarded(policy.may_see_coverage, organization=Organization)
def missing_pdf(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """All missing pledges on paper, as one binder to hand out."""
    session, now = database_session(), clock.now()
    rows, _, _ = _rows(principal, organization)
    missing = _missing(rows)
    if not missing:
        raise NotFound("印刷する用紙はありません。", "署名していない方はいません。")
    if len(missing) > MOST_BLANKS:
        raise TooManyBlanks(f"署名していない方が{len(missing)}人います。一度に印刷できるのは{MOST_BLANKS}人までです。")
    workers = [row.worker for row in missing]
    dues = queries.dues_of(session, library(), workers, today=clock.today())
    posts = queries.posts_on(session, workers, on=clock.today())
    texts: dict[tuple[Any, Any], Any] = {}
    blanks = []
    for worker in workers:
        due = next((each for each in dues[worker.id] if each.asked.occasion is not Occasion.ENGAGEMENT), None)
        asked = due.asked if due is not None else Asked(Occasion.ANNUAL)
        key = (worker.kind, asked.occasion)
        if key not in texts:
            wanted = queries.text_for(session, library(), organization, worker.kind, asked, clock.today())
            texts[key] = wanted.text
        blanks.append((worker, posts[worker.id], texts[key]))
    content = paper.blanks_pdf(blanks, organization, made_at=now)
    return file_response(content, name=f"誓約書の用紙_{clock.today()}.pdf", mimetype=_PDF, inline=True)


@bp.post("/organizations/<uuid:organization_id>/pledges/reminder")
@guarded(policy.may_see_coverage, organization=Organization)
def remind(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """Write a mail to everyone who is missing and has an address."""
    rows, _, chosen = _rows(principal, organization)
    mails, without = operations.remind(
        database_session(), organization, _missing(rows), address=url_for(".own", _external=True), by=principal,
        now=clock.now(),
    )  # fmt: skip
    said = (
        f"{mails}人にメールでお願いしました。" if mails else "新しく送るメールはありません（3日以内に送っています）。"
    )
    more = f"メールアドレスのない方が{without}人います。用紙を印刷して渡してください。" if without else ""
    flash(said + more, "success")
    return redirect(url_for(".coverage", organization_id=organization.id, center=chosen), 303)


# --- briefings --------------------------------------------------------------------------------------------------


@bp.route("/organizations/<uuid:organization_id>/pledges/briefings", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_see_coverage, organization=Organization)
def brief(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """Record that people were told what a pledge means, alone or in a group."""
    session, today = database_session(), clock.today()
    within = own_centers(principal, organization)
    rows = queries.people_of(session, organization.id, within, today=today)
    engagements = queries.current_engagements(session, [organization.id], today=today)
    held = typed_before()
    form = BriefingForm(
        engagements, rows, **({"formdata": held} if held else {}), held_on=today, told_by=principal.name
    )
    refusal: Refused | None = None
    if form.validate_on_submit():
        asked = asked_from(form.asked.data, engagements)
        people = [worker for worker, _ in rows if str(worker.id) in set(form.people.data or [])]
        told = ToldOf(form.held_on.data, form.told_how.data, form.told_by.data or "")
        center = next((each for _, each in rows if within is not None and each.id in within), None)
        try:
            operations.brief(
                session, organization, asked or Asked(Occasion.ANNUAL), people, told, center=center, by=principal,
                now=clock.now(), request_key=form.request_key.data,
            )  # fmt: skip
        except InvalidInput as error:
            put_at_field(form, error, "asked")
        except RuleBroken as error:
            refusal = error
        else:
            drop_held_input()
            flash(f"{len(people)}人への説明を記録しました。", "success")
            return redirect(url_for(".brief", organization_id=organization.id), 303)
    page = render_template(
        "pledges/brief.html",
        form=form,
        refusal=refusal,
        organization=organization,
        told=_told_by_occasion(),
        briefings=queries.briefings_of(session, organization.id, within),
    )
    return page, refusal.status if refusal else 422 if form.errors else 200


def _told_by_occasion() -> list[tuple[str, tuple[str, ...]]]:
    """What is told on which occasion, as the wordings say it."""
    day = clock.today()
    return [(each.label, library().wording_for(each, day).told) for each in OF_WORKERS]


# --- paper ------------------------------------------------------------------------------------------------------


@bp.route("/workers/<uuid:worker_id>/pledges", methods=["GET", "POST"])
@takes_files(MOST_BYTES)
@restores_input
@guarded(policy.may_look_after, worker=Worker)
def person(principal: Principal, worker: Worker) -> ResponseReturnValue:
    """Every pledge of somebody, and the form for one that was signed on paper."""
    session, today = database_session(), clock.today()
    engagements = queries.current_engagements(session, [worker.organization_id], today=today)
    held = typed_before()
    form = PaperForm(engagements, **({"formdata": held} if held else {}))
    refusal: Refused | None = None
    if form.validate_on_submit() and ((told := form.told()) is not None or not form.errors):
        asked = asked_from(form.asked.data, engagements)
        content = form.scan.data.read(MOST_BYTES + 1) if form.scan.data else b""
        if len(content) > MOST_BYTES + 1:
            raise RequestEntityTooLarge
        sent = operations.Paper(form.signed_on.data, form.request_key.data, told, content or None)
        try:
            made = operations.enter_paper(
                session, library(), worker, asked or Asked(Occasion.ANNUAL), sent, by=principal, now=clock.now()
            )
        except InvalidInput as error:
            is_entry = isinstance(error, operations.WrongEntry)
            put_at_field(form, error, "signed_on" if is_entry else "scan")
        except RuleBroken as error:
            refusal = error
        else:
            drop_held_input()
            flash("紙の誓約を記録しました。紙は、鍵のかかる場所に保管してください。", "success")
            return redirect(url_for(".show", pledge_id=made.id), 303)
    dues = queries.dues_of(session, library(), [worker], today=today)[worker.id]
    page = render_template(
        "pledges/person.html",
        form=form,
        refusal=refusal,
        worker=worker,
        dues=dues,
        records=queries.all_of(session, [(worker.organization_id, worker.id)]),
        titles={each.key: each.title for each in library().wordings},
        number=queries.record_number,
        today=today,
    )
    return page, refusal.status if refusal else 422 if form.errors else 200


@bp.get("/workers/<uuid:worker_id>/pledges/blank/<occasion>")
@guarded(policy.may_look_after, worker=Worker)
def blank_pdf(principal: Principal, worker: Worker, occasion: str) -> ResponseReturnValue:
    """One pledge on paper for somebody to sign."""
    session, today = database_session(), clock.today()
    asked = asked_for(occasion, worker.organization_id)
    organization = session.get_one(Organization, worker.organization_id)
    wanted = queries.text_for(session, library(), organization, worker.kind, asked, today)
    post = queries.posts_on(session, [worker], on=today)[worker.id]
    content = paper.blanks_pdf([(worker, post, wanted.text)], organization, made_at=clock.now())
    return file_response(content, name=f"誓約書の用紙_{asked.occasion.value}.pdf", mimetype=_PDF, inline=True)


# --- wordings and the year --------------------------------------------------------------------------------------


@bp.route("/organizations/<uuid:organization_id>/pledges/wordings", methods=["GET", "POST"])
@guarded(policy.may_keep_wordings, organization=Organization)
def wordings(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """The wordings that hold, with the organization's additions, and the month in which the year begins."""
    session, today = database_session(), clock.today()
    form = YearForm(month=queries.month_of(session, organization.id))
    if form.validate_on_submit():
        try:
            operations.choose_month(session, organization, form.month.data, by=principal, now=clock.now())
        except InvalidInput as error:
            put_at_field(form, error, "month")
        else:
            flash("誓約の年の始まりを決めました。署名済みの誓約は、署名したときの期限まで有効です。", "success")
            return redirect(url_for(".wordings", organization_id=organization.id), 303)
    own = queries.own_wordings(session, [organization.id])
    page = render_template(
        "pledges/wordings.html",
        form=form,
        organization=organization,
        rows=[
            (wording, queries.own_in_force(own.get((organization.id, wording.key), []), today))
            for wording in _wordings_today()
        ],
    )
    return page, 422 if form.errors else 200


def _wordings_today() -> list[Any]:
    found = {}
    for occasion in OF_WORKERS:
        for is_volunteer in (False, True):
            wording = library().wording_for(occasion, clock.today(), is_volunteer=is_volunteer)
            found[wording.key] = wording
    return list(found.values())


@bp.route("/organizations/<uuid:organization_id>/pledges/wordings/<key>", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_keep_wordings, organization=Organization)
def wording(principal: Principal, organization: Organization, key: str) -> ResponseReturnValue:
    """One wording with the organization's additions; the core cannot be changed."""
    session, today = database_session(), clock.today()
    found = next((each for each in _wordings_today() if each.key == key), None)
    if found is None:
        raise NotFound
    history = queries.own_wordings(session, [organization.id]).get((organization.id, key), [])
    last = history[-1] if history else None
    held = typed_before()
    form = WordingForm(
        **({"formdata": held} if held else {}), seen=last.number if last else 0, from_on=today,
        paragraphs="\n".join(last.paragraphs) if last else "",
    )  # fmt: skip
    refusal: Refused | None = None
    if form.validate_on_submit():
        try:
            seen = int(form.seen.data) if str(form.seen.data).isdecimal() else -1
            operations.change_wording(
                session, organization, key, form.additions(), seen=seen, by=principal, now=clock.now()
            )
        except InvalidInput as error:
            put_at_field(form, error, "paragraphs")
        except RuleBroken as error:
            refusal = error
            form.seen.data = str(last.number if last else 0)
        else:
            drop_held_input()
            flash("追加の文面を決めました。", "success")
            return redirect(url_for(".wording", organization_id=organization.id, key=key), 303)
    names = {name: f"（{label}）" for name, label in _NAMES.items()}
    now_own = queries.own_in_force(history, today)
    page = render_template(
        "pledges/wording.html",
        form=form,
        refusal=refusal,
        organization=organization,
        wording=found,
        text=found.text(
            {**names, "organization": organization.name},
            own=now_own.paragraphs if now_own else (),
            law=queries.law_for(session, library(), organization.id, None, today),
        ),
        history=list(reversed(history)),
        is_for_volunteers=found.audience is Audience.VOLUNTEERS,
        today=today,
    )
    return page, refusal.status if refusal else 422 if form.errors else 200


_NAMES = {
    "municipality": "市区町村名",
    "engagement": "事業名",
    "year": "年度",
    "council": "協議会名",
    "representative": "代表者",
}


# --- an engagement's list ---------------------------------------------------------------------------------------


@bp.get("/engagements/<uuid:engagement_id>/pledges")
@guarded(policy.may_see_list, engagement=Engagement)
def of_engagement(principal: Principal, engagement: Engagement) -> ResponseReturnValue:
    """Who works on an engagement and has signed for it; names for the municipality where the contract says so."""
    listed, agreed, shows_names = _listed(principal, engagement)
    session = database_session()
    return render_template(
        "pledges/of_engagement.html",
        engagement=engagement,
        organization=session.get_one(Organization, engagement.organization_id),
        municipality=session.get_one(Municipality, engagement.municipality_id),
        listed=listed,
        signed=sum(1 for _, signed, _ in listed if signed),
        agreed=agreed,
        shows_names=shows_names,
        is_municipal=_is_municipal(principal, engagement),
    )


def _is_municipal(principal: Principal, engagement: Engagement) -> bool:
    return engagement.organization_id not in principal.organization_ids


def _listed(principal: Principal, engagement: Engagement) -> tuple[paper.Listed, str, bool]:
    """The people with their signatures, what the contract says, and whether the reader may see the names."""
    session, today = database_session(), clock.today()
    people = queries.named_for(session, [engagement], on=today)[engagement.id]
    agreed = queries.municipality_gets(session, engagement)
    is_municipal = _is_municipal(principal, engagement)
    if is_municipal and agreed == "responsible-only":
        responsible = queries.responsible_people(session, engagement, on=today)
        people = [worker for worker in people if worker.id in responsible]
    listed = queries.signed_for(session, engagement, people, on=today)
    return listed, agreed, not is_municipal or bool(agreed)


def _file(principal: Principal, engagement: Engagement, form: str) -> paper.Listed:
    listed, _, shows_names = _listed(principal, engagement)
    if not shows_names:
        raise NotAllowed(
            "契約で誓約書の提出を定めていないため、一覧は出せません。", "連携関係の条項を確かめてください。"
        )
    acts.record(
        database_session(),
        Act(
            engagement.organization_id, "export.made", clock.now(), principal.actor, object_kind="engagement",
            object_id=engagement.id, details={"exported": "pledges", "form": form, "rows": len(listed)},
        ),
    )  # fmt: skip
    return listed


@bp.get("/engagements/<uuid:engagement_id>/pledges.pdf")
@guarded(policy.may_see_list, engagement=Engagement)
@proved_lately_to_read
def list_pdf(principal: Principal, engagement: Engagement) -> ResponseReturnValue:
    """The list on paper, to hand in."""
    listed, session = _file(principal, engagement, "PDF"), database_session()
    content = paper.list_pdf(
        listed, session.get_one(Organization, engagement.organization_id).name,
        session.get_one(Municipality, engagement.municipality_id).name, engagement.title, made_at=clock.now(),
    )  # fmt: skip
    return file_response(content, name=f"誓約書提出者一覧_{clock.today()}.pdf", mimetype=_PDF, inline=True)


@bp.get("/engagements/<uuid:engagement_id>/pledges.xlsx")
@guarded(policy.may_see_list, engagement=Engagement)
@proved_lately_to_read
def list_xlsx(principal: Principal, engagement: Engagement) -> ResponseReturnValue:
    """The list as a workbook."""
    table = paper.list_table(_file(principal, engagement, "Excel"))
    return file_response(
        to_xlsx(table, created=clock.now()), name=f"誓約書提出者一覧_{clock.today()}.xlsx", mimetype=XLSX
    )
