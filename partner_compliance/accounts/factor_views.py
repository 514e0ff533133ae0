"""The pages of second factors: the second step of signing in, the safety settings, and proving again who one is."""

from urllib.parse import urlsplit

from flask import Flask, flash, g, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from partner_compliance import clock
from partner_compliance.access import (
    DEMO,
    FactorNeeded,
    Principal,
    anyone,
    guarded,
    proved_lately,
    proved_lately_to_read,
    public,
    without_factor,
)
from partner_compliance.accounts import factors, passkeys, policy, queries
from partner_compliance.accounts.factors import SecondStep, WrongCode, WrongRecoveryCode
from partner_compliance.accounts.forms import CodeForm, PasskeyForm, ProofForm, RecoveryForm
from partner_compliance.accounts.models import Ceremony, Passkey, SignIn, User
from partner_compliance.accounts.sealing import Vault
from partner_compliance.accounts.views import (
    CHALLENGE_KEY,
    HALFWAY_KEY,
    address,
    bp,
    challenge_id,
    device,
    enter,
    go_on,
    hold_typed_input,
    page_of_form,
    wanted,
)
from partner_compliance.database import begin_writing
from partner_compliance.errors import Refused
from partner_compliance.organizations.models import Worker
from partner_compliance.web import (
    SAFE_METHODS,
    database_session,
    keep_now,
    keep_work,
    qr_picture,
    render_form,
    settings,
)

_PROOF_FIELDS = ("proof_password", "proof_code", "proof_passkey")

#: How a sign-in was proved, in words.
_STRENGTHS = {
    "password": "パスワード",
    "password+totp": "パスワードと認証アプリ",
    "password+recovery": "パスワードと回復コード",
    "password+passkey": "パスワードとパスキー",
    "passkey": "パスキー",
    "demo": "デモ",
    "link": "一度だけ使えるリンク",
    "kiosk": "共用端末の暗証番号",
}


def wire_factors(app: Flask) -> None:
    """Lead those who lack a second factor to set one up, and let every room ask again who somebody is."""
    app.register_error_handler(FactorNeeded, _lead_to_set_up)
    app.extensions["ask_for_proof"] = ask_for_proof


def _lead_to_set_up(_needed: FactorNeeded) -> ResponseReturnValue:
    is_reading = request.method in SAFE_METHODS
    if not is_reading and hold_typed_input():
        flash("入力した内容は残してあります。設定が終わると、続きから入力できます。")
    path = request.full_path.rstrip("?") if is_reading else page_of_form()
    # The home page is where everyone ends up anyway.
    return redirect(url_for("accounts.security", next=path if path != "/" else None), 302 if is_reading else 303)


def _vault() -> Vault:
    return Vault(settings().secret_key)


def _party() -> passkeys.RelyingParty | None:
    return passkeys.relying_party(settings().base_url, request.host)


def _reader() -> User:
    return database_session().get_one(User, g.principal.user_id)


# --- the second step of signing in ------------------------------------------------------------------------------


@bp.route("/sign-in/second-step", methods=["GET", "POST"])
@public
def second_factor() -> ResponseReturnValue:
    """The second step: a code of the authenticator, a passkey, or a recovery code."""
    secret = str(session.get(HALFWAY_KEY, ""))
    try:
        user = factors.user_of_halfway(database_session(), secret, now=clock.now())
    except factors.HalfwayGone as gone:
        return _begin_anew(gone if secret else None)
    by_recovery = "recovery" in request.form
    form = CodeForm(formdata=None) if by_recovery else CodeForm()
    recovery = RecoveryForm() if by_recovery else RecoveryForm(formdata=None)
    refusal = None
    try:
        if request.method == "POST" and (entered := _second_step(user, secret, form, recovery)):
            return enter(entered)
    except factors.HalfwayGone as gone:
        return _begin_anew(gone)
    except (WrongCode, WrongRecoveryCode) as wrong:
        keep_work()
        (recovery.recovery if by_recovery else form.code).errors = [f"{wrong.message}{wrong.what_to_do}"]
    except Refused as error:
        keep_work()
        refusal = error
    page = render_template(
        "accounts/second_factor.html",
        form=form,
        recovery=recovery,
        refusal=refusal,
        factors=queries.factors_of(database_session(), user.id),
        takes_passkeys=_party() is not None,
        next=wanted(),
        has_errors=bool(refusal or recovery.errors),
    )
    return page, refusal.status if refusal else 422 if request.method == "POST" else 200


def _second_step(user: User, secret: str, form: CodeForm, recovery: RecoveryForm) -> str | None:
    """The secret of the sign-in that is whole now; None while the form says what is missing."""
    party, now = _party(), clock.now()
    if (answer := request.form.get("passkey")) and party is not None:
        _, entered = passkeys.pass_second_factor(
            database_session(), party, challenge_id(), answer, secret, device=device(), now=now
        )
        return entered
    if not (recovery if "recovery" in request.form else form).validate_on_submit():
        return None
    given = SecondStep(address(), form.code.data or "", recovery.recovery.data or "", device())
    _, entered = factors.pass_second_factor(database_session(), secret, given, _vault(), now=now)
    return entered


def _begin_anew(gone: factors.HalfwayGone | None) -> ResponseReturnValue:
    session.pop(HALFWAY_KEY, None)
    if g.get("principal") is not None:
        return go_on()  # a second press of the button: the first has let the reader in
    if gone is not None:
        flash(f"{gone.message}{gone.what_to_do}", "warning")
    return redirect(url_for("accounts.sign_in", next=wanted() or None), 303)


# --- what passkeys are asked ------------------------------------------------------------------------------------


@bp.post("/passkeys/challenges/sign-in")
@public
def challenge_at_the_door() -> ResponseReturnValue:
    """What a passkey has to sign at the door, or as the second step of someone who is half-way in."""
    secret, now = session.get(HALFWAY_KEY), clock.now()
    if request.form.get("step") != "second" or not isinstance(secret, str):
        return _challenge(Ceremony.SIGN_IN, None)
    return _challenge(Ceremony.SECOND_FACTOR, factors.user_of_halfway(database_session(), secret, now=now))


@bp.post("/passkeys/challenges/proof")
@guarded(anyone)
@without_factor
def challenge_for_proof(principal: Principal) -> ResponseReturnValue:
    """What one of the reader's own passkeys has to sign as a proof."""
    return _challenge(Ceremony.PROOF, _reader())


@bp.post("/passkeys/challenges/registration")
@guarded(anyone)
@without_factor
@proved_lately
def challenge_for_registration(principal: Principal) -> ResponseReturnValue:
    """What a new passkey has to sign."""
    return _challenge(Ceremony.REGISTRATION, _reader())


def _challenge(ceremony: Ceremony, user: User | None) -> ResponseReturnValue:
    party = _party()
    if party is None:
        raise passkeys.PasskeysUnavailable
    try:
        asked, options = passkeys.ask(
            database_session(), party, ceremony, user=user, address=address(), now=clock.now()
        )
    except Refused:
        keep_work()
        raise
    session[CHALLENGE_KEY] = str(asked)
    return jsonify(options)


# --- the safety settings ----------------------------------------------------------------------------------------


@bp.get("/security")
@guarded(anyone)
@without_factor
def security(principal: Principal) -> ResponseReturnValue:
    """Everything about signing in on one page; for someone who lacks a second factor, how to set one up."""
    user = _reader()
    return render_template(
        "accounts/security.html",
        factors=queries.factors_of(database_session(), user.id),
        sign_ins=len(queries.open_sign_ins(database_session(), user.id, now=clock.now())),
        has_password=bool(user.password_hash),
        takes_passkeys=_party() is not None,
        address_by_name=_address_by_name(),
        next=wanted(),
    )


def _address_by_name() -> str | None:
    """The same page at an address under which passkeys work, on a local installation."""
    parts = urlsplit(request.host_url)
    by_name = passkeys.address_by_name(settings().base_url) if parts.hostname != "localhost" else None
    return by_name + url_for("accounts.security").removeprefix(request.script_root) if by_name else None


def _codes_page(codes: list[str], message: str) -> ResponseReturnValue:
    """After a factor was added: the new recovery codes, once; without any, back to where the reader wanted to go."""
    # The menu of this very page is that of someone who has a factor now.
    was_led_here = g.principal.lacks_factor
    now_in = database_session().get_one(SignIn, g.sign_in_id)
    user = _reader()
    g.principal = queries.principal_of(
        database_session(), user, strength=now_in.strength, today=clock.today(), proved_lately=True
    )
    usual = url_for("reminders.home" if was_led_here else "accounts.security")
    next_page = request.script_root + wanted() if wanted() else usual
    if not codes:
        flash(message, "success")
        return redirect(next_page, 303)
    return render_template(
        "accounts/recovery_codes.html",
        codes=codes,
        message=message,
        login_name=user.login_name,
        made_on=clock.today(),
        next=next_page,
    )


@bp.post("/security/authenticator/begin")
@guarded(anyone)
@without_factor
@proved_lately
def begin_authenticator(principal: Principal) -> ResponseReturnValue:
    """Make the secret for an authenticator app; the next page shows it."""
    factors.begin_authenticator(database_session(), _reader(), _vault(), now=clock.now())
    return redirect(url_for("accounts.authenticator", next=wanted() or None), 303)


@bp.route("/security/authenticator", methods=["GET", "POST"])
@guarded(anyone)
@without_factor
@proved_lately_to_read
def authenticator(principal: Principal) -> ResponseReturnValue:
    """The QR code for the app, and a field for its first code."""
    user, form, now = _reader(), CodeForm(), clock.now()
    try:
        secret = factors.pending_secret(database_session(), user.id, _vault(), now=now)
    except factors.SetUpTooOld as old:
        flash(f"{old.message}{old.what_to_do}", "warning")
        return redirect(url_for("accounts.security", next=wanted() or None), 303)
    if form.validate_on_submit():
        try:
            codes = factors.confirm_authenticator(
                database_session(), user, form.code.data or "", _vault(), sign_in_id=g.sign_in_id,
                by=principal.actor, now=now,
            )  # fmt: skip
        except WrongCode as wrong:
            form.code.errors = [f"{wrong.message}{wrong.what_to_do}"]
        else:
            return _codes_page(codes, "認証アプリを登録しました。次のサインインから、確認コードも入力します。")
    return render_form(
        "accounts/authenticator.html",
        form,
        qr=qr_picture(factors.address_for_app(secret, user.login_name)),
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        login_name=user.login_name,
        issuer=factors.ISSUER,
        next=wanted(),
    )


@bp.post("/security/authenticator/remove")
@guarded(anyone)
@without_factor
@proved_lately
def remove_authenticator(principal: Principal) -> ResponseReturnValue:
    """Remove the authenticator app."""
    factors.remove_authenticator(
        database_session(), _reader(), needs_factor=principal.needs_factor, by=principal.actor, now=clock.now()
    )
    flash("認証アプリの登録を外しました。アプリの中の項目も消してください。", "success")
    return redirect(url_for("accounts.security"), 303)


@bp.post("/security/recovery-codes")
@guarded(anyone)
@without_factor
@proved_lately
def new_recovery_codes(principal: Principal) -> ResponseReturnValue:
    """Make new recovery codes and show them, once."""
    codes = factors.make_recovery_codes(database_session(), _reader(), by=principal.actor, now=clock.now())
    return _codes_page(codes, "回復コードを作り直しました。前のコードは使えなくなりました。")


@bp.route("/security/passkeys/new", methods=["GET", "POST"])
@guarded(anyone)
@without_factor
@proved_lately_to_read
def new_passkey(principal: Principal) -> ResponseReturnValue:
    """Register a passkey: a name, and a button that lets the device make it."""
    party, form, refusal = _party(), PasskeyForm(), None
    if request.method == "GET":
        form.name.data = device()
    if form.validate_on_submit():
        if party is None:
            raise passkeys.PasskeysUnavailable
        try:
            codes = passkeys.add(
                database_session(), party, challenge_id(), form.passkey.data or "", _reader(),
                name=form.name.data or "", sign_in_id=g.sign_in_id, by=principal.actor, now=clock.now(),
            )  # fmt: skip
        except Refused as error:
            keep_work()  # a challenge is used up whatever became of it
            refusal = error
        else:
            return _codes_page(codes, "パスキーを登録しました。次から「パスキーでサインイン」を使えます。")
    page = render_template(
        "accounts/new_passkey.html",
        form=form,
        refusal=refusal,
        has_errors=refusal is not None,
        takes_passkeys=party is not None,
        address_by_name=_address_by_name(),
        next=wanted(),
    )
    return page, refusal.status if refusal else 422 if form.is_submitted() else 200


@bp.post("/security/passkeys/<uuid:passkey_id>/remove")
@guarded(policy.is_own, passkey=Passkey)
@without_factor
@proved_lately
def remove_passkey(principal: Principal, passkey: Passkey) -> ResponseReturnValue:
    """Remove one of the reader's passkeys."""
    passkeys.remove(
        database_session(), passkey, _reader(), needs_factor=principal.needs_factor, by=principal.actor,
        now=clock.now(),
    )  # fmt: skip
    flash("パスキーの登録を外しました。端末の中のパスキーも消してください。", "success")
    return redirect(url_for("accounts.security"), 303)


# --- where one is signed in -------------------------------------------------------------------------------------


@bp.get("/security/sign-ins")
@guarded(anyone)
@without_factor
def sign_ins(principal: Principal) -> ResponseReturnValue:
    """The devices on which the reader is signed in now."""
    return render_template(
        "accounts/sign_ins.html",
        sign_ins=queries.open_sign_ins(database_session(), principal.user_id, now=clock.now()),
        here=g.sign_in_id,
        strengths=_STRENGTHS,
    )


@bp.post("/security/sign-ins/<uuid:sign_in_id>/end")
@guarded(policy.is_own, sign_in=SignIn)
@without_factor
def end_sign_in(principal: Principal, sign_in: SignIn) -> ResponseReturnValue:
    """End one of the reader's own sign-ins; ending the present one is signing out."""
    factors.end_own_sign_in(database_session(), sign_in, by=principal.actor, now=clock.now())
    if sign_in.id == g.sign_in_id:
        session.clear()
        flash("サインアウトしました。")
        return redirect(url_for("accounts.sign_in"), 303)
    flash("その端末でのサインインを終了しました。", "success")
    return redirect(url_for("accounts.sign_ins"), 303)


@bp.post("/security/sign-ins/end-others")
@guarded(anyone)
@without_factor
def end_other_sign_ins(principal: Principal) -> ResponseReturnValue:
    """End all of the reader's sign-ins but this one."""
    ended = factors.end_other_sign_ins(
        database_session(), _reader(), but=g.sign_in_id, by=principal.actor, now=clock.now()
    )
    flash(f"ほかの{ended}台の端末でのサインインを終了しました。" if ended else "ほかの端末でのサインインはありません。")
    return redirect(url_for("accounts.sign_ins"), 303)


# --- proving again who one is -----------------------------------------------------------------------------------


def ask_for_proof(principal: Principal) -> ResponseReturnValue | None:
    """Look for a fresh proof, in the sign-in or in this very request; the page that asks for it, while there is none.

    A proof that comes with the form it opens stays, whatever becomes of the act: its code is used up.
    """
    if principal.proved_lately or principal.strength == DEMO:
        return None
    is_reading = request.method in SAFE_METHODS
    refusal = None
    if not is_reading and any(request.form.get(field) for field in _PROOF_FIELDS):
        refusal = _refusal_of_proof(principal)
        if refusal is None:
            keep_now()
            return None
    if is_reading:
        return _proof_page(principal, refusal, action=url_for("accounts.prove"), next_page=_own_path())
    if any(file.filename for file in request.files.values()):
        # A chosen file cannot be carried along; its page is shown again after the proof.
        return _proof_page(
            principal, refusal, action=url_for("accounts.prove"), next_page=page_of_form(), loses_file=True
        )
    carried = [
        (name, value) for name, value in request.form.items(multi=True) if name not in ("csrf_token", *_PROOF_FIELDS)
    ]
    return _proof_page(principal, refusal, action=request.script_root + _own_path(), carried=carried)


def _own_path() -> str:
    return request.full_path.rstrip("?")


def _refusal_of_proof(principal: Principal) -> Refused | None:
    """Take the proof that this request brings; returns why it is none."""
    begin_writing(database_session())  # a view that reads first has not begun yet
    party, user, now = _party(), _reader(), clock.now()
    try:
        if (answer := request.form.get("proof_passkey")) and party is not None:
            passkeys.prove(database_session(), party, challenge_id(), answer, user, g.sign_in_id, now=now)
        else:
            form = ProofForm()
            form.validate()
            factors.prove(
                database_session(), user, g.sign_in_id, _vault(),
                password=(form.proof_password.data or "") if not form.proof_password.errors else "",
                code=(form.proof_code.data or "") if not form.proof_code.errors else "",
                by=principal.actor, now=now,
            )  # fmt: skip
    except Refused as refusal:
        keep_work()
        return refusal
    return None


def _proof_page(
    principal: Principal,
    refusal: Refused | None,
    *,
    action: str,
    carried: list[tuple[str, str]] | None = None,
    next_page: str = "",
    loses_file: bool = False,
) -> tuple[str, int]:
    user = _reader()
    if principal.is_at_kiosk:
        raise factors.NoProofHere
    found, form = queries.factors_of(database_session(), user.id), ProofForm(formdata=MultiDict())
    form.proof_password.flags.required = not found.has_authenticator
    form.proof_code.flags.required = not user.password_hash
    page = render_template(
        "accounts/prove.html",
        form=form,
        refusal=refusal,
        has_errors=refusal is not None,
        action=action,
        carried=carried or [],
        next=next_page,
        loses_file=loses_file,
        login_name=user.login_name,
        has_password=bool(user.password_hash),
        factors=found,
        takes_passkeys=_party() is not None,
    )
    return page, refusal.status if refusal else 403


@bp.route("/proof", methods=["GET", "POST"])
@guarded(anyone)
@without_factor
def prove(principal: Principal) -> ResponseReturnValue:
    """The page that asks who one is, on its own: for downloads and other pages that are read."""
    here = url_for("accounts.prove")
    if request.method == "GET":
        if principal.proved_lately or principal.strength == DEMO:
            return go_on()
        page, _ = _proof_page(principal, None, action=here, next_page=wanted())
        return page
    refusal = _refusal_of_proof(principal)
    if refusal is not None:
        return _proof_page(principal, refusal, action=here, next_page=wanted())
    return go_on()


# --- someone who lost a device ----------------------------------------------------------------------------------


@bp.post("/workers/<uuid:worker_id>/second-factor/reset")
@guarded(policy.may_change_account, worker=Worker)
@proved_lately
def reset_factors(principal: Principal, worker: Worker) -> ResponseReturnValue:
    """Remove the second factors of someone who lost their device."""
    user = database_session().get(User, worker.user_id) if worker.user_id else None
    needs_password = factors.reset_factors(
        database_session(), user, within=worker.organization_id, actor=principal.actor, now=clock.now()
    )
    flash(f"{worker.name}さんの2段階目の確認をリセットしました。次のサインインのあと、登録し直せます。", "success")
    if needs_password:
        flash("パスワードも決め直しが必要です。アカウントの一覧から、再設定用紙を作って渡してください。", "warning")
    return redirect(url_for("accounts.roles", worker_id=worker.id), 303)
