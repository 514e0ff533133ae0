"""The pages of networks: the office's, and those of the members who let it act."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from partner_compliance import clock
from partner_compliance.access import Entrusted, Principal, guarded, proved_lately
from partner_compliance.accounts import operations as accounts
from partner_compliance.errors import InvalidInput, NotFound, RuleBroken
from partner_compliance.history.labels import sentence
from partner_compliance.networks import operations, policy, queries
from partner_compliance.networks.forms import MandateForm, NetworkForm, OfficeForm
from partner_compliance.organizations.models import Organization
from partner_compliance.organizations.networks import Network, NetworkMandate, NetworkMembership
from partner_compliance.web import database_session, render_form

bp = Blueprint("networks", __name__, template_folder="templates")


# --- the network's side -----------------------------------------------------------------------------------------


@bp.get("/organizations/<uuid:organization_id>/network")
@guarded(policy.may_see, organization=Organization)
def office(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """The network that an organization is: its members, and who works in its office."""
    return _office_page(principal, organization, None)


def _office_page(
    principal: Principal, organization: Organization, form: OfficeForm | None, *, refusal: RuleBroken | None = None
) -> ResponseReturnValue:
    session, today = database_session(), clock.today()
    network = session.get(Network, organization.id)
    may_run = policy.may_run(principal, organization)
    if network is not None and may_run:
        form = form or OfficeForm(formdata=None)
        form.offer(queries.who_could_work_in_office(session, organization.id, today))
    page = render_template(
        "networks/office.html",
        organization=organization,
        network=network,
        may_run=may_run,
        members=queries.members_of(session, organization.id, today) if network else [],
        office=queries.office_of(session, organization.id, today) if network else [],
        form=form,
        refusal=refusal,
    )
    return page, refusal.status if refusal else 422 if form is not None and form.errors else 200


@bp.route("/organizations/<uuid:organization_id>/network/edit", methods=["GET", "POST"])
@guarded(policy.may_run, organization=Organization)
def edit(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """Make the organization a network, or change the network's name and rules."""
    session = database_session()
    network = session.get(Network, organization.id)
    form = NetworkForm(obj=network) if network else NetworkForm(name=organization.name)
    if form.validate_on_submit():
        try:
            operations.open_network(
                session, organization, name=form.name.data or "", rules=form.rules.data or "",
                by=principal.actor, now=clock.now(),
            )  # fmt: skip
        except InvalidInput as refusal:
            form.name.errors = [refusal.message]
        else:
            flash("協議会・ネットワークの情報を登録しました。", "success")
            return redirect(url_for(".office", organization_id=organization.id), 303)
    return render_form("networks/edit.html", form, organization=organization, network=network)


@bp.post("/organizations/<uuid:organization_id>/network/office")
@guarded(policy.may_run, organization=Organization)
@proved_lately
def appoint(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """Let someone work in the network's office."""
    session = database_session()
    form = OfficeForm()
    workers = queries.who_could_work_in_office(session, organization.id, clock.today())
    form.offer(workers)
    if not form.validate():
        return _office_page(principal, organization, form)
    worker = next(each for each in workers if str(each.id) == form.worker.data)
    try:
        operations.appoint(session, worker, by=principal.actor, now=clock.now())
    except RuleBroken as refusal:
        return _office_page(principal, organization, None, refusal=refusal)
    flash(f"{worker.name}さんを、事務局の担当者にしました。", "success")
    return redirect(url_for(".office", organization_id=organization.id), 303)


@bp.post("/organizations/<uuid:organization_id>/network/office/end")
@guarded(policy.may_run, organization=Organization)
@proved_lately
def dismiss(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """Let someone work in the network's office no more, at once."""
    session = database_session()
    for each in queries.office_of(session, organization.id, clock.today()):
        if str(each.role.id) == request.form.get("role"):
            accounts.end_role(session, each.role, by=principal.actor, now=clock.now())
            flash(f"{each.worker.name}さんを、事務局の担当者から外しました。", "success")
            return redirect(url_for(".office", organization_id=organization.id), 303)
    raise RuleBroken("この方は、もう事務局の担当者ではありません。")


@bp.post("/organizations/<uuid:organization_id>/network/members/end")
@guarded(policy.may_run, organization=Organization)
def end_member(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """End a member's membership, from the network's side."""
    session = database_session()
    for each in queries.members_of(session, organization.id, clock.today()):
        if str(each.membership.id) == request.form.get("membership"):
            operations.leave(session, each.membership, by=principal.actor, now=clock.now())
            flash(f"{each.organization.name}の参加を終わりにしました。", "success")
            return redirect(url_for(".office", organization_id=organization.id), 303)
    raise operations.NotMember


# --- the member's side ------------------------------------------------------------------------------------------


@bp.get("/organizations/<uuid:organization_id>/networks")
@guarded(policy.may_see, organization=Organization)
def memberships(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """To which networks the organization belongs, what their offices may do for it, and what they did."""
    session, today = database_session(), clock.today()
    found = queries.memberships_of(session, organization.id, today)
    return render_template(
        "networks/memberships.html",
        organization=organization,
        memberships=found,
        acts=[(entry, sentence(entry)) for entry in queries.acts_of_offices(session, organization.id)] if found else [],
        is_network=session.get(Network, organization.id) is not None,
        may_entrust=policy.may_run(principal, organization),
        today=today,
    )


@bp.route("/memberships/<uuid:membership_id>/mandate", methods=["GET", "POST"])
@guarded(policy.may_entrust, membership=NetworkMembership)
@proved_lately
def entrust(principal: Principal, membership: NetworkMembership) -> ResponseReturnValue:
    """Say what the network's office may do for the organization."""
    session, today = database_session(), clock.today()
    network = session.get_one(Network, membership.network_id)
    organization = session.get_one(Organization, membership.organization_id)
    form = MandateForm(from_on=today, tasks=_entrusted_today(organization.id, membership.id))
    if form.validate_on_submit():
        assert form.from_on.data is not None  # noqa: S101 - required
        try:
            operations.entrust(
                session, membership, form.tasks.data or [], from_on=form.from_on.data, until_on=form.until_on.data,
                by=principal.actor, now=clock.now(),
            )  # fmt: skip
        except InvalidInput as refusal:
            form.until_on.errors = [refusal.message]
        else:
            flash(f"{network.name}の事務局に任せました。いつでも、すぐに取り消せます。", "success")
            return redirect(url_for(".memberships", organization_id=organization.id), 303)
    return render_form(
        "networks/mandate.html",
        form,
        network=network,
        organization=organization,
        office=[each.worker.name for each in queries.office_of(session, network.organization_id, today)],
        tasks=list(Entrusted),
    )


def _entrusted_today(organization_id: UUID, membership_id: UUID) -> list[Entrusted]:
    today = clock.today()
    for each in queries.memberships_of(database_session(), organization_id, today):
        if each.membership.id == membership_id:
            held = [one.mandate.entrusted for one in each.mandates if one.state(today) in ("valid", "coming")]
            return sorted(held[0]) if held else []
    raise NotFound


@bp.post("/mandates/<uuid:mandate_id>/end")
@guarded(policy.may_revoke, mandate=NetworkMandate)
def revoke(principal: Principal, mandate: NetworkMandate) -> ResponseReturnValue:
    """Take back what the network's office may do, at once."""
    operations.revoke(database_session(), mandate, by=principal.actor, now=clock.now())
    flash("事務局に任せることを取り消しました。事務局は、もう何もできません。", "success")
    return redirect(url_for(".memberships", organization_id=mandate.organization_id), 303)


@bp.post("/memberships/<uuid:membership_id>/end")
@guarded(policy.may_leave, membership=NetworkMembership)
def leave(principal: Principal, membership: NetworkMembership) -> ResponseReturnValue:
    """Leave the network, at once."""
    operations.leave(database_session(), membership, by=principal.actor, now=clock.now())
    flash("ネットワークへの参加を終わりにしました。事務局に任せていたことも、すべて終わりました。", "success")
    return redirect(url_for(".memberships", organization_id=membership.organization_id), 303)
