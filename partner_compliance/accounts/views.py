"""The pages of accounts: the door to the house, passwords, and who holds which role."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import Blueprint, Flask, current_app, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from partner_compliance import clock
from partner_compliance.access import (
    DEMO,
    Principal,
    Role,
    SignInNeeded,
    anyone,
    guarded,
    proved_lately,
    public,
    without_factor,
)
from partner_compliance.accounts import devices, operations, passkeys, passwords, policy, queries, typed
from partner_compliance.accounts.forms import (
    NewPasswordForm,
    PasswordChangeForm,
    ResetRequestForm,
    RoleForm,
    SignInForm,
)
from partner_compliance.accounts.models import HalfwaySignIn, OrganizationRole, User
from partner_compliance.database import open_session
from partner_compliance.errors import InvalidInput, NotFound, Refused
from partner_compliance.organizations.models import Organization, Worker
from partner_compliance.organizations.queries import centers_of
from partner_compliance.web import (
    SAFE_METHODS,
    database_session,
    engine,
    is_for_machines,
    keep_work,
    qr_picture,
    reads_first,
    render_form,
    settings,
    write_later,
)

bp = Blueprint("accounts", __name__, template_folder="templates")

#: Where the browser keeps the secret of its sign-in.
_COOKIE_KEY = "token"
#: What pages put into their forms by themselves: alone it is nothing that somebody typed.
_FIELDS_OF_THE_PAGE = ("version", "act", "based_on", "seen", "next", "furigana", "page")
SECRET_FIELDS = (
    "csrf_token", "password", "new", "again", "current", "code", "recovery", "passkey",
    "proof_password", "proof_code", "proof_passkey",
)  # fmt: skip
#: Where the browser keeps the secret of a sign-in that still owes the second factor, and a passkey's challenge.
HALFWAY_KEY = "halfway"
CHALLENGE_KEY = "challenge"


# --- who is asking ----------------------------------------------------------------------------------------------


def wire_sign_ins(app: Flask) -> None:
    """Let every request know its reader, and send strangers to the door."""
    app.before_request(_know_reader)
    app.register_error_handler(SignInNeeded, _ask_to_sign_in)
    app.extensions["is_demo"] = False
    app.extensions["organizations_with_officer"] = queries.organizations_with_officer
    # Pages of rooms below this one bring typed input back too.
    app.extensions["held_input"], app.extensions["drop_held_input"] = held_input, drop_held_input
    with app.app_context(), open_session(engine()) as reading:
        app.extensions["has_demo"] = bool(queries.demo_users(reading))
        app.extensions["is_demo"] = settings().is_local and app.extensions["has_demo"]


def _know_reader() -> None:
    if is_for_machines():  # no cookie counts there
        return
    g.furigana = bool(session.get("furigana"))
    secret = session.get(_COOKIE_KEY)
    if not isinstance(secret, str) or request.endpoint == "static":
        return
    found = queries.sign_in_of(database_session(), operations.digest(secret))
    if found is None:
        return
    signed_in, user = found.sign_in, found.user
    if signed_in.ended_at is not None or user.deactivated_at is not None:
        return
    g.last_reader = user.id
    g.is_at_kiosk = signed_in.kiosk_id is not None
    now = clock.now()
    if not queries.is_alive(signed_in, now=now):
        return
    g.sign_in_id = signed_in.id
    g.held_path = found.held_path
    today = clock.local_date(now)
    if signed_in.kiosk_id is None:
        g.principal = queries.principal_of(
            database_session(),
            user,
            strength=signed_in.strength,
            today=today,
            proved_lately=queries.is_proof_fresh(signed_in, now=now),
        )
    else:
        g.principal = queries.principal_at_kiosk(database_session(), user, signed_in, today=today)
    step = operations.SEEN_STEP if signed_in.kiosk_id is None else operations.SEEN_STEP_AT_KIOSK
    if now - signed_in.seen_at >= step:
        if request.method in SAFE_METHODS:
            write_later(lambda writing: operations.touch_sign_in(writing, signed_in.id, now=now))
        else:
            signed_in.seen_at = now


def _ask_to_sign_in(_needed: SignInNeeded) -> ResponseReturnValue:
    kept = request.method not in SAFE_METHODS and hold_typed_input()
    # A shared tablet has a door of its own; the room above that knows tablets has put its question here at start-up.
    if door := current_app.extensions["door_of_kiosk"]():
        if g.get("last_reader") is not None:
            flash(
                "しばらく操作がなかったため、終了しました。入力した内容は残してあります。"
                "もう一度お名前を選ぶと、続きから入力できます。"
                if kept
                else "しばらく操作がなかったため、終了しました。"
            )
        return redirect(door, 303)
    if g.get("last_reader") is not None:
        flash(
            "しばらく操作がなかったため、サインインが切れました。もう一度サインインすると、入力した内容が戻ります。"
            if kept
            else "サインインの有効期間が過ぎました。もう一度サインインしてください。"
        )
    path = request.full_path.rstrip("?") if request.method in SAFE_METHODS else page_of_form()
    return redirect(url_for("accounts.sign_in", next=path), 303 if request.method not in SAFE_METHODS else 302)


def hold_typed_input(*, is_stale: bool = False) -> bool:
    """Keep what a known reader typed into a form that cannot be taken now; returns whether it is kept.

    Only for forms sent from our own pages: what another site makes a browser send is not what the reader typed.
    A page with a stale token, at a shared tablet, is most likely that of the person before.
    """
    if "last_reader" not in g:  # a form with a stale token is refused before anyone asked who sent it
        _know_reader()
    if is_stale and g.get("is_at_kiosk"):
        return False
    reader: UUID | None = g.get("last_reader")
    if reader is None or request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    return hold_fields(reader, page_of_form())


def hold_fields(reader: UUID, page: str) -> bool:
    """Keep what a form sends for one of our pages until its reader is back; returns whether it is kept."""
    fields = {name: request.form.getlist(name) for name in request.form if name not in SECRET_FIELDS}
    if not _brings_back(page) or not any(any(fields[name]) for name in fields if name not in _FIELDS_OF_THE_PAGE):
        return False
    held = typed.hold_input(database_session(), reader, page, fields, now=clock.now())
    if held:
        keep_work()
    return held


def _brings_back(page: str) -> bool:
    return getattr(_view_at(page), "restores_input", False)


def _view_at(page: str) -> Callable[..., Any] | None:
    addresses = current_app.create_url_adapter(request)
    if addresses is None:
        return None
    try:
        endpoint, _ = addresses.match(page, method="GET")
    except (HTTPException, RequestRedirect):
        return None
    return current_app.view_functions[endpoint]


def page_to_go_on(user_id: UUID) -> str:
    """Where someone goes on at a shared tablet: the page for which their typed input is kept, else the home page."""
    page = queries.held_path(database_session(), user_id, now=clock.now())
    if page is None or not getattr(_view_at(page), "opens_at_kiosks", False):
        return url_for("reminders.home")
    return request.script_root + page


def page_of_form() -> str:
    """The page that shows the form which this request sends."""
    rule = request.url_rule
    if rule is not None and rule.methods is not None and "GET" in rule.methods:
        return request.path
    try:
        came_from = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return "/"
    if came_from.netloc == request.host and came_from.path:
        return came_from.path.removeprefix(request.script_root) or "/"
    return "/"


def held_input() -> dict[str, list[str]] | None:
    """What the reader had typed on the present page when the sign-in ran out."""
    principal: Principal | None = g.get("principal")
    if principal is None or g.get("held_path") != request.path:
        return None
    if "held_input" not in g:  # a page may ask more than once
        g.held_input = typed.take_held_input(database_session(), principal.user_id, request.path, now=clock.now())
    return g.held_input  # type: ignore[no-any-return]


def typed_before() -> MultiDict[str, str] | None:
    """The same as a form takes it, for the page as it is opened; None while it is sent."""
    held = held_input() if request.method == "GET" else None
    return MultiDict([(name, value) for name, values in held.items() for value in values]) if held else None


def drop_held_input(page: str | None = None) -> None:
    """Forget what was kept for a page (an address; the present one by default), since it is saved now."""
    principal: Principal | None = g.get("principal")
    path = request.path if page is None else page.removeprefix(request.script_root)
    if principal is not None and g.get("held_path") == path:
        typed.drop_held_input(database_session(), principal.user_id, path)


# --- the door ---------------------------------------------------------------------------------------------------


@bp.route("/sign-in", methods=["GET", "POST"])
@public
@reads_first
def sign_in() -> ResponseReturnValue:
    """The door: name and password, or a passkey, and in a demo one button for each role."""
    party = passkeys.relying_party(settings().base_url, request.host)
    # A browser that answers with a passkey sends nothing else.
    by_passkey = request.method == "POST" and party is not None and bool(request.form.get("passkey"))
    form = SignInForm(formdata=None) if by_passkey else SignInForm()
    refusal = None
    try:
        if by_passkey and party is not None:
            answer = request.form["passkey"]
            _, secret = passkeys.sign_in(
                database_session(), party, challenge_id(), answer, device=device(), now=clock.now()
            )
            return enter(secret)
        if form.validate_on_submit():
            attempt = operations.Attempt(form.name.data or "", form.password.data or "", address(), device())
            opened, secret = operations.sign_in(database_session(), attempt, now=clock.now())
            if isinstance(opened, HalfwaySignIn):
                session[HALFWAY_KEY] = secret
                return redirect(url_for("accounts.second_factor", next=wanted() or None), 303)
            return enter(secret)
    except Refused as error:
        keep_work()
        refusal = error
    people = queries.demo_users(database_session()) if current_app.extensions["is_demo"] else []
    status = refusal.status if refusal else 422 if form.is_submitted() else 200
    page = render_template(
        "accounts/sign_in.html",
        form=form,
        refusal=refusal,
        people=people,
        next=wanted(),
        takes_passkeys=party is not None,
        by_passkey=by_passkey,
    )
    return page, status


@bp.post("/demo-sign-in/<uuid:user_id>")
@public
def demo_sign_in(user_id: UUID) -> ResponseReturnValue:
    """Sign in as one of the people of a demo; outside a demo there is no such page."""
    user = database_session().get(User, user_id) if current_app.extensions["is_demo"] else None
    if user is None or user.demo_label is None:
        raise NotFound
    _, secret = operations.start_sign_in(database_session(), user, strength=DEMO, device=device(), now=clock.now())
    return enter(secret)


def enter(secret: str) -> ResponseReturnValue:
    """Let the browser hold a new sign-in, in place of whatever it held before, and lead the reader on."""
    enter_browser(secret)
    return go_on()


def enter_browser(secret: str) -> None:
    """Let this browser hold the secret of a sign-in; whoever was signed in in it before is no longer."""
    old = session.get(_COOKIE_KEY)
    if isinstance(old, str):
        found = queries.sign_in_of(database_session(), operations.digest(old))
        if found is not None and found.sign_in.ended_at is None:
            found.sign_in.ended_at = clock.now()
    furigana = session.get("furigana")
    session.clear()
    session.permanent = True
    session[_COOKIE_KEY] = secret
    if furigana:
        session["furigana"] = True


def leave_browser() -> None:
    """End the sign-in in this browser, if there is one, and empty the browser's cookie."""
    principal: Principal | None = g.pop("principal", None)
    if principal is not None:
        operations.end_sign_in(database_session(), g.sign_in_id, principal.actor, now=clock.now())
    session.clear()


def go_on() -> ResponseReturnValue:
    """Lead the reader to the page they wanted, or home."""
    page = wanted()
    return redirect(request.script_root + page if page else url_for("reminders.home"), 303)


def wanted() -> str:
    """The page that the reader came from or wanted: one of our own paths (below the sub-path, if any), or none."""
    page = request.values.get("next", "")
    try:
        parts = urlsplit(page)
    except ValueError:
        return ""
    is_own = not parts.scheme and not parts.netloc and page.startswith("/") and not page.startswith(("//", "/\\"))
    if not is_own or "\\" in page or any(ord(char) < 33 for char in page):
        return ""
    return page


def address() -> str:
    """The network address that asks, for counting failures."""
    return request.remote_addr or "unknown"


def device() -> str:
    """The reader's browser in a few plain words."""
    return devices.in_words(request.headers.get("User-Agent", ""))


def challenge_id() -> UUID | None:
    """The challenge that this browser was given for a passkey; it is asked for once."""
    try:
        return UUID(session.pop(CHALLENGE_KEY, ""))
    except ValueError:
        return None


@bp.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    """Leave: the sign-in ends on the server, and the browser forgets what it kept."""
    leave_browser()
    flash("サインアウトしました。")
    answer = redirect(url_for("accounts.sign_in"), 303)
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


@bp.post("/furigana")
@public
def furigana() -> ResponseReturnValue:
    """Switch the readings above difficult words on or off, for this browser."""
    session.permanent = True
    session["furigana"] = request.form.get("furigana") == "on"
    return go_on()


# --- passwords --------------------------------------------------------------------------------------------------


@bp.route("/password", methods=["GET", "POST"])
@guarded(anyone)
@without_factor
def change_password(principal: Principal) -> ResponseReturnValue:
    """Choose a new password."""
    form = PasswordChangeForm()
    if form.validate_on_submit():
        user = database_session().get_one(User, principal.user_id)
        try:
            operations.change_password(
                database_session(),
                user,
                current=form.current.data or "",
                new=form.new.data or "",
                sign_in_id=g.sign_in_id,
                now=clock.now(),
            )
        except operations.WeakPassword as weak:
            form.new.errors = weak.reasons
        except operations.WrongCredentials as wrong:
            keep_work()
            form.current.errors = [wrong.message]
        else:
            flash("パスワードを変更しました。ほかの端末でのサインインは終了しました。")
            return redirect(url_for("reminders.home"), 303)
    return render_form("accounts/change_password.html", form, shortest=_shortest(principal.user_id))


def _shortest(user_id: UUID) -> int:
    """How many characters a new password of this person needs."""
    if queries.has_factor(database_session(), user_id):
        return passwords.SHORTEST_WITH_SECOND_FACTOR
    return passwords.SHORTEST_ALONE


@bp.route("/password-reset", methods=["GET", "POST"])
@public
def ask_for_reset() -> ResponseReturnValue:
    """Ask for a one-time link by mail; the answer is the same whether the account exists or not."""
    form = ResetRequestForm()
    if form.validate_on_submit():
        try:
            operations.ask_for_reset(
                database_session(),
                form.name.data or "",
                address=address(),
                link_base=settings().base_url + "/password-reset/",
                now=clock.now(),
            )
        except Refused:
            keep_work()
            raise
        return render_template("accounts/reset_asked.html")
    return render_form("accounts/ask_for_reset.html", form)


@bp.route("/password-reset/<secret>", methods=["GET", "POST"])
@public
def reset_password(secret: str) -> ResponseReturnValue:
    """Choose a new password by a one-time link."""
    user = operations.user_of_reset(database_session(), secret, now=clock.now())
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            operations.use_reset(database_session(), secret, form.new.data or "", now=clock.now())
        except operations.WeakPassword as weak:
            form.new.errors = weak.reasons
        else:
            session.clear()
            flash("新しいパスワードを設定しました。新しいパスワードでサインインしてください。")
            return redirect(url_for("accounts.sign_in"), 303)
    return render_form("accounts/reset_password.html", form, login_name=user.login_name, shortest=_shortest(user.id))


# --- accounts and roles of an organization ----------------------------------------------------------------------


@bp.get("/organizations/<uuid:organization_id>/accounts")
@guarded(policy.may_run_accounts, organization=Organization)
def accounts(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """Who has an account, and which roles each holds."""
    return render_template(
        "accounts/accounts.html",
        organization=organization,
        accounts=queries.accounts_in(database_session(), organization.id),
        today=clock.today(),
    )


@bp.route("/workers/<uuid:worker_id>/roles", methods=["GET", "POST"])
@guarded(policy.may_change_account, worker=Worker)
@proved_lately
def roles(principal: Principal, worker: Worker) -> ResponseReturnValue:
    """Give a person a role."""
    centers = centers_of(database_session(), worker.organization_id)
    form = RoleForm([(str(center.id), center.name) for center in centers])
    if form.validate_on_submit():
        chosen = next((center for center in centers if str(center.id) == form.center.data), None)
        is_head = form.role.data is Role.CENTER_HEAD
        try:
            operations.grant_role(
                database_session(),
                worker,
                form.role.data,
                center=chosen if is_head else None,
                by=principal.actor,
                now=clock.now(),
            )
        except InvalidInput as refusal:
            form.center.errors = [refusal.message]
        else:
            flash(f"{worker.name}さんに「{form.role.data.label}」の役割をつけました。")
            return redirect(url_for(".roles", worker_id=worker.id), 303)
    held = next(
        (a for a in queries.accounts_in(database_session(), worker.organization_id) if a.worker.id == worker.id), None
    )
    if held is None:
        raise NotFound
    return render_form(
        "accounts/roles.html",
        form,
        account=held,
        today=clock.today(),
        factors=queries.factors_of(database_session(), held.user.id),
        is_self=held.user.id == principal.user_id,
    )


@bp.post("/roles/<uuid:role_id>/end")
@guarded(policy.may_end_role, role=OrganizationRole)
@proved_lately
def end_role(principal: Principal, role: OrganizationRole) -> ResponseReturnValue:
    """Take a role away; it ends with the person's next request."""
    operations.end_role(database_session(), role, by=principal.actor, now=clock.now())
    flash("役割を外しました。")
    return redirect(url_for(".roles", worker_id=role.worker_id), 303)


@bp.post("/workers/<uuid:worker_id>/password-reset")
@guarded(policy.may_change_account, worker=Worker)
@proved_lately
def print_reset(principal: Principal, worker: Worker) -> ResponseReturnValue:
    """Make a one-time link to print and hand over; the one who prints it neither sees nor sets a password."""
    user = database_session().get(User, worker.user_id) if worker.user_id else None
    if user is None:
        raise NotFound
    now = clock.now()
    secret = operations.issue_reset(
        database_session(), user, within=worker.organization_id, actor=principal.actor, now=now
    )
    link = f"{settings().base_url}/password-reset/{secret}"
    return render_template(
        "accounts/printed_reset.html",
        worker=worker,
        login_name=user.login_name,
        link=link,
        qr=qr_picture(link),
        expires_at=clock.local(now + operations.RESET_ON_PAPER),
        shortest=_shortest(user.id),
    )


@bp.get("/stopped-accounts")
@guarded(policy.is_operator)
def stopped(principal: Principal) -> ResponseReturnValue:
    """Accounts whose password was stopped after too many failures, for the operator."""
    return render_template("accounts/stopped.html", users=queries.stopped_accounts(database_session()))
