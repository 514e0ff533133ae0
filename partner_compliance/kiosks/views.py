"""The pages of shared tablets: the list of devices, the slips, and the screen at which everyone chooses a name."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Flask, current_app, flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from partner_compliance import clock
from partner_compliance.access import Principal, guarded, opens_at_kiosks, public
from partner_compliance.accounts.operations import digest
from partner_compliance.accounts.queries import IDLE_AT_KIOSK
from partner_compliance.accounts.views import enter_browser, hold_fields, leave_browser, page_to_go_on
from partner_compliance.errors import InvalidInput, Refused
from partner_compliance.kiosks import operations, paper, policy, queries
from partner_compliance.kiosks.forms import ChoosePinForm, CodeForm, DeviceForm, PinForm, SlipsForm
from partner_compliance.kiosks.models import LASTS, Kiosk, PinState
from partner_compliance.kiosks.queries import Device
from partner_compliance.organizations.models import Center, Organization, Worker
from partner_compliance.web import (
    SAFE_METHODS,
    database_session,
    file_response,
    keep_work,
    reads_first,
    render_form,
    settings,
    write_later,
)

bp = Blueprint("kiosks", __name__, template_folder="templates")

#: Up to so many names the tablet shows at once; beyond, one row of the kana table at a time.
NAMES_AT_ONCE = 24
#: The page leaves a little earlier than the sign-in ends, so that what was typed can still be saved.
_LEAVES_AFTER = int(IDLE_AT_KIOSK.total_seconds()) - 10
#: Without JavaScript the page just goes, once the sign-in has ended.
_REFRESH_AFTER = int(IDLE_AT_KIOSK.total_seconds()) + 1
#: How long the thanks stand.
_THANKS_FOR = 15


# --- this browser -----------------------------------------------------------------------------------------------


def wire_kiosks(app: Flask) -> None:
    """Let the rooms below know the door of a browser that is a shared tablet."""
    app.extensions["door_of_kiosk"] = _door


def _door() -> str | None:
    """The address of this shared tablet's names; None for other browsers."""
    if _secret() is None:
        return None
    try:
        operations.device_in_use(database_session(), _secret(), now=clock.now())
    except operations.NotAKiosk:
        return None
    except Refused:
        pass  # its screen says why, once: afterwards it is a browser like any other
    return url_for("kiosks.names")


def page_variables() -> dict[str, Any]:
    """What the frame of every page has to know: whether this is a shared tablet, and when it leaves the page."""
    principal: Principal | None = g.get("principal")
    visitor = principal if principal is not None and principal.kiosk_id is not None else None
    if visitor is None and "device" not in g:
        return {"kiosk": None}
    types = getattr(current_app.view_functions.get(request.endpoint or ""), "restores_input", False)
    seconds = {"kiosks.names": 0, "kiosks.thanks": _THANKS_FOR}.get(request.endpoint or "", _LEAVES_AFTER)
    return {
        "kiosk": {
            "visitor": visitor,
            "home": url_for("kiosks.names"),
            "after": seconds,
            # Without JavaScript nobody is taken away from what they type.
            "refresh": seconds and (_REFRESH_AFTER if seconds == _LEAVES_AFTER else seconds) if not types else 0,
        }
    }


def _cookie_name() -> str:
    if not settings().is_secure:
        return "kiosk"
    return "__Secure-kiosk" if settings().path_prefix else "__Host-kiosk"


def _secret() -> str | None:
    return request.cookies.get(_cookie_name())


def _give_cookie(response: Response, secret: str) -> None:
    response.set_cookie(
        _cookie_name(),
        secret,
        max_age=LASTS,
        secure=settings().is_secure,
        httponly=True,
        samesite="Lax",
        path=settings().path_prefix + "/",
    )


def _take_cookie(response: Response) -> None:
    response.delete_cookie(
        _cookie_name(),
        secure=settings().is_secure,
        httponly=True,
        samesite="Lax",
        path=settings().path_prefix + "/",
    )


def _device() -> Device:
    """The shared tablet that this browser is; raises NotAKiosk, KioskClosed, CenterClosed."""
    now = clock.now()
    device = operations.device_in_use(database_session(), _secret(), now=now)
    g.device = device
    if now - device.kiosk.seen_at >= operations.SEEN_STEP:
        kiosk, address = device.kiosk, request.remote_addr or ""
        if request.method in SAFE_METHODS:
            write_later(lambda writing: operations.touch(writing, kiosk, address=address, now=now))
    return device


def _forget_pages(response: Response) -> Response:
    """Let the browser throw away what it kept of the person before."""
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def after_task(principal: Principal, url: str, said: str) -> Response:
    """Where someone goes whose task is done: on, with `said` above the page; at a shared tablet out of the door."""
    if principal.kiosk_id is None:
        flash(said, "success")
        return redirect(url, 303)
    leave_browser()
    flash(said, "success")
    return _forget_pages(redirect(url_for("kiosks.thanks"), 303))


# --- the center's devices ---------------------------------------------------------------------------------------


@bp.route("/centers/<uuid:center_id>/kiosks", methods=["GET", "POST"])
@guarded(policy.may_run_kiosks, center=Center)
def devices(principal: Principal, center: Center) -> ResponseReturnValue:
    """The shared tablets of a center; the browser at hand becomes one, and whoever did it is signed out of it."""
    session, now = database_session(), clock.now()
    form = DeviceForm()
    if form.validate_on_submit():
        try:
            kiosk, secret = operations.open_kiosk(
                session, center, name=form.name.data or "", by=principal.actor, now=now
            )
        except InvalidInput as refusal:
            form.name.errors = [refusal.message]
        else:
            _close_former(principal, kiosk)
            leave_browser()
            answer = _forget_pages(redirect(url_for(".names"), 303))
            _give_cookie(answer, secret)
            return answer
    here = queries.device_of(session, digest(_secret() or ""))
    return render_form(
        "kiosks/devices.html",
        form,
        center=center,
        kiosks=queries.kiosks_of(session, center),
        here=here.kiosk.id if here else None,
        now=now,
    )


def _close_former(principal: Principal, new: Kiosk) -> None:
    """What this browser was before, it is no longer."""
    former = queries.device_of(database_session(), digest(_secret() or ""))
    if former is not None and former.kiosk.id != new.id and policy.may_close_kiosk(principal, former.kiosk):
        operations.close_kiosk(database_session(), former.kiosk, by=principal.actor, now=clock.now())


@bp.post("/kiosks/<uuid:kiosk_id>/close")
@guarded(policy.may_close_kiosk, kiosk=Kiosk)
def close(principal: Principal, kiosk: Kiosk) -> ResponseReturnValue:
    """End a shared tablet, from wherever; it holds from its next request on."""
    operations.close_kiosk(database_session(), kiosk, by=principal.actor, now=clock.now())
    flash(f"共用端末「{kiosk.name}」の利用を終わらせました。", "success")
    return redirect(url_for(".devices", center_id=kiosk.center_id), 303)


# --- slips ------------------------------------------------------------------------------------------------------


@bp.route("/centers/<uuid:center_id>/pin-slips", methods=["GET", "POST"])
@reads_first
@guarded(policy.may_run_kiosks, center=Center)
def slips(principal: Principal, center: Center) -> ResponseReturnValue:
    """Who of a center can use its shared tablets; slips for those who are chosen, in one PDF."""
    session, now = database_session(), clock.now()
    holders = queries.holders_at(session, center, today=clock.today())
    form = SlipsForm([(str(each.worker.id), each.worker.name) for each in holders])
    if form.validate_on_submit():
        chosen = set(form.worker.data)
        workers = [each.worker for each in holders if str(each.worker.id) in chosen]
        try:
            return _slips(principal, center, workers)
        except InvalidInput as refusal:
            form.worker.errors = [refusal.message]
    picked = set(form.worker.data or ()) if form.is_submitted() else None
    return render_form(
        "kiosks/slips.html",
        form,
        center=center,
        holders=holders,
        names=queries.shown_names([each.worker for each in holders]),
        # Whoever neither has an account nor a number yet is chosen beforehand.
        picked={
            str(each.worker.id)
            for each in holders
            if (
                str(each.worker.id) in picked
                if picked is not None
                else not each.has_account and each.state(now) in (PinState.NONE, PinState.EXPIRED, PinState.STOPPED)
            )
        },
        now=now,
    )


@bp.post("/workers/<uuid:worker_id>/pin-slip")
@reads_first
@guarded(policy.may_make_slip, worker=Worker)
def pin_slip(principal: Principal, worker: Worker) -> ResponseReturnValue:
    """A slip for one person; an earlier slip and PIN stop working."""
    center = database_session().get_one(Center, (worker.organization_id, worker.center_id))
    return _slips(principal, center, [worker])


def _slips(principal: Principal, center: Center, workers: list[Worker]) -> Response:
    session, now = database_session(), clock.now()
    made = operations.make_slips(session, workers, by=principal.actor, now=now)
    names = queries.shown_names(queries.names_at(session, center, today=clock.today()))
    organization = session.get_one(Organization, center.organization_id)
    content = paper.slips_pdf(made, names, organization, center, made_at=now)
    whose = f"{made[0].worker.name}" if len(made) == 1 else center.name
    return file_response(content, name=f"共用端末の紙_{whose}.pdf", mimetype="application/pdf", inline=True)


# --- the screen -------------------------------------------------------------------------------------------------


@bp.get("/kiosk")
@public
def names() -> ResponseReturnValue:
    """The names of those who use this shared tablet, and nothing else about them."""
    principal: Principal | None = g.get("principal")
    if principal is not None and principal.kiosk_id is not None:
        return redirect(url_for("reminders.home"))
    try:
        device = _device()
    except (operations.KioskClosed, operations.CenterClosed) as closed:
        answer = make_response(_closed_page(closed), closed.status)
        _take_cookie(answer)
        return answer
    people = queries.names_at(database_session(), device.center, today=clock.today())
    rows = queries.by_row(people)
    wanted = request.args.get("row", "")
    if wanted not in rows:
        wanted = "" if len(people) <= NAMES_AT_ONCE else next(iter(rows), "")
    answer = make_response(
        render_template(
            "kiosks/names.html",
            device=device,
            rows=rows,
            shown={wanted: rows[wanted]} if wanted else rows,
            wanted=wanted,
            has_all=len(people) <= NAMES_AT_ONCE,
            names=queries.shown_names(people),
        )
    )
    _give_cookie(answer, _secret() or "")  # its half year begins anew with each use
    return answer


def _closed_page(closed: Refused) -> str:
    return render_template(
        "errors/error.html",
        status=closed.status,
        title=closed.title,
        message=closed.message,
        what_to_do=closed.what_to_do,
        back_url=url_for("accounts.sign_in"),
        back_label="サインインへ",
    )


def _person(device: Device, worker_id: UUID) -> tuple[Worker, PinState, str]:
    """Who was chosen, where they stand with the PIN, and the name under which they are shown; raises NotHere."""
    session, today = database_session(), clock.today()
    found = queries.holder_at(session, device.center, worker_id, today=today)
    if found is None:
        raise operations.NotHere
    worker, pin = found
    shown = queries.shown_names(queries.names_at(session, device.center, today=today))
    return worker, pin.state(clock.now()), shown.get(worker.id, worker.name)


@bp.route("/kiosk/people/<uuid:worker_id>", methods=["GET", "POST"])
@public
@reads_first
def pin(worker_id: UUID) -> ResponseReturnValue:
    """Enter the PIN of the name that was chosen."""
    device = _device()
    form = PinForm()
    refusal = None
    if form.validate_on_submit():
        try:
            signed_in, secret = operations.enter(
                database_session(), device, worker_id, form.pin.data or "", now=clock.now()
            )
        except Refused as error:
            keep_work()
            refusal = error
        else:
            return _go_in(secret, signed_in.user_id)
    worker, state, name = _person(device, worker_id)
    if request.method == "GET" and state is PinState.SLIP:
        return redirect(url_for(".first", worker_id=worker.id))
    page, status = render_form(
        "kiosks/pin.html", form, worker=worker, state=state, name=name, refusal=refusal, has_errors=refusal is not None
    )
    return page, refusal.status if refusal else status


@bp.route("/kiosk/people/<uuid:worker_id>/first", methods=["GET", "POST"])
@public
@reads_first
def first(worker_id: UUID) -> ResponseReturnValue:
    """The first time: the number on the slip, then a PIN of one's own."""
    device = _device()
    code_form = CodeForm()
    refusal = None
    if code_form.validate_on_submit():
        is_choosing = "pin" in request.form
        form = ChoosePinForm()
        code = code_form.code.data or ""
        try:
            if not is_choosing:
                operations.check_code(database_session(), device, worker_id, code, now=clock.now())
                return _choosing_page(device, worker_id, ChoosePinForm(formdata=None), code)
            if form.validate():
                signed_in, secret = operations.choose_pin(
                    database_session(), device, worker_id, code, form.pin.data or "", now=clock.now()
                )
                return _go_in(secret, signed_in.user_id)
        except operations.WeakPin as weak:
            form.pin.errors = [weak.message]
        except Refused as error:
            keep_work()
            refusal = error
        if refusal is None:
            return _choosing_page(device, worker_id, form, code, status=422)
    worker, state, name = _person(device, worker_id)
    if request.method == "GET" and state is not PinState.SLIP:
        return redirect(url_for(".pin", worker_id=worker.id))
    page, status = render_form(
        "kiosks/first.html",
        code_form,
        worker=worker,
        state=state,
        name=name,
        refusal=refusal,
        has_errors=refusal is not None,
    )
    return page, refusal.status if refusal else status


def _choosing_page(
    device: Device, worker_id: UUID, form: ChoosePinForm, code: str, *, status: int = 200
) -> ResponseReturnValue:
    worker, _, name = _person(device, worker_id)
    return render_template("kiosks/choose.html", form=form, worker=worker, name=name, code=code), status


def _go_in(secret: str, user_id: UUID) -> ResponseReturnValue:
    enter_browser(secret)
    return redirect(page_to_go_on(user_id), 303)


@bp.get("/kiosk/thanks")
@public
def thanks() -> ResponseReturnValue:
    """The task is done and its person signed out; the next one, please."""
    _device()
    return render_template("kiosks/thanks.html")


@bp.post("/kiosk/end")
@public
def end() -> ResponseReturnValue:
    """Leave a shared tablet to the next person."""
    principal: Principal | None = g.get("principal")
    if principal is not None and principal.kiosk_id is None:
        return redirect(url_for("reminders.home"), 303)
    leave_browser()
    return _forget_pages(redirect(url_for(".names"), 303))


# --- while somebody is at it ------------------------------------------------------------------------------------


@bp.get("/kiosk/alive")
@public
@opens_at_kiosks
def alive() -> ResponseReturnValue:
    """The page says that its reader is still there, which keeps the sign-in; and is told whether it still holds."""
    principal: Principal | None = g.get("principal")
    return {"alive": principal is not None and principal.kiosk_id is not None}


@bp.post("/kiosk/hold")
@opens_at_kiosks
@guarded(policy.is_at_kiosk)
def hold(principal: Principal) -> ResponseReturnValue:
    """Keep what someone had typed on a page that is left because nobody touched it any more."""
    page = request.form.get("page", "").removeprefix(request.script_root)
    return {"held": hold_fields(principal.user_id, page)}
