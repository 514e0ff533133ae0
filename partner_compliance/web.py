"""What every page shares: one session and one transaction a request, the form base, filters and pagination."""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import segno
from flask import Flask, Response, current_app, g, render_template, request, send_file
from flask_wtf import FlaskForm
from markupsafe import Markup, escape
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from werkzeug.exceptions import RequestEntityTooLarge
from wtforms import Field
from wtforms.validators import ValidationError

from partner_compliance import acts, clock
from partner_compliance.config import MAX_REQUEST_BYTES, Settings
from partner_compliance.database import begin_writing, open_session
from partner_compliance.errors import InvalidInput, WrongEntry
from partner_compliance.library.checklists import ruby
from partner_compliance.library.shelf import Library

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_FIELDS_BESIDE_A_FILE = 64 * 1024

#: Below this address machines ask: no cookie counts there, and every answer, refusals too, is data.
API = "/api"


def is_for_machines() -> bool:
    """Whether the request came to the API, at whatever address below it."""
    return request.path == API or request.path.startswith(API + "/")


# --- one request, one transaction -------------------------------------------------------------------------------


def database_session() -> Session:
    """The request's session; a request that means to change something takes its place among the writers at once."""
    if "database_session" not in g:
        g.database_session = open_session(engine(), **current_app.extensions["session_info"])
        view = current_app.view_functions.get(request.endpoint or "")
        if not _is_reading() and not getattr(view, "reads_first", False):
            begin_writing(g.database_session)
    return g.database_session  # type: ignore[no-any-return]


def only_reads(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let a view that is asked with POST be a reading one: the question is in its body, and it changes nothing."""
    view.only_reads = True  # type: ignore[attr-defined]  # functions take attributes; their type does not say so
    return view


def _is_reading() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return request.method in SAFE_METHODS or bool(getattr(view, "only_reads", False))


def reads_first(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let a view that changes something read and think for long before its operation begins to write."""
    view.reads_first = True  # type: ignore[attr-defined]  # functions take attributes; their type does not say so
    return view


def restores_input(view: Callable[..., Any]) -> Callable[..., Any]:
    """Say that a page shows again what was typed on it when the sign-in ran out; only for such pages is it kept."""
    view.restores_input = True  # type: ignore[attr-defined]  # functions take attributes; their type does not say so
    return view


def takes_files(largest: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let a view take a file of so many bytes; every other request stays as small as a form."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        view.largest_file = largest  # type: ignore[attr-defined]  # functions take attributes
        return view

    return decorate


def engine() -> Engine:
    """The engine the app was composed with."""
    return current_app.extensions["engine"]  # type: ignore[no-any-return]


def settings() -> Settings:
    """The settings the app was composed with."""
    return current_app.extensions["settings"]  # type: ignore[no-any-return]


def library() -> Library:
    """The content read at start-up."""
    return current_app.extensions["library"]  # type: ignore[no-any-return]


def keep_work() -> None:
    """Say that this request's work stays although its page reports a refusal (a counted failure, a kept draft)."""
    g.keep_work = True


def keep_now() -> None:
    """Keep what this request has done so far, whatever becomes of the rest of it: that begins anew, as it began."""
    session = database_session()
    session.commit()
    session.expire_all()
    view = current_app.view_functions.get(request.endpoint or "")
    if not _is_reading() and not getattr(view, "reads_first", False):
        begin_writing(session)


def write_later(work: Callable[[Session], Any]) -> None:
    """Let a reading request do a small piece of writing when its page is done, in a transaction of its own."""
    g.setdefault("write_later", []).append(work)


def write_anyway(work: Callable[[Session], Any]) -> None:
    """Let a small piece of writing be done when the answer is known, whether it reports success or a refusal.

    Nothing is written when the server itself has failed (5xx).
    """
    g.setdefault("write_anyway", []).append(work)


def _keep_or_discard(response: Response) -> Response:
    """Only a page that reports success keeps its work; what a reading request has to record is written now."""
    session: Session | None = g.get("database_session")
    if session is None:
        return response
    is_refused = response.status_code >= 400 and not g.get("keep_work")
    anyway = g.pop("write_anyway", []) if response.status_code < 500 else []
    if is_refused or _is_reading():
        waiting = acts.take_waiting(session)
        anyway = ([] if is_refused else g.pop("write_later", [])) + anyway
        session.rollback()
        if is_refused:
            # A refused page that shows a record has shown it: the look is written, everything else is not.
            waiting = [act for act in waiting if act.is_look] if response.status_code < 500 else []
        if not waiting and not anyway:
            return response
        begin_writing(session)
        for act in waiting:
            acts.record(session, act)
    for work in anyway:
        work(session)
    session.commit()
    return response


def _refuse_flood() -> None:
    """A body sent in chunks, its length untold, is read here: the form parser would silently cut it at the limit."""
    is_untold = request.content_length is None and request.method not in SAFE_METHODS
    largest = getattr(current_app.view_functions.get(request.endpoint or ""), "largest_file", None)
    if largest is not None and request.mimetype == "multipart/form-data" and not is_untold:
        # The parser keeps the file in a nameless one of the system's, and the fields beside it as small as ever.
        request.max_content_length = largest + _FIELDS_BESIDE_A_FILE
    if is_untold and len(request.get_data()) >= MAX_REQUEST_BYTES:
        raise RequestEntityTooLarge


def _close_session(_error: BaseException | None = None) -> None:
    session: Session | None = g.pop("database_session", None)
    if session is not None:
        session.close()


def wire_requests(app: Flask) -> None:
    """Give every request of the app its session, transaction, filters and page variables."""
    app.before_request(_refuse_flood)
    app.after_request(_keep_or_discard)
    app.teardown_request(_close_session)
    app.jinja_env.filters.update(
        era_date=clock.era_date,
        era_month=clock.era_month,
        short_date=clock.short_date,
        moment=clock.screen_moment,
        month=clock.screen_month,
        local_date=clock.local_date,
        share=share,
        lines=lines,
        furigana=furigana,
    )


# --- forms ------------------------------------------------------------------------------------------------------


class Form(FlaskForm):
    """Base of all forms: Japanese messages, and texts tidied on the way in."""

    class Meta(FlaskForm.Meta):
        locales = ("ja",)


def tidy(text: str | None) -> str:
    """A typed text without surrounding white space; a missing one is empty. Names and words stay exactly as typed,
    but for line ends, which become one line feed each, and split voiced marks, which are put together again."""
    if not text:
        return ""
    return _join_voiced_marks(text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _join_voiced_marks(text: str) -> str:
    if "\u3099" not in text and "\u309a" not in text:
        return text
    joined: list[str] = []
    for char in text:
        if char in "\u3099\u309a" and joined:
            whole = unicodedata.normalize("NFC", joined[-1] + char)
            if len(whole) == 1:
                joined[-1] = whole
                continue
        joined.append(char)
    return "".join(joined)


def control_characters(text: str, *, allow_lines: bool) -> set[str]:
    """The control and direction-changing characters in a text that no honest input holds."""
    allowed = "\n\t" if allow_lines else ""
    return {
        char
        for char in text
        if (unicodedata.category(char) in ("Cc", "Cs") and char not in allowed)
        or char in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    }


class PlainText:
    """A validator that refuses control characters, with a message that says what to do."""

    def __init__(self, *, lines: bool = False) -> None:
        self.lines = lines

    def __call__(self, _form: Any, field: Field) -> None:
        """Raise ValidationError when the field's text holds a character that cannot be kept."""
        if control_characters(field.data or "", allow_lines=self.lines):
            raise ValidationError("使えない制御文字が含まれています。文字を入力し直してください。")


def put_at_field(form: FlaskForm, error: InvalidInput, otherwise: str) -> None:
    """Show why an entry was refused at the field that it is about."""
    name = error.field if isinstance(error, WrongEntry) and error.field in form else otherwise
    form[name].errors = [error.message]


def render_form(template: str, form: FlaskForm, **context: Any) -> tuple[str, int]:
    """Show a form; a form sent back with errors is a refusal (422), never a success."""
    return render_template(template, form=form, **context), 422 if form.is_submitted() else 200


# --- filters ----------------------------------------------------------------------------------------------------


def share(value: float | None) -> str:
    """A share between 0 and 1 as a percentage, cut (not rounded) so that 100% means all; a dash when unknown."""
    if value is None:
        return "－"
    return f"{int(value * 100 + 1e-9)}%"


def lines(text: str) -> Markup:
    """A text with its line breaks kept."""
    return Markup("<br>").join(escape(line) for line in text.split("\n"))


def furigana(
    text: str | Sequence[tuple[str, str | None]],
    readings: Mapping[str, str] | None = None,
    say: Callable[[str], str] | None = None,
) -> Markup:
    """A text with the readings of its difficult words above them, when the reader has switched them on.

    Takes a text with the readings to look for, or one that is already taken apart into (chunk, reading). What `say`
    fills in gets no readings: they are chosen for the text alone, and would be wrong in names.
    """
    if not g.get("furigana"):
        whole = text if isinstance(text, str) else "".join(chunk for chunk, _ in text)
        return escape(say(whole) if say else whole)
    pairs = ruby(text, readings or {}) if isinstance(text, str) else text
    if say:
        pairs = [(say(chunk), reading) for chunk, reading in pairs]
    return Markup("").join(
        Markup("<ruby>{}<rp>（</rp><rt>{}</rt><rp>）</rp></ruby>").format(chunk, reading) if reading else escape(chunk)
        for chunk, reading in pairs
    )


def qr_picture(text: str) -> Markup:
    """A QR code of an address as an SVG element, to stand in a page."""
    picture = segno.make_qr(text, error="m").svg_inline(scale=5, svgclass=None, lineclass=None)
    return Markup(picture)  # noqa: S704 - segno draws dark squares; the text itself is not in it


# --- pagination -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Page:
    """One page of a list: `number` counts from 1."""

    number: int
    size: int
    total: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // self.size))

    @property
    def offset(self) -> int:
        """How many rows come before this page."""
        return (self.number - 1) * self.size


def page_asked_for(total: int, size: int = 50) -> Page:
    """The page that the address asks for (`?page=2`), within what there is."""
    text = request.args.get("page", "1")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1
    page = Page(max(1, number), size, total)
    return Page(min(page.number, page.last), size, total)


def file_response(content: bytes, *, name: str, mimetype: str, inline: bool = False) -> Response:
    """A file to open or to save, under a name that may be Japanese."""
    return send_file(BytesIO(content), mimetype=mimetype, as_attachment=not inline, download_name=name, max_age=0)
