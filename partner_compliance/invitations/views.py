"""The pages of invitations: those who invite, and those who are invited."""

import hashlib
import hmac
from datetime import date, datetime
from uuid import UUID

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from partner_compliance import clock
from partner_compliance.access import Principal, anyone, guarded, proof_asked_of, proved_lately, public
from partner_compliance.accounts import operations as accounts
from partner_compliance.accounts import passkeys
from partner_compliance.accounts import queries as account_queries
from partner_compliance.accounts.closing import end_municipality_role
from partner_compliance.accounts.models import MunicipalityRole, User
from partner_compliance.accounts.passwords import SHORTEST_ALONE
from partner_compliance.accounts.views import enter_browser
from partner_compliance.documents.invitation import PrintedInvitation, invitation_pdf
from partner_compliance.errors import InvalidInput, NotAllowed, TooMany
from partner_compliance.invitations import codes, operations, policy, queries
from partner_compliance.invitations.forms import (
    AcceptForm,
    CodeForm,
    FirstOfficerForm,
    MunicipalityForm,
    OfficerInvitationForm,
    WorkerInvitationForm,
)
from partner_compliance.invitations.models import MunicipalityInvitation, Way, WorkerInvitation
from partner_compliance.organizations import operations as organizations
from partner_compliance.organizations.models import Center, Municipality, Organization, Worker
from partner_compliance.organizations.queries import centers_of
from partner_compliance.roster import operations as roster
from partner_compliance.web import (
    database_session,
    file_response,
    keep_work,
    library,
    page_asked_for,
    render_form,
    settings,
)

bp = Blueprint("invitations", __name__, template_folder="templates")

_LONGEST_LOGIN = 100


# --- an organization's invitations ------------------------------------------------------------------------------


@bp.get("/organizations/<uuid:organization_id>/invitations")
@guarded(policy.may_see_list, organization=Organization)
def index(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """Who has no account yet, and what has become of each invitation."""
    session, now = database_session(), clock.now()
    is_officer = policy.is_officer(principal, organization)
    centers = None if is_officer else {center for where, center in principal.headed_centers if where == organization.id}
    total = queries.how_many_without_account(session, organization.id, centers=centers, today=clock.local_date(now))
    page = page_asked_for(total)
    return render_template(
        "invitations/index.html",
        organization=organization,
        is_officer=is_officer,
        people=queries.without_account(
            session, organization.id, centers=centers, now=now, limit=page.size, offset=page.offset
        ),
        accepted=queries.accepted_lately(session, organization.id, centers=centers, now=now),
        may_change=lambda invitation: policy.may_change(principal, invitation),
        page=page,
    )


@bp.route("/workers/<uuid:worker_id>/invitation", methods=["GET", "POST"])
@guarded(policy.may_invite, worker=Worker)
def invite(principal: Principal, worker: Worker) -> ResponseReturnValue:
    """Invite someone on the roster: account, role and first task are there as soon as they accept."""
    session, now = database_session(), clock.now()
    gives_roles = policy.may_give_roles(principal, worker)
    today = clock.local_date(now)
    centers = [center for center in centers_of(session, worker.organization_id) if not _is_closed(center, today)]
    form = WorkerInvitationForm([(str(center.id), center.name) for center in centers] if gives_roles else None)
    if form.validate_on_submit():
        roles = _chosen_roles(form) if gives_roles else None
        # Giving a role asks for a proof, on this page as on that of roles; inviting someone as a worker does not.
        if roles not in (None, operations.Roles()) and (page := proof_asked_of(principal)) is not None:
            return page
        try:
            issued = operations.invite_worker(
                session,
                worker,
                way=form.way.data,
                email=form.email.data or None,
                roles=roles,
                with_posts=gives_roles,
                by=_sender(principal),
                now=now,
            )
        except InvalidInput as refusal:
            form.email.errors = [refusal.message]
        else:
            return _made(issued, worker.name, url_for(".index", organization_id=worker.organization_id))
    held = roster.posts_of(session, worker, on=today) if gives_roles else []
    return render_form(
        "invitations/invite.html",
        form,
        worker=worker,
        newest=queries.newest_of(session, worker, now=now),
        has_account=not queries.lacks_account(session, worker),
        has_left=worker.left_on is not None and worker.left_on < today,
        roles_of_posts=list(dict.fromkeys(row.post.role.label for row in held if row.post.role)),
        gives_roles=gives_roles,
        valid_days=operations.VALID_DAYS,
    )


def _is_closed(center: Center, today: date) -> bool:
    return center.closed_on is not None and center.closed_on <= today


def _chosen_roles(form: WorkerInvitationForm) -> operations.Roles:
    return operations.Roles(
        officer=form.officer.data,
        representative=form.representative.data,
        head_of=UUID(form.head_of.data) if form.head_of.data else None,
    )


@bp.post("/invitations/<uuid:invitation_id>/again")
@guarded(policy.may_change, invitation=WorkerInvitation)
@proved_lately
def invite_again(principal: Principal, invitation: WorkerInvitation) -> ResponseReturnValue:
    """Send or print an invitation once more; the earlier one stops working."""
    session = database_session()
    worker = session.get_one(Worker, (invitation.organization_id, invitation.worker_id))
    if not policy.may_invite(principal, worker):
        raise NotAllowed
    issued = operations.invite_again(session, invitation, by=_sender(principal), now=clock.now())
    return _made(issued, worker.name, url_for(".index", organization_id=invitation.organization_id))


@bp.post("/invitations/<uuid:invitation_id>/revocation")
@guarded(policy.may_change, invitation=WorkerInvitation)
def revoke(principal: Principal, invitation: WorkerInvitation) -> ResponseReturnValue:
    """Let an open invitation stop working."""
    operations.revoke(database_session(), invitation, by=principal.actor, now=clock.now())
    flash("招待を取り消しました。前に送ったメールや渡した紙は、もう使えません。")
    return redirect(url_for(".index", organization_id=invitation.organization_id), 303)


def _sender(principal: Principal, *, is_operator: bool = False) -> operations.Sender:
    return operations.Sender(principal.actor, f"{settings().base_url}/invitation/", is_operator)


def _made(issued: operations.Issued, name: str, back_url: str) -> ResponseReturnValue:
    """After a mail back to the list; paper is printed from a page that is shown this once."""
    if issued.invitation.way is Way.MAIL:
        flash(f"{name}さんに、招待のメールを送ります。", "success")
        return redirect(back_url, 303)
    return render_template(
        "invitations/made.html",
        name=name,
        secret=issued.secret,
        code=codes.grouped(issued.code),
        address=f"{settings().base_url}/invitation",
        until=issued.invitation.last_day,
        back_url=back_url,
    )


@bp.post("/invitation-paper")
@public
def paper() -> ResponseReturnValue:
    """The page to hand over, as PDF; who asks for it holds both of its secrets already."""
    session, now = database_session(), clock.now()
    secret, code = request.form.get("secret", ""), codes.read(request.form.get("code", ""))
    # A code alone opens nothing here: tries of codes are counted elsewhere.
    if codes.is_code(secret) or not codes.is_code(code):
        raise operations.NotValid
    offer = operations.offer_of(session, secret, now=now)
    if offer.invitation.code_digest != codes.digest(code):
        raise operations.NotValid
    is_municipal = offer.worker is None
    pdf = invitation_pdf(
        PrintedInvitation(
            body=offer.body_name,
            person=offer.person_name,
            roles="・".join(role.label for role in offer.roles),
            what_for=(
                f"{offer.body_name}で、連携する民間団体の個人情報の管理のようすを確かめるために、"
                "インターネットのサービス「情報管理パートナー」を使います。"
                if is_municipal
                else f"{offer.body_name}では、個人情報を正しく扱っていることを、毎月の短いチェックシート（2分ほど）で"
                "確かめています。そのために、インターネットのサービス「情報管理パートナー」を使います。"
            ),
            link=f"{settings().base_url}/invitation/{secret}",
            address=f"{settings().base_url}/invitation",
            code=codes.grouped(code),
            until=offer.invitation.last_day,
            made_on=clock.local_date(offer.invitation.made_at),
            contact="自治体の担当の方" if is_municipal else "団体の担当の方",
        ),
        created=offer.invitation.made_at,
    )
    return file_response(pdf, name="参加のご案内.pdf", mimetype="application/pdf", inline=True)


# --- taking an invitation up ------------------------------------------------------------------------------------


@bp.route("/invitation", methods=["GET", "POST"])
@public
def enter_code() -> ResponseReturnValue:
    """Type the short code from paper; the answer is the same whatever is wrong with a code."""
    form = CodeForm()
    if form.validate_on_submit():
        code = codes.read(form.code.data or "")
        try:
            operations.check_code(database_session(), code, address=request.remote_addr or "unknown", now=clock.now())
        except TooMany:
            keep_work()
            raise
        except operations.WrongCode as wrong:
            keep_work()
            form.code.errors = [wrong.message + wrong.what_to_do]
        else:
            return redirect(url_for(".accept", secret=_ticket(code)), 303)
    return render_form("invitations/enter_code.html", form)


def _ticket(code: str) -> str:
    """A code that was found right, signed: only such codes are taken from an address, where tries are not counted."""
    key = settings().secret_key.encode()
    return f"{code}.{hmac.new(key, f'invitation {code}'.encode(), hashlib.sha256).hexdigest()[:32]}"


def _key(secret: str) -> str:
    """The secret or code that an address stands for; nothing for a bare code or a forged ticket."""
    code, dot, _ = secret.partition(".")
    if dot:
        return code if hmac.compare_digest(_ticket(code).encode(), secret.encode()) else ""
    return "" if codes.is_code(secret) else secret


@bp.route("/invitation/<secret>", methods=["GET", "POST"])
@public
def accept(secret: str) -> ResponseReturnValue:
    """Take an invitation up: see who invites whom, choose login name and password, and go to the first task."""
    session, now, key = database_session(), clock.now(), _key(secret)
    form = AcceptForm()
    takes_passkeys = passkeys.relying_party(settings().base_url, request.host) is not None
    by_passkey = takes_passkeys and request.form.get("way") == "passkey"
    if by_passkey:
        form.do_without_password()
    try:
        offer = operations.offer_of(session, key, now=now)
        if form.validate_on_submit() and (accepted := _accepted(form, key, now, by_passkey=by_passkey)) is not None:
            return _welcome(accepted, now, strength="link" if by_passkey else "password")
    except operations.NotValid as refusal:
        return render_template("invitations/not_valid.html", refusal=refusal), refusal.status
    if not form.is_submitted():
        form.login_name.data = _proposed_login(offer)
    return render_form(
        "invitations/accept.html",
        form,
        offer=offer,
        roles_offered="・".join(role.label for role in offer.roles),
        until=offer.invitation.last_day,
        sign_in_url=url_for("accounts.sign_in", next=request.path),
        join_url=url_for(".join", secret=secret),
        user=_reader(),
        shortest=SHORTEST_ALONE,
        takes_passkeys=takes_passkeys,
    )


def _accepted(form: AcceptForm, key: str, now: datetime, *, by_passkey: bool) -> operations.Accepted | None:
    """The invitation taken up; nothing when what was typed cannot be taken, which the form then says."""
    try:
        password = None if by_passkey else form.new.data or ""
        return operations.accept(
            database_session(), key, login_name=form.login_name.data or "", password=password, now=now
        )
    except accounts.WeakPassword as weak:
        form.new.errors = weak.reasons
    except (accounts.NameTaken, operations.AddressKnown) as taken:
        form.login_name.errors = [taken.message + taken.what_to_do]
    except InvalidInput as refusal:
        form.login_name.errors = [refusal.message]
    return None


def _proposed_login(offer: operations.Offer) -> str:
    if offer.email and len(offer.email) <= _LONGEST_LOGIN:
        return offer.email
    return codes.proposed_login(offer.name_kana, offer.invitation.id)


def _reader() -> User | None:
    principal: Principal | None = g.get("principal")
    return database_session().get(User, principal.user_id) if principal is not None else None


@bp.post("/invitation/<secret>/joining")
@guarded(anyone)
def join(principal: Principal, secret: str) -> ResponseReturnValue:
    """Take an invitation up with the account that the reader is signed in with."""
    session, now = database_session(), clock.now()
    user = session.get_one(User, principal.user_id)
    accepted = operations.join(session, _key(secret), user, actor=principal.actor, now=now)
    return _welcome(accepted, now)


def _welcome(accepted: operations.Accepted, now: datetime, *, strength: str = "") -> ResponseReturnValue:
    """To the first task: months open for the new worker, a new account is signed in, and one open task is shown."""
    session = database_session()
    session.flush()
    # Sheets and the list of tasks belong to rooms above this one, which have put their part here at start-up.
    current_app.extensions["open_first_tasks"](session, now)
    if strength:
        _, secret = accounts.start_sign_in(session, accepted.user, strength=strength, now=now)
        enter_browser(secret)
    today = clock.local_date(now)
    principal = account_queries.principal_of(session, accepted.user, strength=strength or "password", today=today)
    tasks = current_app.extensions["tasks_of"](session, principal, library(), today=today)
    flash(f"{accepted.body_name}に参加しました。ログイン名は「{accepted.user.login_name}」です。", "success")
    first = url_for(tasks[0].endpoint, **tasks[0].values) if len(tasks) == 1 else url_for("reminders.home")
    if strength == "link":  # the passkey that stands for the password comes first
        return redirect(url_for("accounts.new_passkey", next=first.removeprefix(request.script_root)), 303)
    return redirect(first, 303)


# --- a municipality's officers ----------------------------------------------------------------------------------


@bp.route("/municipalities/<uuid:municipality_id>/officers", methods=["GET", "POST"])
@guarded(policy.is_municipal_officer, municipality=Municipality)
@proved_lately
def officers(principal: Principal, municipality: Municipality) -> ResponseReturnValue:
    """Who works for the municipality here, and inviting a colleague."""
    session, now = database_session(), clock.now()
    form = OfficerInvitationForm()
    if form.validate_on_submit() and (issued := _invited(form, municipality, _sender(principal))) is not None:
        return _made(issued, form.name.data, url_for(".officers", municipality_id=municipality.id))
    return render_form(
        "invitations/officers.html",
        form,
        municipality=municipality,
        officers=queries.officers_of(session, municipality.id),
        own_id=principal.user_id,
        invited=queries.invited_officers(session, municipality.id, now=now),
        valid_days=operations.VALID_DAYS,
    )


@bp.post("/municipality-invitations/<uuid:invitation_id>/revocation")
@guarded(policy.may_change_officers, invitation=MunicipalityInvitation)
def revoke_officer(principal: Principal, invitation: MunicipalityInvitation) -> ResponseReturnValue:
    """Let an open invitation to the municipality stop working."""
    operations.revoke(database_session(), invitation, by=principal.actor, now=clock.now())
    flash("招待を取り消しました。前に送ったメールや渡した紙は、もう使えません。")
    return redirect(url_for(".officers", municipality_id=invitation.municipality_id), 303)


@bp.post("/municipality-officers/<uuid:post_id>/end")
@guarded(policy.may_end_officer, post=MunicipalityRole)
@proved_lately
def end_officer(principal: Principal, post: MunicipalityRole) -> ResponseReturnValue:
    """Take a colleague's post away, as when they change department; it ends with their next request."""
    session = database_session()
    end_municipality_role(session, post, by=principal.actor, ended_by_id=principal.user_id, now=clock.now())
    flash("担当者から外しました。次の操作から、この自治体の画面は開けません。", "success")
    return redirect(url_for(".officers", municipality_id=post.municipality_id), 303)


@bp.route("/tenants/municipalities/<uuid:municipality_id>/officers", methods=["GET", "POST"])
@guarded(policy.is_operator, municipality=Municipality)
@proved_lately
def first_officer(principal: Principal, municipality: Municipality) -> ResponseReturnValue:
    """The operator invites an officer of a municipality; nothing inside the municipality is shown."""
    session, now = database_session(), clock.now()
    form = OfficerInvitationForm()
    sender = _sender(principal, is_operator=True)
    if form.validate_on_submit() and (issued := _invited(form, municipality, sender)) is not None:
        return _made(issued, form.name.data, url_for(".first_officer", municipality_id=municipality.id))
    return render_form(
        "invitations/first_officer.html",
        form,
        municipality=municipality,
        officers=len(queries.officers_of(session, municipality.id)),
        invited=queries.invited_officers(session, municipality.id, by_operator=True, now=now),
        valid_days=operations.VALID_DAYS,
    )


@bp.post("/tenants/municipalities/<uuid:municipality_id>/officers/revocation")
@guarded(policy.is_operator, municipality=Municipality)
def revoke_first_officer(principal: Principal, municipality: Municipality) -> ResponseReturnValue:
    """The operator takes back an invitation of the operator's own."""
    session, now = database_session(), clock.now()
    own = queries.invited_officers(session, municipality.id, by_operator=True, now=now)
    wanted = request.form.get("invitation", "")
    found = next((each.invitation for each in own if str(each.invitation.id) == wanted), None)
    if found is None:
        raise operations.AlreadyRevoked
    operations.revoke(session, found, by=principal.actor, now=now)
    flash("招待を取り消しました。前に送ったメールや渡した紙は、もう使えません。")
    return redirect(url_for(".first_officer", municipality_id=municipality.id), 303)


def _invited(
    form: OfficerInvitationForm, municipality: Municipality, by: operations.Sender
) -> operations.Issued | None:
    """The invitation made; nothing when the address cannot be taken, which the form then says."""
    try:
        return operations.invite_officer(
            database_session(),
            municipality,
            name=form.name.data or "",
            way=form.way.data,
            email=form.email.data or None,
            by=by,
            now=clock.now(),
        )
    except InvalidInput as refusal:
        form.email.errors = [refusal.message]
    return None


# --- beginnings: the operator's part ----------------------------------------------------------------------------


@bp.route("/tenants/municipalities/new", methods=["GET", "POST"])
@guarded(policy.may_register)
def new_municipality(principal: Principal) -> ResponseReturnValue:
    """Register a municipality, then invite its first officer."""
    form = MunicipalityForm()
    if form.validate_on_submit():
        try:
            made = organizations.create_municipality(
                database_session(),
                code=form.code.data or "",
                name=form.name.data or "",
                by=principal.actor,
                now=clock.now(),
            )
        except (organizations.WrongMunicipalityCode, organizations.MunicipalityAlreadyRegistered) as refusal:
            form.code.errors = [refusal.message]
        except InvalidInput as refusal:
            form.name.errors = [refusal.message]
        else:
            flash(f"{made.name}を登録しました。続けて、最初の担当者を招待してください。", "success")
            return redirect(url_for(".first_officer", municipality_id=made.id), 303)
    return render_form("invitations/new_municipality.html", form)


@bp.route("/tenants/organizations/<uuid:organization_id>/officer", methods=["GET", "POST"])
@guarded(policy.is_operator_for, organization=Organization)
@proved_lately
def first_protection_officer(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """The operator invites the first protection officer of an organization in which nobody is one yet."""
    session, now = database_session(), clock.now()
    people = operations.who_can_begin(session, organization.id, now=now)
    form = FirstOfficerForm([(str(worker.id), worker.name) for worker in people])
    if form.validate_on_submit():
        worker = next(worker for worker in people if str(worker.id) == form.person.data)
        try:
            issued = operations.invite_worker(
                session,
                worker,
                way=form.way.data,
                email=form.email.data or None,
                with_posts=True,
                by=_sender(principal, is_operator=True),
                now=now,
            )
        except InvalidInput as refusal:
            form.email.errors = [refusal.message]
        else:
            return _made(issued, worker.name, url_for(".first_protection_officer", organization_id=organization.id))
    return render_form(
        "invitations/first_protection_officer.html",
        form,
        organization=organization,
        has_officer=bool(account_queries.organizations_with_officer(session, [organization.id], today=clock.today())),
        people=people,
        invited=queries.made_by_operator(session, organization.id, now=now),
        valid_days=operations.VALID_DAYS,
    )
