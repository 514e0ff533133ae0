"""The pages of membership in a council: asking, consenting, refusing, ending."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from partner_compliance import clock
from partner_compliance.access import Principal, guarded
from partner_compliance.accounts.views import drop_held_input, typed_before
from partner_compliance.councils import operations, paper, policy, queries
from partner_compliance.councils.forms import AskForm, ConsentForm, EndForm, ReasonForm
from partner_compliance.councils.models import CouncilRequest
from partner_compliance.errors import InvalidInput, Refused, RuleBroken
from partner_compliance.organizations.models import Municipality, Organization
from partner_compliance.organizations.queries import partners_of
from partner_compliance.pledges.words import CONFIRMATION
from partner_compliance.web import (
    database_session,
    file_response,
    library,
    page_asked_for,
    put_at_field,
    restores_input,
)

#: What a council is called where it has no name of its own.
COUNCIL = "要保護児童対策地域協議会"

bp = Blueprint("councils", __name__, template_folder="templates")


# --- lists ------------------------------------------------------------------------------------------------------


@bp.get("/municipalities/<uuid:municipality_id>/council")
@guarded(policy.may_run, municipality=Municipality)
def members(principal: Principal, municipality: Municipality) -> ResponseReturnValue:
    """The organizations that were asked to be members, and where each stands."""
    session = database_session()
    page = page_asked_for(queries.how_many_requests(session, municipality.id))
    return render_template(
        "councils/members.html",
        municipality=municipality,
        organization=None,
        rows=queries.of_municipality(session, municipality.id, limit=page.size, offset=page.offset),
        page=page,
    )


@bp.get("/organizations/<uuid:organization_id>/council")
@guarded(policy.may_see_requests, organization=Organization)
def of_organization(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """The councils that have asked the organization to be a member."""
    return render_template(
        "councils/members.html",
        municipality=None,
        organization=organization,
        rows=queries.of_organizations(database_session(), [organization.id]),
        page=None,
    )


@bp.route("/municipalities/<uuid:municipality_id>/council/new", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_run, municipality=Municipality)
def ask(principal: Principal, municipality: Municipality) -> ResponseReturnValue:
    """Ask a partner to be a member of the council."""
    session = database_session()
    partners = partners_of(session, municipality.id, today=clock.today())
    held = typed_before()
    form = AskForm(partners, **({"formdata": held} if held else {}), council=COUNCIL)
    refusal: Refused | None = None
    if form.validate_on_submit():
        organization = session.get_one(Organization, UUID(form.organization.data))
        try:
            made = operations.ask(
                session, municipality, organization, council=form.council.data or "", category=form.category.data,
                by=principal, now=clock.now(), request_key=form.request_key.data,
            )  # fmt: skip
        except InvalidInput as error:
            put_at_field(form, error, "council")
        except RuleBroken as error:
            refusal = error
        else:
            drop_held_input()
            flash(f"{organization.name}に承諾をお願いしました。団体のホームに表示されます。", "success")
            return redirect(url_for(".membership", request_id=made.id), 303)
    page = render_template(
        "councils/ask.html", form=form, refusal=refusal, municipality=municipality, partners=partners
    )
    return page, refusal.status if refusal else 422 if form.errors else 200


# --- one membership ---------------------------------------------------------------------------------------------


@bp.get("/council-memberships/<uuid:request_id>")
@restores_input
@guarded(policy.may_see, request=CouncilRequest)
def membership(principal: Principal, request: CouncilRequest) -> ResponseReturnValue:
    """A request with its text, and what can be done with it."""
    return _page(principal, request)


def _page(
    principal: Principal,
    request: CouncilRequest,
    *,
    consent: ConsentForm | None = None,
    reason: ReasonForm | None = None,
    end: EndForm | None = None,
    refusal: Refused | None = None,
) -> ResponseReturnValue:
    session, today = database_session(), clock.today()
    found = queries.membership_of(session, request)
    text = (
        paper.text_of(found)
        or queries.consent_text(
            library(), found.organization, found.municipality, request.council, request.category, today
        )[1]
    )
    is_municipal = policy.is_municipal(principal, request)
    form = consent or ConsentForm(formdata=None, signed_on=today)
    form.digest.data = text.digest
    sent = next((each for each in (consent, reason, end) if each is not None), None)
    page = render_template(
        "councils/membership.html",
        found=found,
        text=text,
        number=queries.membership_number(request),
        consent=form,
        reason=reason or ReasonForm(formdata=None),
        end=end or EndForm(formdata=None, ends_on=today),
        sent=sent,
        refusal=refusal,
        is_municipal=is_municipal,
        may_reply=policy.may_reply(principal, request),
        represents=policy.represents(principal, request),
        confirmation=CONFIRMATION,
    )
    return page, refusal.status if refusal else 422 if sent is not None and sent.errors else 200


@bp.post("/council-memberships/<uuid:request_id>/consent")
@guarded(policy.may_reply, request=CouncilRequest)
def consent(principal: Principal, request: CouncilRequest) -> ResponseReturnValue:
    """Consent for the organization."""
    form = ConsentForm()
    if policy.represents(principal, request):
        del form.signed_on
    if not form.validate_on_submit():
        return _page(principal, request, consent=form)
    said = operations.Consent(
        form.name.data or "", form.post.data or "", form.address.data or "", form.contact.data or "",
        form.digest.data or "", form.signed_on.data if "signed_on" in form else clock.today(),
    )  # fmt: skip
    try:
        operations.consent(database_session(), library(), request, said, by=principal, now=clock.now())
    except InvalidInput as error:
        put_at_field(form, error, "name")
        return _page(principal, request, consent=form)
    except RuleBroken as error:
        form.is_read.data = False
        return _page(principal, request, consent=form, refusal=error)
    flash("承諾を記録しました。", "success")
    return redirect(url_for(".membership", request_id=request.id), 303)


@bp.post("/council-memberships/<uuid:request_id>/refusal")
@guarded(policy.may_see, request=CouncilRequest)
def refuse(principal: Principal, request: CouncilRequest) -> ResponseReturnValue:
    """Say no, for the organization; or take the request back, for the municipality."""
    form = ReasonForm()
    act = operations.withdraw if policy.is_municipal(principal, request) else operations.decline
    if form.validate_on_submit():
        try:
            act(database_session(), request, reason=form.reason.data or "", by=principal, now=clock.now())
        except InvalidInput as error:
            put_at_field(form, error, "reason")
        except RuleBroken as error:
            return _page(principal, request, reason=form, refusal=error)
        else:
            flash("記録しました。相手の画面にも表示されます。", "success")
            return redirect(url_for(".membership", request_id=request.id), 303)
    return _page(principal, request, reason=form)


@bp.post("/council-memberships/<uuid:request_id>/end")
@guarded(policy.may_see, request=CouncilRequest)
def end(principal: Principal, request: CouncilRequest) -> ResponseReturnValue:
    """Record that a membership has ended."""
    form = EndForm()
    if form.validate_on_submit():
        try:
            operations.end(
                database_session(), request, ends_on=form.ends_on.data, reason=form.reason.data or "", by=principal,
                now=clock.now(),
            )  # fmt: skip
        except InvalidInput as error:
            put_at_field(form, error, "reason")
        except RuleBroken as error:
            return _page(principal, request, end=form, refusal=error)
        else:
            flash("終了を記録しました。秘密を守る義務は、これからも続きます。", "success")
            return redirect(url_for(".membership", request_id=request.id), 303)
    return _page(principal, request, end=form)


@bp.get("/council-memberships/<uuid:request_id>/pdf")
@guarded(policy.may_see, request=CouncilRequest)
def consent_pdf(principal: Principal, request: CouncilRequest) -> ResponseReturnValue:
    """The consent on paper."""
    found = queries.membership_of(database_session(), request)
    content = paper.consent_pdf(found, made_at=clock.now())
    name = f"承諾書_{queries.membership_number(request)}.pdf"
    return file_response(content, name=name, mimetype="application/pdf", inline=True)
