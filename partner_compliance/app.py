"""The composition root: the only module that knows every room."""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Flask, Response, current_app, g, render_template, request, session, url_for
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from partner_compliance import __version__, clock, config, navigation
from partner_compliance.access import check_every_door
from partner_compliance.accounts import factor_views as factors
from partner_compliance.accounts import views as accounts
from partner_compliance.accounts.models import User
from partner_compliance.accounts.queries import is_kiosk_only
from partner_compliance.acts import Actor
from partner_compliance.api import problems as api_problems
from partner_compliance.api import v1 as api
from partner_compliance.api import views as api_tokens
from partner_compliance.config import MAX_REQUEST_BYTES, Settings
from partner_compliance.councils import meeting_views as councils
from partner_compliance.database import make_engine
from partner_compliance.documents.spreadsheets import require_safe_reader
from partner_compliance.engagements import views as engagements
from partner_compliance.errors import Refused
from partner_compliance.gate import partner_views as gate
from partner_compliance.gate.reminding import tasks_of as tasks_of_sharing
from partner_compliance.history import guards
from partner_compliance.history import views as history
from partner_compliance.history.operations import write_acts
from partner_compliance.imports import views as imports
from partner_compliance.inspections import record_views as inspections
from partner_compliance.inspections.tasks import tasks_of as tasks_of_inspections
from partner_compliance.invitations import operations as invitations_of_people
from partner_compliance.invitations import views as invitations
from partner_compliance.invitations.queries import has_open as has_open_invitation
from partner_compliance.kiosks import views as kiosks
from partner_compliance.kits import queries as kit_queries
from partner_compliance.kits import views as kits
from partner_compliance.library.shelf import Library, read_library
from partner_compliance.networks import views as networks
from partner_compliance.organizations import views as organizations
from partner_compliance.organizations.models import Worker
from partner_compliance.people import leaving_views as people
from partner_compliance.people.queries import Thing, uncleared_handlers
from partner_compliance.pledges import head_views as pledges
from partner_compliance.publications import views as publications
from partner_compliance.readiness import views as readiness
from partner_compliance.readiness.reminding import tasks_of as tasks_of_levels
from partner_compliance.receipts import views as receipts
from partner_compliance.receipts.queries import held_by_workers
from partner_compliance.receipts.queries import record_number as receipt_number
from partner_compliance.registrations import views as registrations
from partner_compliance.reminders import views as reminders
from partner_compliance.reminders.queries import tasks_of
from partner_compliance.roster import views as roster
from partner_compliance.rulebooks import desk_views as rulebooks
from partner_compliance.scheduler import open_at_once
from partner_compliance.sharing import report_views as sharing
from partner_compliance.sheets import ledger_views as sheets
from partner_compliance.takeouts import ledger_views as takeouts
from partner_compliance.takeouts.queries import out_of_workers, record_number
from partner_compliance.training import own_views as training
from partner_compliance.web import is_for_machines, wire_requests
from partner_compliance.web import settings as settings_of_app

ROOMS = (
    accounts, organizations, roster, engagements, imports, invitations, networks, registrations, kiosks, takeouts,
    receipts, sheets, people, pledges, rulebooks, training, kits, councils, history, reminders, readiness, gate,
    publications, sharing, api_tokens, api, inspections,
)  # fmt: skip

_CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)

#: Passkeys are for our own pages, not for any page that shows ours.
_PERMISSIONS = (
    "camera=(), geolocation=(), microphone=(), publickey-credentials-create=(self), publickey-credentials-get=(self)"
)

_LATER = "少し時間をおいて、もう一度お試しください。"

#: What pages of refusal say: (title, what happened, what to do).
_PAGES_OF_REFUSAL = {
    400: (
        "送信内容を確認できませんでした",
        "画面を開いてから時間がたったか、送信内容が壊れています。",
        "前の画面を開き直して、もう一度お試しください。",
    ),
    403: (
        "権限がありません",
        "このページを開く権限がありません。",
        "必要な場合は、団体の個人情報責任者に確認してください。",
    ),
    404: (
        "ページが見つかりません",
        "お探しのページは見つかりませんでした。",
        "アドレスを確認するか、ホームからやり直してください。",
    ),
    405: (
        "この操作はできません",
        "このアドレスでは、その操作を受け付けていません。",
        "ホームからやり直してください。",
    ),
    413: (
        "送信内容が大きすぎます",
        "送られた内容が大きすぎるため、受け付けませんでした。",
        "ブラウザーの「戻る」で前の画面に戻ると入力が残っています。文章を短くして、もう一度送信してください。",
    ),
    429: ("しばらくお待ちください", "短い時間に操作が続いたため、受け付けを止めています。", _LATER),
    500: (
        "エラーが起きました",
        "申し訳ありません。処理中に問題が起きたため、何も保存していません。",
        _LATER + "続くときは運営にお知らせください。",
    ),
    503: (
        "ただいま利用できません",
        "申し訳ありません。いまデータを読み書きできないため、何も保存していません。",
        _LATER + "ブラウザーの「戻る」で、入力した内容に戻れます。",
    ),
}


#: The same for pages that take a file.
_FILE_TOO_LARGE = (
    "ファイルが大きすぎます",
    "送られたファイルが大きすぎるため、受け付けませんでした（20MBまで）。何も取り込んでいません。",
    "ブラウザーの「戻る」で前の画面に戻り、名簿の表だけを入れたファイルを選んでください。",
)


class UnguardedDatabase(RuntimeError):
    """The database lacks guards that keep its records append-only, or its tables are not those of this version."""


def create_app(settings: Settings | None = None, *, library: Library | None = None) -> Flask:
    """The application for some settings (the environment's by default).

    Raises UnsafeSettings, BrokenContent, UnguardedDatabase, or RuntimeError for a view that forgot its rule.
    """
    settings = settings or config.from_environment()
    config.refuse_unsafe(settings)
    require_safe_reader()
    app = Flask(__name__, static_folder="static", template_folder="templates")
    _configure(app, settings)
    app.extensions["settings"] = settings
    app.extensions["library"] = library or read_library(settings.content_folder)
    app.extensions["engine"] = make_engine(settings.database_url)
    app.extensions["session_info"] = {"write_acts": write_acts}
    refuse_unguarded(app)
    wire_requests(app)
    # A form that another site sends on comes with a cookie, and no cookie counts in the API.
    CSRFProtect(app).exempt(api.bp)
    for room in ROOMS:
        app.register_blueprint(room.bp)
    accounts.wire_sign_ins(app)
    _introduce_rooms(app)
    kiosks.wire_kiosks(app)
    factors.wire_factors(app)
    _wire_first_tasks(app)
    _refuse_public_demo(app, settings)
    _wire_pages(app)
    _wire_refusals(app)
    app.after_request(_harden)
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.trusted_proxies, x_proto=settings.trusted_proxies
        )
    if settings.path_prefix:
        app.wsgi_app = _under(settings.path_prefix, app.wsgi_app)  # type: ignore[method-assign]
    check_every_door(app)
    return app


def _introduce_rooms(app: Flask) -> None:
    """Tell lower rooms what only higher ones know, and higher ones what stands beside them."""
    # (session, organization_id, on=day) → the handlers who should not be handlers yet; for the roster.
    app.extensions["uncleared_handlers"] = uncleared_handlers
    # (session, worker, actor, now): what else ends with someone's access, such as a PIN or an open invitation.
    app.extensions["closers_of_access"] = (_revoke_invitations,)
    # (session, workers) → {worker id: what a ledger says that they have in hand, as `people.queries.Thing`}.
    app.extensions["open_take_outs"] = (_out_of_the_center, _received)
    # What kits say of a rule today (rulebooks.proposals.KitsNow).
    app.extensions["kits_now"] = kit_queries.kits_now
    # (session, organization id) → (own checks, {item of the check sheet: [how it is done here]}), for the sheet.
    app.extensions["beside_the_sheet"] = kit_queries.beside_the_sheet
    # (session, principal, today=day) → what else is to be done, known to rooms above the home page.
    app.extensions["more_tasks"] = (tasks_of_levels, tasks_of_sharing, tasks_of_inspections)
    # (session, worker) → in a few words another way by which someone takes part, or nothing; for a person's page.
    app.extensions["ways_in"] = (_way_at_tablets, _invited)


def _way_at_tablets(session: Session, worker: Worker) -> str:
    user = session.get(User, worker.user_id) if worker.user_id else None
    return "共用端末（暗証番号）" if user is not None and is_kiosk_only(user) else ""


def _out_of_the_center(session: Session, workers: Sequence[Worker]) -> dict[UUID, list[Thing]]:
    return {
        worker_id: [
            Thing(
                take_out.medium.label,
                take_out.description or record_number(take_out),
                line.count,
                line.began_on,
                line.due_on,
                address=url_for("takeouts.show", take_out_id=take_out.id),
            )
            for take_out, line in found
        ]
        for worker_id, found in out_of_workers(session, workers).items()
    }


def _received(session: Session, workers: Sequence[Worker]) -> dict[UUID, list[Thing]]:
    return {
        worker_id: [
            Thing(
                each.item.medium.label,
                each.item.description or receipt_number(each.receipt),
                each.line.left,
                each.line.handed_on,
                each.line.due_on,
                address=url_for("receipts.show", receipt_id=each.receipt.id),
            )
            for each in found
        ]
        for worker_id, found in held_by_workers(session, workers).items()
    }


def _invited(session: Session, worker: Worker) -> str:
    return "招待中" if has_open_invitation(session, worker, now=clock.now()) else ""


def _revoke_invitations(session: Session, worker: Worker, by: Actor, now: datetime) -> None:
    invitations_of_people.revoke_all_of(session, worker, by=by, now=now)


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME=_cookie_name(settings),
        SESSION_COOKIE_SECURE=settings.is_secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH=(settings.path_prefix or "") + "/",
        # The cookie outlives the sign-in, so that a sign-in that ran out is recognized and what was typed is kept.
        PERMANENT_SESSION_LIFETIME=7 * 24 * 3600,
        SESSION_REFRESH_EACH_REQUEST=False,
        MAX_CONTENT_LENGTH=MAX_REQUEST_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_REQUEST_BYTES,
        MAX_FORM_PARTS=500,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        WTF_I18N_ENABLED=False,
        TEMPLATES_AUTO_RELOAD=False,
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    logging.getLogger("werkzeug").setLevel(logging.WARNING)


def _cookie_name(settings: Settings) -> str:
    if not settings.is_secure:
        return "session"
    return "__Secure-session" if settings.path_prefix else "__Host-session"


def refuse_unguarded(app: Flask) -> None:
    """Raise UnguardedDatabase when a guard is missing, disabled or altered: nothing is served on doubt."""
    with app.extensions["engine"].connect() as connection:
        missing = guards.missing_guards(connection)
    if missing:
        app.extensions["engine"].dispose()
        raise UnguardedDatabase(
            "データベースの追記専用の守り（トリガー）が足りないか、変えられています。"
            "「partner-compliance migrate」で最新にするか、「partner-compliance doctor」で確認してください: "
            + "、".join(missing)
        )


def _refuse_public_demo(app: Flask, settings: Settings) -> None:
    """A demo's passwords are published: its database serves this machine alone."""
    if app.extensions["has_demo"] and not settings.is_local:
        app.extensions["engine"].dispose()
        raise config.UnsafeSettings(
            "・このデータベースにはデモのアカウントが入っています（パスワードが公開されています）。"
            "外部に公開するときは、DATA_DIR か DATABASE_URL を変えて、新しいデータベースを使ってください。"
        )


def _under(prefix: str, application: Any) -> Any:
    def serve(environ: dict[str, Any], start_response: Any) -> Any:
        path = environ.get("PATH_INFO", "")
        if path == prefix or path.startswith(prefix + "/"):
            environ["PATH_INFO"] = path[len(prefix) :] or "/"
        environ["SCRIPT_NAME"] = prefix
        return application(environ, start_response)

    return serve


def _wire_first_tasks(app: Flask) -> None:
    """What someone who has just joined meets at once: their sheets open, and the list of what is to be done."""
    library: Library = app.extensions["library"]
    app.extensions["open_first_tasks"] = lambda session, now: open_at_once(session, library, now)
    app.extensions["tasks_of"] = tasks_of


# --- pages ------------------------------------------------------------------------------------------------------


def _wire_pages(app: Flask) -> None:
    @app.context_processor
    def page() -> dict[str, Any]:
        return {
            "principal": g.get("principal"),
            "navigation": navigation.menu(),
            "is_demo": app.extensions.get("is_demo", False),
            **kiosks.page_variables(),
            "furigana_on": bool(g.get("furigana")),
            "account_links": navigation.account_links(),
            "asset_version": app.extensions["asset_version"],
        }

    app.extensions["asset_version"] = __version__


# --- refusals ---------------------------------------------------------------------------------------------------


def _page_of_refusal(status: int, title: str, message: str, what_to_do: str) -> tuple[str | Response, int]:
    if is_for_machines():
        return api_problems.of_status(status), status
    page = render_template(
        "errors/error.html",
        status=status,
        title=title,
        message=message,
        what_to_do=what_to_do,
        back_url=url_for("reminders.home"),
        back_label="ホームへ",
    )
    return page, status


def _say_why(status: int) -> tuple[str, str, str]:
    """(title, what happened, what to do) of a status that the web server's side refuses with."""
    if status == 413 and hasattr(current_app.view_functions.get(request.endpoint or ""), "largest_file"):
        return _FILE_TOO_LARGE
    return _PAGES_OF_REFUSAL.get(status, _PAGES_OF_REFUSAL[400 if status < 500 else 500])


def _wire_refusals(app: Flask) -> None:
    @app.errorhandler(Refused)
    def refused(refusal: Refused) -> Response | tuple[str | Response, int]:
        if is_for_machines():
            return api_problems.of_refusal(refusal)
        return _page_of_refusal(refusal.status, refusal.title, refusal.message, refusal.what_to_do)

    @app.errorhandler(CSRFError)
    def stale_page(_error: CSRFError) -> tuple[str | Response, int]:
        kept = accounts.hold_typed_input(is_stale=True)
        title, message, what_to_do = _PAGES_OF_REFUSAL[400]
        if g.get("is_at_kiosk"):
            message = "この画面は、前に使っていた方のものか、開いてから時間がたっています。何も保存していません。"
            what_to_do = "ホームに戻り、画面の上のお名前を確かめて、もう一度お試しください。"
        elif kept:
            what_to_do = "入力した内容は残してあります。同じ画面をもう一度開くと、続きから入力できます。"
        return _page_of_refusal(400, title, message, what_to_do)

    @app.errorhandler(HTTPException)
    def http_refusal(
        error: HTTPException,
    ) -> Response | tuple[str | Response, int] | tuple[str | Response, int, dict[str, str]]:
        status = error.code or 500
        # A failure at the commit, when the view is done, comes as the cause of a general one.
        if isinstance(cause := getattr(error, "original_exception", None), DBAPIError):
            return database_refused(cause)
        if status >= 500:
            _forget_reader()
        if status < 400:
            return error.get_response()  # type: ignore[return-value]
        body, code = _page_of_refusal(status, *_say_why(status))
        kept = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
        return body, code, kept

    @app.errorhandler(DBAPIError)
    def database_refused(error: DBAPIError) -> tuple[str | Response, int]:
        app.logger.error("database: %s", error.__class__.__name__, exc_info=error)
        status = 503 if isinstance(error, OperationalError) else 500
        _forget_reader()
        return _page_of_refusal(status, *_PAGES_OF_REFUSAL[status])

    @app.errorhandler(Exception)
    def failed(error: Exception) -> tuple[str | Response, int]:
        app.logger.error("unexpected: %s", error.__class__.__name__, exc_info=error)
        _forget_reader()
        return _page_of_refusal(500, *_PAGES_OF_REFUSAL[500])


def _forget_reader() -> None:
    """A page of failure asks the database nothing, and no later page tells of a success that was not kept."""
    g.keep_work = False
    g.pop("principal", None)
    session.pop("_flashes", None)


def _harden(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", _CONTENT_SECURITY_POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", _PERMISSIONS)
    if settings_of_app().is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint != "static" or response.status_code >= 400:
        headers["Cache-Control"] = "no-store"
    else:
        headers["Cache-Control"] = "public, max-age=3600"
    return response
