"""The pages of hand-over receipts: writing one, the other side's word, ends, and the registers of both sides."""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from partner_compliance import acts, clock
from partner_compliance.access import Principal, guarded, opens_at_kiosks, proved_lately_to_read
from partner_compliance.accounts.views import drop_held_input, typed_before
from partner_compliance.acts import Act
from partner_compliance.documents.tables import XLSX, to_csv, to_xlsx
from partner_compliance.engagements.words import DataClass
from partner_compliance.errors import InvalidInput, NotFound, Refused, RuleBroken
from partner_compliance.kiosks.views import after_task
from partner_compliance.organizations.models import Engagement, Municipality, Organization, Worker
from partner_compliance.organizations.queries import active_in
from partner_compliance.receipts import operations, paper, policy, queries
from partner_compliance.receipts.forms import (
    MOST_ITEMS,
    SPECIAL,
    EndForm,
    ExtendForm,
    Kind,
    MunicipalReceiptForm,
    PaperForm,
    ReceiptForm,
    RefuseForm,
    as_query,
    read_asked,
)
from partner_compliance.receipts.models import Receipt
from partner_compliance.receipts.words import Direction, EventKind, Side, State
from partner_compliance.web import database_session, file_response, page_asked_for, render_form, restores_input

bp = Blueprint("receipts", __name__, template_folder="templates")

OWN_LINES = 60
MOST_IN_FILE = 20_000
MOST_ON_PAPER = 500


class TooManyRows(RuleBroken):
    """More lines than a file or a printed register holds."""

    what_to_do = "期間などでしぼり込んでから、もう一度書き出してください。"


def _put_at_field(form: Any, error: InvalidInput, otherwise: str) -> None:
    name = otherwise
    if isinstance(error, operations.WrongEntry):
        name = f"{error.field}_{error.position}" if error.position else error.field
    form[name if name in form else otherwise].errors = [error.message]


def _answer(template: str, form: Any, refusal: Refused | None, **context: Any) -> ResponseReturnValue:
    page, status = render_form(template, form, refusal=refusal, **context)
    return page, refusal.status if refusal else status


# --- writing ----------------------------------------------------------------------------------------------------


@bp.get("/my/receipts")
@opens_at_kiosks
@guarded(policy.works)
def own(principal: Principal) -> ResponseReturnValue:
    """What the reader has handed over and received: what waits and what is held first."""
    session = database_session()
    organizations = sorted(
        {held.organization_id for held in principal.standings if held.organization_id and held.worker_id}
    )
    return render_template(
        "receipts/own.html",
        lines=queries.own_lines(session, principal.worker_ids, principal.organization_ids, limit=OWN_LINES),
        waiting=[
            queries.story_of(session, each)
            for each in queries.waiting_receipts(session, workers=principal.worker_ids, limit=10)
        ],
        sides=lambda receipt: policy.sides_of(principal, receipt),
        organizations=[session.get_one(Organization, each) for each in organizations],
        number=queries.record_number,
        today=clock.today(),
    )


@bp.route("/organizations/<uuid:organization_id>/receipts/new", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_write, organization=Organization)
def write(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """Write down what was handed over or received."""
    session, today = database_session(), clock.today()
    own_id = next(
        held.worker_id for held in principal.standings if held.worker_id and held.organization_id == organization.id
    )
    own = session.get_one(Worker, (organization.id, own_id))
    workers = [each for each in active_in(session, organization.id, today) if each.id != own.id]
    engagements = queries.engagements_of(session, today, organization_id=organization.id)
    held = typed_before()
    form = ReceiptForm(workers, engagements, **({"formdata": held} if held else {}), handed_on=today)
    refusal: Refused | None = None
    if form.validate_on_submit() and (items := form.items()) is not None:
        kind: Kind = form.kind.data
        other = next((each for each in workers if str(each.id) == form.person.data), None)
        engagement = next((each for each, _ in engagements if str(each.id) == form.engagement.data), None)
        is_giver, is_inside = kind.side is Side.GIVER, kind.direction is Direction.INSIDE
        facts = operations.Facts(
            kind.direction, form.handed_on.data, form.purpose.data or "", items,
            giver=own if is_giver else other if is_inside else None,
            receiver=own if not is_giver else other if is_inside else None,
            engagement=None if is_inside else engagement,
        )  # fmt: skip
        made, refusal = _written(form, principal, organization, facts, kind.side)
        if made is not None:
            return redirect(url_for(".show", receipt_id=made.id), 303)
    return _answer(
        "receipts/write.html", form, refusal, organization=organization, positions=range(1, MOST_ITEMS + 1),
        has_engagements=bool(engagements), own=own,
    )  # fmt: skip


def _written(
    form: Any, principal: Principal, organization: Organization, facts: operations.Facts, side: Side
) -> tuple[Receipt | None, Refused | None]:
    try:
        made = operations.write(
            database_session(), organization, facts, side=side, by=principal, now=clock.now(),
            request_key=form.request_key.data,
        )  # fmt: skip
    except InvalidInput as error:
        _put_at_field(form, error, "handed_on")
        return None, None
    except RuleBroken as error:
        return None, error
    drop_held_input()
    flash("記録しました。相手の側が確認すると、預かり証が完成します。", "success")
    return made, None


@bp.route("/municipalities/<uuid:municipality_id>/receipts/new", methods=["GET", "POST"])
@restores_input
@guarded(policy.is_of_municipality, municipality=Municipality)
def write_for_municipality(principal: Principal, municipality: Municipality) -> ResponseReturnValue:
    """Write down what was handed to a partner or received from one, as the municipality."""
    session, today = database_session(), clock.today()
    engagements = queries.engagements_of(session, today, municipality_id=municipality.id)
    held = typed_before()
    form = MunicipalReceiptForm(engagements, **({"formdata": held} if held else {}), handed_on=today)
    refusal: Refused | None = None
    if form.validate_on_submit() and (items := form.items()) is not None:
        engagement: Engagement = next(each for each, _ in engagements if str(each.id) == form.engagement.data)
        facts = operations.Facts(
            form.direction.data, form.handed_on.data, form.purpose.data or "", items, engagement=engagement
        )
        side = Side.GIVER if form.direction.data is Direction.FROM_MUNICIPALITY else Side.RECEIVER
        organization = session.get_one(Organization, engagement.organization_id)
        made, refusal = _written(form, principal, organization, facts, side)
        if made is not None:
            return redirect(url_for(".show", receipt_id=made.id), 303)
    return _answer(
        "receipts/write_for_municipality.html", form, refusal, municipality=municipality,
        positions=range(1, MOST_ITEMS + 1), has_engagements=bool(engagements),
    )  # fmt: skip


# --- one receipt ------------------------------------------------------------------------------------------------


@bp.get("/receipts/<uuid:receipt_id>")
@opens_at_kiosks
@guarded(policy.may_read, receipt=Receipt)
def show(principal: Principal, receipt: Receipt) -> ResponseReturnValue:
    """One receipt with all that happened to it, and what the reader can do now."""
    return _receipt_page(principal, receipt)


def _receipt_page(
    principal: Principal,
    receipt: Receipt,
    *,
    refuse_form: RefuseForm | None = None,
    paper_form: PaperForm | None = None,
    refusal: Refused | None = None,
) -> ResponseReturnValue:
    session, today = database_session(), clock.today()
    operations.record_look(session, receipt, by=principal, now=clock.now())
    story = queries.story_of(session, receipt)
    sides = policy.sides_of(principal, receipt)
    awaited = story.unconfirmed
    held = typed_before()
    page = render_template(
        "receipts/show.html",
        story=story,
        receipt=receipt,
        number=queries.record_number(receipt),
        sides=sides,
        answers=awaited is not None and awaited in sides,
        may_withdraw=awaited is not None and receipt.written_side in sides,
        may_enter_paper=awaited is not None and policy.may_confirm_on_paper(principal, receipt),
        may_end=policy.may_end(principal, receipt),
        may_extend=policy.may_end(principal, receipt) or policy.may_acknowledge(principal, receipt),
        may_acknowledge=policy.may_acknowledge(principal, receipt)
        and any(standing.unacknowledged for _, standing in story.standings),
        has_ends=any(event.kind is EventKind.ENDED for event in story.events),
        refuse_form=refuse_form or RefuseForm(formdata=held),
        paper_form=paper_form or PaperForm(formdata=held),
        form=refuse_form or paper_form,
        refusal=refusal,
        Side=Side,
        today=today,
    )
    failed = bool((refuse_form and refuse_form.errors) or (paper_form and paper_form.errors))
    return page, refusal.status if refusal else 422 if failed else 200


@bp.post("/receipts/<uuid:receipt_id>/answer")
@opens_at_kiosks
@guarded(policy.may_stand_by, receipt=Receipt)
def answer(principal: Principal, receipt: Receipt) -> ResponseReturnValue:
    """Confirm the own side, say what is wrong, or take back what one has written."""
    act = request.form.get("act", "")
    session, now = database_session(), clock.now()
    form = RefuseForm()
    if act not in ("confirm", "refuse", "withdraw"):
        raise NotFound
    if not form.validate():
        return _receipt_page(principal, receipt, refuse_form=form)
    try:
        if act == "confirm":
            operations.confirm(session, receipt, by=principal, now=now)
        elif act == "refuse":
            operations.refuse(session, receipt, reason=form.reason.data or "", by=principal, now=now)
        else:
            operations.withdraw(session, receipt, by=principal, now=now)
    except InvalidInput as error:
        form.reason.errors = [error.message]
        return _receipt_page(principal, receipt, refuse_form=form)
    except Refused as refusal:
        return _receipt_page(principal, receipt, refuse_form=form, refusal=refusal)
    drop_held_input(url_for(".show", receipt_id=receipt.id))
    said = {
        "confirm": "確認しました。",
        "refuse": "内容が違うことを伝えました。相手の側が、書き直します。",
        "withdraw": "取り下げました。",
    }[act]
    return after_task(principal, url_for(".show", receipt_id=receipt.id), said)


@bp.post("/receipts/<uuid:receipt_id>/paper-confirmation")
@guarded(policy.may_confirm_on_paper, receipt=Receipt)
def confirm_on_paper(principal: Principal, receipt: Receipt) -> ResponseReturnValue:
    """Enter that the other side has confirmed on paper."""
    form = PaperForm()
    if not form.validate():
        return _receipt_page(principal, receipt, paper_form=form)
    try:
        operations.confirm_on_paper(
            database_session(), receipt, note=form.note.data or "", by=principal, now=clock.now()
        )
    except InvalidInput as error:
        form.note.errors = [error.message]
        return _receipt_page(principal, receipt, paper_form=form)
    except RuleBroken as refusal:
        return _receipt_page(principal, receipt, paper_form=form, refusal=refusal)
    drop_held_input(url_for(".show", receipt_id=receipt.id))
    flash("紙での確認を記録しました。紙の預かり証は、保管してください。", "success")
    return redirect(url_for(".show", receipt_id=receipt.id), 303)


def _item(receipt: Receipt, position: int) -> Any:
    found = next((item for item in receipt.items if item.position == position), None)
    if found is None:
        raise NotFound
    return found


@bp.route("/receipts/<uuid:receipt_id>/items/<int:position>/extension", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_stand_by, receipt=Receipt)
def extend(principal: Principal, receipt: Receipt, position: int) -> ResponseReturnValue:
    """A later day for a thing's end, with a reason, before it is overdue."""
    item = _item(receipt, position)
    held = typed_before()
    form = ExtendForm(**({"formdata": held} if held else {}))
    refusal: Refused | None = None
    if form.validate_on_submit():
        try:
            operations.extend(
                database_session(), receipt, position, until_on=form.until_on.data, reason=form.reason.data or "",
                by=principal, now=clock.now(),
            )  # fmt: skip
        except InvalidInput as error:
            _put_at_field(form, error, "until_on")
        except RuleBroken as error:
            refusal = error
        else:
            drop_held_input()
            flash("期日を延ばしました。", "success")
            return redirect(url_for(".show", receipt_id=receipt.id), 303)
    story = queries.story_of(database_session(), receipt)
    return _answer(
        "receipts/extend.html", form, refusal, story=story, item=item, number=queries.record_number(receipt),
        standing={each.position: standing for each, standing in story.standings}[position],
    )  # fmt: skip


@bp.route("/receipts/<uuid:receipt_id>/items/<int:position>/end", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_end, receipt=Receipt)
def end(principal: Principal, receipt: Receipt, position: int) -> ResponseReturnValue:
    """How a thing, or a part of it, was returned or destroyed."""
    item = _item(receipt, position)
    held = typed_before()
    form = EndForm(**({"formdata": held} if held else {}), done_on=clock.today())
    refusal: Refused | None = None
    if form.validate_on_submit():
        try:
            operations.end(database_session(), receipt, position, form.facts(), by=principal, now=clock.now())
        except InvalidInput as error:
            _put_at_field(form, error, "count")
        except RuleBroken as error:
            refusal = error
        else:
            drop_held_input()
            flash("返却・廃棄を記録しました。", "success")
            return redirect(url_for(".show", receipt_id=receipt.id), 303)
    story = queries.story_of(database_session(), receipt)
    return _answer(
        "receipts/end.html", form, refusal, story=story, item=item, number=queries.record_number(receipt),
        standing={each.position: standing for each, standing in story.standings}[position],
    )  # fmt: skip


@bp.post("/receipts/<uuid:receipt_id>/acknowledgement")
@guarded(policy.may_acknowledge, receipt=Receipt)
def acknowledge(principal: Principal, receipt: Receipt) -> ResponseReturnValue:
    """The giver has read how the things ended."""
    try:
        operations.acknowledge(database_session(), receipt, by=principal, now=clock.now())
    except RuleBroken as refusal:
        return _receipt_page(principal, receipt, refusal=refusal)
    flash("返却・廃棄の記録を確認しました。", "success")
    return redirect(url_for(".show", receipt_id=receipt.id), 303)


@bp.get("/receipts/<uuid:receipt_id>/receipt.pdf")
@guarded(policy.may_read, receipt=Receipt)
def receipt_pdf(principal: Principal, receipt: Receipt) -> ResponseReturnValue:
    """The receipt on paper."""
    session = database_session()
    operations.record_look(session, receipt, by=principal, now=clock.now())
    content = paper.receipt_pdf(queries.story_of(session, receipt), made_at=clock.now())
    name = f"預かり証_{queries.record_number(receipt)}.pdf"
    return file_response(content, name=name, mimetype="application/pdf", inline=True)


@bp.get("/receipts/<uuid:receipt_id>/end.pdf")
@guarded(policy.may_read, receipt=Receipt)
def end_pdf(principal: Principal, receipt: Receipt) -> ResponseReturnValue:
    """How what was received ended, on paper."""
    session = database_session()
    story = queries.story_of(session, receipt)
    if not any(event.kind is EventKind.ENDED for event in story.events):
        raise NotFound("返却・廃棄の記録は、まだありません。", "返却・廃棄を記録すると、印刷できます。")
    operations.record_look(session, receipt, by=principal, now=clock.now())
    content = paper.end_pdf(story, made_at=clock.now())
    name = f"返却・廃棄の記録_{queries.record_number(receipt)}.pdf"
    return file_response(content, name=name, mimetype="application/pdf", inline=True)


# --- the registers ----------------------------------------------------------------------------------------------


def _asked(principal: Principal, organization: Organization) -> queries.Asked:
    centers = None
    if not policy.sees_all(principal, organization):
        centers = frozenset(center for where, center in principal.headed_centers if where == organization.id)
    return read_asked(request.args, organization_id=organization.id, centers=centers)


def _list(template: str, asked: queries.Asked, **context: Any) -> ResponseReturnValue:
    session, today = database_session(), clock.today()
    page = page_asked_for(queries.how_many(session, asked, today=today))
    query = as_query(asked)
    return render_template(
        template,
        lines=queries.lines(session, asked, today=today, limit=page.size, offset=page.offset),
        page=page,
        asked=asked,
        query=query,
        address="?" + urlencode(query) + ("&" if query else ""),
        directions=list(Direction),
        classes=[each for each in DataClass if not each.is_refused],
        states=[*((each.value, each.label) for each in State), *SPECIAL.items()],
        number=queries.record_number,
        Side=Side,
        today=today,
        **context,
    )


@bp.get("/organizations/<uuid:organization_id>/receipts")
@guarded(policy.may_see_register, organization=Organization)
def register(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """授受簿: every thing handed over, the latest first; for a head those of the own centers."""
    return _list(
        "receipts/register.html", _asked(principal, organization), organization=organization, municipality=None,
        sees_all=policy.sees_all(principal, organization), may_write=policy.may_write(principal, organization),
    )  # fmt: skip


@bp.get("/municipalities/<uuid:municipality_id>/receipts")
@guarded(policy.is_of_municipality, municipality=Municipality)
def of_municipality(principal: Principal, municipality: Municipality) -> ResponseReturnValue:
    """What the municipality has handed to its partners and received from them."""
    asked = read_asked(request.args, municipality_id=municipality.id)
    return _list(
        "receipts/register.html", asked, organization=None, municipality=municipality, sees_all=True, may_write=True
    )


def _file(principal: Principal, organization: Organization, form: str, most: int) -> tuple[list[queries.Line], str]:
    session, today = database_session(), clock.today()
    asked = _asked(principal, organization)
    total = queries.how_many(session, asked, today=today)
    if total > most:
        raise TooManyRows(f"{total}件あります。一度に書き出せるのは{most}件までです。")
    acts.record(
        session,
        Act(
            organization.id, "export.made", clock.now(), principal.actor, object_kind="organization",
            object_id=organization.id, details={"exported": "receipts", "form": form, "rows": total},
        ),
    )  # fmt: skip
    first = clock.era_date(asked.from_on) if asked.from_on else "はじめ"
    last = clock.era_date(asked.until_on) if asked.until_on else "現在"
    return queries.lines(session, asked, today=today, limit=most), f"{first}から{last}まで"


def _name(organization: Organization, ending: str) -> str:
    return f"授受簿_{organization.name}_{clock.today().isoformat()}.{ending}"


@bp.get("/organizations/<uuid:organization_id>/receipts.csv")
@guarded(policy.may_see_register, organization=Organization)
@proved_lately_to_read
def register_csv(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """The lines that are asked for, as CSV."""
    lines, _ = _file(principal, organization, "CSV", MOST_IN_FILE)
    return file_response(to_csv(paper.as_table(lines)), name=_name(organization, "csv"), mimetype="text/csv")


@bp.get("/organizations/<uuid:organization_id>/receipts.xlsx")
@guarded(policy.may_see_register, organization=Organization)
@proved_lately_to_read
def register_xlsx(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """The lines that are asked for, as XLSX."""
    lines, _ = _file(principal, organization, "Excel", MOST_IN_FILE)
    content = to_xlsx(paper.as_table(lines), created=clock.now())
    return file_response(content, name=_name(organization, "xlsx"), mimetype=XLSX)


@bp.get("/organizations/<uuid:organization_id>/receipts.pdf")
@guarded(policy.may_see_register, organization=Organization)
@proved_lately_to_read
def register_pdf(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """The lines that are asked for, on paper."""
    lines, period = _file(principal, organization, "PDF", MOST_ON_PAPER)
    content = paper.register_pdf(lines, organization.name, period=period, made_at=clock.now())
    return file_response(content, name=_name(organization, "pdf"), mimetype="application/pdf", inline=True)
