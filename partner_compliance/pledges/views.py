"""The pages of whoever signs: what is asked, reading and signing, and every own record."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from partner_compliance import acts, clock
from partner_compliance.access import Principal, guarded, opens_at_kiosks
from partner_compliance.accounts.views import drop_held_input, typed_before
from partner_compliance.acts import Act
from partner_compliance.errors import InvalidInput, NotFound, Refused, RuleBroken
from partner_compliance.kiosks.views import after_task
from partner_compliance.library.pledges import Occasion
from partner_compliance.organizations.models import Engagement, Organization, Worker
from partner_compliance.pledges import operations, paper, policy, queries
from partner_compliance.pledges.forms import OF_WORKERS, CancelForm, SignForm
from partner_compliance.pledges.models import Pledge
from partner_compliance.pledges.queries import Asked
from partner_compliance.pledges.scans import SUFFIXES
from partner_compliance.pledges.words import CONFIRMATION
from partner_compliance.web import database_session, file_response, library, put_at_field, restores_input

bp = Blueprint("pledges", __name__, template_folder="templates")


def asked_for(occasion: str, organization_id: UUID) -> Asked:
    """The pledge that an address means; raises NotFound for what no worker signs."""
    if occasion not in [each.value for each in OF_WORKERS]:
        raise NotFound
    found = Occasion(occasion)
    if found is not Occasion.ENGAGEMENT:
        return Asked(found)
    try:
        wanted = UUID(request.args.get("engagement", ""))
    except ValueError:
        raise NotFound from None
    engagement = database_session().get(Engagement, (organization_id, wanted))
    if engagement is None or engagement.accepted_at is None:
        raise NotFound
    return Asked(found, engagement)


def address_of(worker: Worker, asked: Asked) -> str:
    """Where somebody reads and signs a pledge."""
    engagement = asked.engagement.id if asked.engagement else None
    return url_for("pledges.sign", worker_id=worker.id, occasion=asked.occasion.value, engagement=engagement)


@bp.get("/my/pledges")
@opens_at_kiosks
@guarded(policy.works)
def own(principal: Principal) -> ResponseReturnValue:
    """What the reader is asked to sign, and everything signed so far."""
    session, today = database_session(), clock.today()
    keys = {
        (held.organization_id, held.worker_id)
        for held in principal.standings
        if held.organization_id and held.worker_id
    }
    workers = [session.get_one(Worker, key) for key in sorted(keys)]
    dues = queries.dues_of(session, library(), workers, today=today)
    return render_template(
        "pledges/own.html",
        dues=[(due, address_of(worker, due.asked)) for worker in workers for due in dues[worker.id]],
        records=queries.all_of(session, keys),
        titles={each.key: each.title for each in library().wordings},
        number=queries.record_number,
        today=today,
    )


@bp.route("/workers/<uuid:worker_id>/pledge/<occasion>", methods=["GET", "POST"])
@opens_at_kiosks
@restores_input
@guarded(policy.is_own, worker=Worker)
def sign(principal: Principal, worker: Worker, occasion: str) -> ResponseReturnValue:
    """Read a pledge on one page, and sign it with the own name."""
    session, today = database_session(), clock.today()
    asked = asked_for(occasion, worker.organization_id)
    organization = session.get_one(Organization, worker.organization_id)
    held = typed_before()
    form = SignForm(**({"formdata": held} if held else {}))
    refusal: Refused | None = None
    if form.validate_on_submit():
        signing = operations.Signing(form.typed_name.data or "", form.digest.data or "", form.request_key.data)
        try:
            made = operations.sign(session, library(), worker, asked, signing, by=principal, now=clock.now())
        except InvalidInput as error:
            put_at_field(form, error, "typed_name")
        except RuleBroken as error:
            refusal = error
        else:
            drop_held_input()
            return after_task(
                principal, url_for(".show", pledge_id=made.id), "署名を記録しました。ありがとうございます。"
            )
    wanted = queries.text_for(session, library(), organization, worker.kind, asked, today)
    month = queries.month_of(session, organization.id)
    since = operations.told_since(worker, asked, month, today=today)
    form.digest.data = wanted.text.digest
    if isinstance(refusal, operations.TextChanged):
        form.is_read.data = False
    dues = queries.dues_of(session, library(), [worker], today=today)[worker.id]
    page = render_template(
        "pledges/sign.html",
        form=form,
        refusal=refusal,
        worker=worker,
        organization=organization,
        asked=asked,
        wording=wanted.wording,
        text=wanted.text,
        told=queries.told_of(session, worker, asked, since=since),
        needs_telling=asked.occasion in (Occasion.JOINING, Occasion.ENGAGEMENT),
        is_asked=any(each.asked == asked for each in dues),
        confirmation=CONFIRMATION,
    )
    return page, refusal.status if refusal else 422 if form.errors else 200


# --- one record -------------------------------------------------------------------------------------------------


def _note_look(principal: Principal, pledge: Pledge) -> None:
    if pledge.worker_id not in principal.worker_ids:
        acts.record(
            database_session(),
            Act(
                pledge.organization_id, "pledge.viewed", clock.now(), principal.actor, subject_id=pledge.worker_id,
                object_kind="pledge", object_id=pledge.id, is_look=True,
            ),
        )  # fmt: skip


@bp.get("/pledges/<uuid:pledge_id>")
@opens_at_kiosks
@guarded(policy.may_read, pledge=Pledge)
def show(principal: Principal, pledge: Pledge) -> ResponseReturnValue:
    """A pledge as it was read and signed: the signer's receipt."""
    _note_look(principal, pledge)
    return show_page(principal, pledge)


def show_page(
    principal: Principal, pledge: Pledge, *, form: CancelForm | None = None, refusal: Refused | None = None
) -> ResponseReturnValue:
    """The page of a pledge; with a form that came back, or with why it could not be done."""
    record = queries.record_of(database_session(), pledge)
    page = render_template(
        "pledges/show.html",
        record=record,
        pledge=pledge,
        number=queries.record_number(pledge),
        told=paper.told_in_words(pledge),
        form=form or CancelForm(formdata=None),
        refusal=refusal,
        may_cancel=policy.may_cancel(principal, pledge) and record.cancellation is None,
        is_own=pledge.worker_id in principal.worker_ids,
        confirmation=CONFIRMATION,
    )
    return page, refusal.status if refusal else 422 if form is not None and form.errors else 200


@bp.get("/pledges/<uuid:pledge_id>/pdf")
@guarded(policy.may_read, pledge=Pledge)
def record_pdf(principal: Principal, pledge: Pledge) -> ResponseReturnValue:
    """The same as PDF."""
    _note_look(principal, pledge)
    content = paper.record_pdf(queries.record_of(database_session(), pledge), made_at=clock.now())
    name = f"誓約書_{queries.record_number(pledge)}.pdf"
    return file_response(content, name=name, mimetype="application/pdf", inline=True)


@bp.get("/pledges/<uuid:pledge_id>/scan")
@guarded(policy.may_read, pledge=Pledge)
def scan(principal: Principal, pledge: Pledge) -> ResponseReturnValue:
    """The signed paper as it was scanned, to save."""
    found = queries.record_of(database_session(), pledge).scan
    if found is None or found.content is None:
        raise NotFound("署名した紙の画像はありません。", "保存されていないか、すでに消去されています。")
    _note_look(principal, pledge)
    name = f"誓約書_{queries.record_number(pledge)}_署名.{SUFFIXES[found.media_type]}"
    return file_response(found.content, name=name, mimetype=found.media_type)


@bp.post("/pledges/<uuid:pledge_id>/cancellation")
@guarded(policy.may_cancel, pledge=Pledge)
def cancel(principal: Principal, pledge: Pledge) -> ResponseReturnValue:
    """Say that a record was a mistake."""
    form = CancelForm()
    if form.validate_on_submit():
        try:
            operations.cancel(database_session(), pledge, reason=form.reason.data or "", by=principal, now=clock.now())
        except InvalidInput as error:
            put_at_field(form, error, "reason")
        except RuleBroken as error:
            return show_page(principal, pledge, form=form, refusal=error)
        else:
            return redirect(url_for(".show", pledge_id=pledge.id), 303)
    return show_page(principal, pledge, form=form)
