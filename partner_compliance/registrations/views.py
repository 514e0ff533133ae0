"""The pages of registrations: inviting groups, and the three pages on which a group registers itself."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from partner_compliance import clock
from partner_compliance.access import NotAtKiosks, Principal, Role, anyone, guarded, public
from partner_compliance.accounts import operations as accounts
from partner_compliance.accounts.models import User
from partner_compliance.accounts.views import enter_browser
from partner_compliance.documents.registration_letter import RegistrationLetter, registration_letter_pdf
from partner_compliance.errors import InvalidInput, NotFound, Refused, RuleBroken
from partner_compliance.networks import operations as networks
from partner_compliance.organizations import operations as organizations
from partner_compliance.organizations.models import Municipality, Organization
from partner_compliance.organizations.networks import Network
from partner_compliance.organizations.queries import organizations_named
from partner_compliance.registrations import codes, operations, policy, queries
from partner_compliance.registrations.forms import (
    AccountStep,
    AgreementStep,
    ByHandForm,
    CodeForm,
    JoinForm,
    MemberInvitationForm,
    OrganizationStep,
    PartnerInvitationForm,
    PeopleStep,
)
from partner_compliance.registrations.models import Invitation, MemberInvitation, PartnerInvitation
from partner_compliance.registrations.operations import Named, NewAccount, Opened, Registered
from partner_compliance.web import (
    database_session,
    file_response,
    keep_work,
    page_asked_for,
    qr_picture,
    render_form,
    settings,
)

bp = Blueprint("registrations", __name__, template_folder="templates")

#: From one address so many codes can be tried within an hour.
_TRIES = 20


# --- the inviting side ------------------------------------------------------------------------------------------


@bp.get("/municipalities/<uuid:municipality_id>/registrations")
@guarded(policy.may_invite_partners, municipality=Municipality)
def partners(principal: Principal, municipality: Municipality) -> ResponseReturnValue:
    """The groups that the municipality has invited, and where each stands."""
    session = database_session()
    page = page_asked_for(queries.how_many_partners_invited(session, municipality.id))
    return render_template(
        "registrations/index.html",
        inviter=municipality.name,
        rows=queries.partners_invited(session, municipality.id, limit=page.size, offset=page.offset),
        page=page,
        now=clock.now(),
        new_url=url_for(".invite_partner", municipality_id=municipality.id),
        revoke="registrations.revoke_partner",
        is_network=False,
    )


@bp.route("/municipalities/<uuid:municipality_id>/registrations/new", methods=["GET", "POST"])
@guarded(policy.may_invite_partners, municipality=Municipality)
def invite_partner(principal: Principal, municipality: Municipality) -> ResponseReturnValue:
    """Invite a group, by mail or on paper; the engagement may come with it."""
    session = database_session()
    place: dict[str, Any] = {"municipality_id": municipality.id}
    again = session.get(PartnerInvitation, (municipality.id, _id_asked())) if _id_asked() else None
    form = PartnerInvitationForm(obj=again, **_as_before(again), **_basis_of(again))
    if form.validate_on_submit():
        try:
            made, secret = operations.invite_partner(
                session,
                municipality,
                group_name=form.group_name.data or "",
                email=form.address,
                terms=form.terms,
                link_base=_link(""),
                by=principal.actor,
                now=clock.now(),
            )
        except operations.EngagementOver as refusal:
            form.ends_on.errors = [refusal.message]
        except InvalidInput as refusal:
            form.group_name.errors = [refusal.message]
        else:
            _replace(again, principal)
            letter, back = url_for(".partner_letter", **place), url_for(".partners", **place)
            return _issued(made, secret, municipality.name, letter, back)
    return render_form(
        "registrations/invite.html", form, inviter=municipality.name, again=again,
        back_url=url_for(".partners", municipality_id=municipality.id),
    )  # fmt: skip


@bp.post("/municipalities/<uuid:municipality_id>/registrations/letter.pdf")
@guarded(policy.may_invite_partners, municipality=Municipality)
def partner_letter(principal: Principal, municipality: Municipality) -> ResponseReturnValue:
    """The invitation as a page to hand over; only for whoever has just made it and knows its code."""
    opened = operations.find(database_session(), request.form.get("code", ""), now=clock.now())
    if opened.municipality is None or opened.municipality.id != municipality.id:
        raise operations.InvitationNotValid
    return _letter(opened)


@bp.post("/partner-invitations/<uuid:invitation_id>/revocation")
@guarded(policy.may_revoke_partner, invitation=PartnerInvitation)
def revoke_partner(principal: Principal, invitation: PartnerInvitation) -> ResponseReturnValue:
    """Take an invitation back."""
    operations.revoke(database_session(), invitation, by=principal.actor, now=clock.now())
    flash(f"{invitation.group_name}への招待を取り消しました。", "success")
    return redirect(url_for(".partners", municipality_id=invitation.municipality_id), 303)


@bp.get("/organizations/<uuid:organization_id>/registrations")
@guarded(policy.may_invite_members, organization=Organization)
def members(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """The groups that the network has invited, and where each stands."""
    session = database_session()
    network = session.get(Network, organization.id)
    if network is None:
        raise networks.NotANetwork
    page = page_asked_for(queries.how_many_members_invited(session, organization.id))
    return render_template(
        "registrations/index.html",
        inviter=network.name,
        rows=queries.members_invited(session, organization.id, limit=page.size, offset=page.offset),
        page=page,
        now=clock.now(),
        new_url=url_for(".invite_member", organization_id=organization.id),
        revoke="registrations.revoke_member",
        is_network=True,
    )


@bp.route("/organizations/<uuid:organization_id>/registrations/new", methods=["GET", "POST"])
@guarded(policy.may_invite_members, organization=Organization)
def invite_member(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """Invite a group to the network, by mail or on paper."""
    session = database_session()
    network = session.get(Network, organization.id)
    if network is None:
        raise networks.NotANetwork
    again = session.get(MemberInvitation, (organization.id, _id_asked())) if _id_asked() else None
    form = MemberInvitationForm(obj=again, **_as_before(again))
    if form.validate_on_submit():
        try:
            made, secret = operations.invite_member(
                session,
                organization,
                group_name=form.group_name.data or "",
                email=form.address,
                link_base=_link(""),
                by=principal.actor,
                now=clock.now(),
            )
        except InvalidInput as refusal:
            form.group_name.errors = [refusal.message]
        else:
            _replace(again, principal)
            letter = url_for(".member_letter", organization_id=organization.id)
            return _issued(made, secret, network.name, letter, url_for(".members", organization_id=organization.id))
    return render_form(
        "registrations/invite.html", form, inviter=network.name, again=again,
        back_url=url_for(".members", organization_id=organization.id),
    )  # fmt: skip


@bp.post("/organizations/<uuid:organization_id>/registrations/letter.pdf")
@guarded(policy.may_invite_members, organization=Organization)
def member_letter(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """The invitation as a page to hand over; only for whoever has just made it and knows its code."""
    opened = operations.find(database_session(), request.form.get("code", ""), now=clock.now())
    if opened.network is None or opened.network.organization_id != organization.id:
        raise operations.InvitationNotValid
    return _letter(opened)


@bp.post("/member-invitations/<uuid:invitation_id>/revocation")
@guarded(policy.may_revoke_member, invitation=MemberInvitation)
def revoke_member(principal: Principal, invitation: MemberInvitation) -> ResponseReturnValue:
    """Take an invitation back."""
    operations.revoke(database_session(), invitation, by=principal.actor, now=clock.now())
    flash(f"{invitation.group_name}への招待を取り消しました。", "success")
    return redirect(url_for(".members", organization_id=invitation.organization_id), 303)


def _id_asked() -> UUID | None:
    """The invitation that is to be made anew: its id, of whatever municipality or network."""
    text = request.values.get("again", "")
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _as_before(again: Invitation | None) -> dict[str, Any]:
    return {"way": "mail" if again.email else "paper"} if again else {}


def _basis_of(again: PartnerInvitation | None) -> dict[str, Any]:
    return {"data": {"basis": again.basis.value}} if again is not None and again.basis else {}


def _replace(again: Invitation | None, principal: Principal) -> None:
    """An invitation made anew takes the place of the one before."""
    if again is not None and again.used_at is None and again.revoked_at is None:
        operations.revoke(database_session(), again, by=principal.actor, now=clock.now())


def _issued(made: Invitation, secret: str, inviter: str, letter_url: str, back_url: str) -> ResponseReturnValue:
    """What is told only now: the code of an invitation on paper; of a mailed one only where it went."""
    if made.email is not None:
        flash(f"{made.group_name}（{made.email}）に招待を送りました。", "success")
        return redirect(back_url, 303)
    return render_template(
        "registrations/issued.html",
        invitation=made,
        inviter=inviter,
        code=secret,
        address=_link("").rstrip("/"),
        qr=qr_picture(_link(secret)),
        until=clock.local_date(made.expires_at),
        letter_url=letter_url,
        back_url=back_url,
    )


def _letter(opened: Opened) -> ResponseReturnValue:
    invitation, secret = opened.invitation, request.form.get("code", "")
    content = registration_letter_pdf(
        RegistrationLetter(
            inviter=opened.inviter,
            group=invitation.group_name,
            is_network=opened.network is not None,
            link=_link(secret),
            address=_link("").rstrip("/"),
            code=secret,
            until=clock.local_date(invitation.expires_at),
            made_on=clock.local_date(invitation.issued_at),
            engagement=invitation.title or "" if isinstance(invitation, PartnerInvitation) else "",
        ),
        created=invitation.issued_at,
    )
    return file_response(content, name="団体登録のご案内.pdf", mimetype="application/pdf", inline=True)


def _link(secret: str) -> str:
    return f"{settings().base_url}/registration/{secret}"


# --- the invited group ------------------------------------------------------------------------------------------


@bp.route("/registration", methods=["GET", "POST"])
@public
def enter_code() -> ResponseReturnValue:
    """Type the code from a printed invitation."""
    form = CodeForm()
    if form.validate_on_submit():
        now = clock.now()
        try:
            accounts.refuse_too_many(
                database_session(), f"registration:{accounts.digest(request.remote_addr or '')}", limit=_TRIES,
                within=timedelta(hours=1), now=now,
            )  # fmt: skip
            operations.find(database_session(), form.code.data or "", now=now)
        except RuleBroken as refusal:
            keep_work()
            form.code.errors = [f"{refusal.message}{refusal.what_to_do}"]
        except Refused:
            keep_work()
            raise
        else:
            return redirect(url_for(".start", secret=_shown(form.code.data or "")), 303)
    return render_form("registrations/enter_code.html", form)


def _shown(typed: str) -> str:
    """The code as it stands in the link."""
    code = codes.read(typed)
    return "-".join(code[at : at + codes.GROUP] for at in range(0, len(code), codes.GROUP))


def _opened(secret: str) -> Opened:
    return operations.find(database_session(), secret, now=clock.now())


def _reader() -> Principal | None:
    principal: Principal | None = g.get("principal")
    return principal


@bp.get("/registration/<secret>")
@public
def start(secret: str) -> ResponseReturnValue:
    """Who invites, what it takes, and two ways on: register, or join with an organization that is registered."""
    return _start_page(_opened(secret), secret)


def _start_page(
    opened: Opened, secret: str, form: JoinForm | None = None, refusal: RuleBroken | None = None
) -> ResponseReturnValue:
    own = _own_organizations()
    can_join = opened.network is not None or opened.has_engagement
    if can_join and own:
        form = form or JoinForm(formdata=None)
        form.offer(own)
    page = render_template(
        "registrations/start.html",
        opened=opened,
        invitation=opened.invitation,
        secret=secret,
        next_step=_next_step(opened.invitation.draft),
        can_join=can_join,
        form=form if can_join and own else None,
        reader=_reader(),
        until=clock.local_date(opened.invitation.expires_at),
        refusal=refusal,
    )
    return page, refusal.status if refusal else 422 if form is not None and form.errors else 200


def _own_organizations() -> list[tuple[str, str]]:
    """The organizations for which the reader may accept an invitation, as (id, name)."""
    reader = _reader()
    if reader is None:
        return []
    ids = [
        each
        for each in sorted(reader.organization_ids)
        if reader.is_(Role.PROTECTION_OFFICER, each) or reader.is_(Role.REPRESENTATIVE, each)
    ]
    return [(str(key), name) for key, name in organizations_named(database_session(), ids).items()] if ids else []


@bp.post("/registration/<secret>/membership")
@guarded(anyone)
def join(reader: Principal, secret: str) -> ResponseReturnValue:
    """Accept the invitation for an organization that is registered already."""
    opened, form, own = _opened(secret), JoinForm(), _own_organizations()
    if not own:
        raise NotFound
    form.offer(own)
    if not form.validate():
        return _start_page(opened, secret, form)
    session = database_session()
    organization = session.get_one(Organization, UUID(form.organization.data))
    if not policy.may_accept_for(reader, organization):
        raise NotFound
    try:
        operations.accept(session, opened, organization, by=reader.actor, now=clock.now())
    except RuleBroken as refusal:
        return _start_page(opened, secret, form, refusal)
    flash(f"{organization.name}として、{opened.inviter}からの招待を承諾しました。", "success")
    if opened.network is not None:
        return redirect(url_for("networks.memberships", organization_id=organization.id), 303)
    return redirect(url_for("organizations.show", organization_id=organization.id), 303)


_STEPS = ("organization", "people", "account")


def _kept(draft: Mapping[str, Any] | None, step: str) -> MultiDict[str, str] | None:
    """What was kept of one page, as if a browser had sent it."""
    found = (draft or {}).get(step)
    if not isinstance(found, dict):
        return None
    return MultiDict({name: value for name, value in found.items() if isinstance(value, str) and value})


def _next_step(draft: Mapping[str, Any] | None) -> str:
    """The first page that nothing was kept of."""
    return next((step for step in _STEPS[:2] if _kept(draft, step) is None), "account")


def _typed() -> dict[str, str]:
    """What the page sent, to be kept: no token, and never a password."""
    return {
        name: value
        for name, value in request.form.items()
        if name not in ("csrf_token", "new", "again") and not name.startswith("agrees")
    }


@bp.route("/registration/<secret>/organization", methods=["GET", "POST"])
@public
def organization_step(secret: str) -> ResponseReturnValue:
    """The first page: the organization and its centers."""
    opened = _opened(secret)
    if request.method == "GET":
        kept = _kept(opened.invitation.draft, "organization")
        form = OrganizationStep(formdata=kept) if kept else OrganizationStep(name=opened.invitation.group_name)
        return _step_page("organization", secret, opened, form)
    form = OrganizationStep()
    is_valid = form.validate()
    if not _refused_organization(form) and is_valid:
        return _go_on("organization", secret, opened, form)
    return _step_page("organization", secret, opened, form)


def _refused_organization(form: OrganizationStep) -> bool:
    """Say all that is wrong with the first page at once; returns whether there is anything."""
    if form.legal_form.errors:
        return True
    facts = form.facts()
    faults = organizations.faults_in_organization(facts) | operations.faults_in_representative(facts)
    faults |= operations.faults_in_centers(form.names_of_centers())
    if "corporate_number" not in faults and facts.corporate_number:
        number = organizations.settled_corporate_number(facts.corporate_number)
        if organizations.holder_of_number(database_session(), number):
            taken = organizations.AlreadyRegistered()
            faults["corporate_number"] = f"{taken.message}{taken.what_to_do}"
    form.refuse(faults)
    return bool(faults)


@bp.route("/registration/<secret>/people", methods=["GET", "POST"])
@public
def people_step(secret: str) -> ResponseReturnValue:
    """The second page: who registers, and who holds which post."""
    opened = _opened(secret)
    first = _checked_organization(opened)
    if first is None:
        return redirect(url_for(".organization_step", secret=secret), 303)
    if request.method == "GET":
        kept = _kept(opened.invitation.draft, "people")
        form = PeopleStep(formdata=kept) if kept else PeopleStep(**_suggested())
        return _step_page("people", secret, opened, form, representative=first.representative_name.data)
    form = PeopleStep()
    is_valid = form.validate()
    if not form.capacity.errors:
        faults = operations.faults_in_people(form.registration(first))
        for name, message in faults.items():
            field: Any = form[name]
            field.errors = field.errors or [message]
        if is_valid and not faults:
            return _go_on("people", secret, opened, form)
    return _step_page("people", secret, opened, form, representative=first.representative_name.data)


def _suggested() -> dict[str, str]:
    reader = _reader()
    return {"own_name": reader.name} if reader else {}


def _checked_organization(opened: Opened) -> OrganizationStep | None:
    """What was kept of the first page, if it still holds."""
    kept = _kept(opened.invitation.draft, "organization")
    form = OrganizationStep(formdata=kept, meta={"csrf": False}) if kept else None
    return form if form is not None and form.validate() and not _refused_organization(form) else None


def _checked_people(opened: Opened, first: OrganizationStep) -> PeopleStep | None:
    """What was kept of the second page, if it still holds."""
    kept = _kept(opened.invitation.draft, "people")
    form = PeopleStep(formdata=kept, meta={"csrf": False}) if kept else None
    if form is None or not form.validate() or operations.faults_in_people(form.registration(first)):
        return None
    return form


@bp.route("/registration/<secret>/account", methods=["GET", "POST"])
@public
def account_step(secret: str) -> ResponseReturnValue:
    """The last page: the account, the promises, and with them the registration."""
    reader = _reader()
    if reader is not None and reader.is_at_kiosk:
        raise NotAtKiosks  # a short number never makes anybody a protection officer
    opened = _opened(secret)
    first = _checked_organization(opened)
    if first is None:
        return redirect(url_for(".organization_step", secret=secret), 303)
    second = _checked_people(opened, first)
    if second is None:
        return redirect(url_for(".people_step", secret=secret), 303)
    form = AgreementStep() if reader else AccountStep(email=opened.invitation.email or "")
    said = second.registration(first)
    if form.validate_on_submit():
        try:
            made = operations.register(database_session(), opened, said, _account(form, reader), now=clock.now())
        except (accounts.WeakPassword, accounts.NameTaken, organizations.AlreadyRegistered, InvalidInput) as refusal:
            _refuse_account(form, refusal)
        else:
            return _let_in(made, is_new=reader is None)
    return _step_page("account", secret, opened, form, said=said, reader=reader)


def _account(form: AgreementStep, reader: Principal | None) -> NewAccount | User:
    if reader is not None:
        return database_session().get_one(User, reader.user_id)
    assert isinstance(form, AccountStep)  # noqa: S101 - as the view made it
    return NewAccount(form.login_name.data or "", form.new.data or "", form.email.data or None)


def _refuse_account(form: AgreementStep, refusal: Refused) -> None:
    field: Any = form.agrees
    messages = [f"{refusal.message}{refusal.what_to_do if isinstance(refusal, RuleBroken) else ''}"]
    if isinstance(form, AccountStep):
        if isinstance(refusal, accounts.WeakPassword):
            field, messages = form.new, refusal.reasons
        elif isinstance(refusal, accounts.NameTaken):
            field = form.login_name
        elif "メールアドレス" in refusal.message:
            field = form.email
    field.errors = messages


def _let_in(made: Registered, *, is_new: bool) -> ResponseReturnValue:
    """Sign the new protection officer in, with the first sheets open where the month has begun."""
    now = clock.now()
    open_first_tasks = current_app.extensions.get("open_first_tasks")
    if open_first_tasks is not None:
        open_first_tasks(database_session(), now)
    if is_new:
        _, secret = accounts.start_sign_in(database_session(), made.user, strength="password", now=now)
        enter_browser(secret)
    return redirect(url_for(".welcome", organization_id=made.organization.id), 303)


def _go_on(step: str, secret: str, opened: Opened, form: Any) -> ResponseReturnValue:
    try:
        operations.keep_step(database_session(), opened.invitation, step, _typed(), now=clock.now())
    except operations.DraftTooLong as refusal:
        form.form_errors.append(refusal.message)
        return _step_page(step, secret, opened, form)
    return redirect(url_for(f".{_STEPS[_STEPS.index(step) + 1]}_step", secret=secret), 303)


def _step_page(step: str, secret: str, opened: Opened, form: Any, **context: Any) -> ResponseReturnValue:
    return render_form(
        f"registrations/step_{step}.html", form, opened=opened, secret=secret, number=_STEPS.index(step) + 1, **context
    )


@bp.get("/organizations/<uuid:organization_id>/welcome")
@guarded(policy.may_be_welcomed, organization=Organization)
def welcome(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """The organization is registered: what comes next."""
    first_day = clock.first_day(organization.first_month).replace(day=25)
    return render_template(
        "registrations/welcome.html",
        organization=organization,
        first_day=first_day,
        has_begun=first_day <= clock.today(),
    )


# --- by hand ----------------------------------------------------------------------------------------------------


@bp.route("/tenants/new", methods=["GET", "POST"])
@guarded(policy.may_register_by_hand)
def create(principal: Principal) -> ResponseReturnValue:
    """Register an organization by hand, for the operator."""
    form = ByHandForm()
    if form.validate_on_submit():
        try:
            made = operations.register_by_hand(
                database_session(),
                form.facts(),
                center_name=form.center_name.data or "",
                officer=Named(form.officer_name.data or "", form.officer_kana.data or ""),
                by=principal.actor,
                now=clock.now(),
            )
        except operations.WrongRegistration as wrong:
            form.refuse(wrong.faults)
        except organizations.AlreadyRegistered as taken:
            form.refuse({"corporate_number": f"{taken.message}{taken.what_to_do}"})
        else:
            flash(
                f"{made.name}を登録しました。次に、個人情報責任者の{form.officer_name.data}さんを招待してください。"
                "招待を受けた方がアカウントを作ると、団体の利用が始まります。",
                "success",
            )
            return redirect(url_for("organizations.tenants"), 303)
    return render_form("registrations/create.html", form)
