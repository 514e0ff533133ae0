"""Sending the mails that wait: into a folder of the data directory, or to a mail server.

A mail is claimed in a transaction of its own, sent while no transaction is open, and marked in another: a slow mail
server holds nobody up, and of two senders at once only one gets a mail. A process that dies between sending and
marking leaves a claim that runs out, so that such a mail may come twice, with the same Message-ID, never not at all.
"""

import logging
import os
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from urllib.parse import unquote, urlsplit
from uuid import UUID

from sqlalchemy import Engine, Select, func, select, update

from partner_compliance.accounts.models import OutgoingMail
from partner_compliance.clock import now as present
from partner_compliance.config import Settings, is_loopback
from partner_compliance.database import open_session, writing

#: How long the mail server may take for each step.
TIMEOUT = 10.0
#: A claim holds longer than sending can take; only the mail of a process that died waits for its end.
CLAIM = timedelta(minutes=10)
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=1)
#: Some twelve hours after the first try; a mail that old is of no use any more.
LAST_ATTEMPT = 17

log = logging.getLogger(__name__)

Send = Callable[[EmailMessage, UUID], None]


class Undeliverable(Exception):
    """This mail can never be sent: its address is none, or the mail server refuses it for good."""


@dataclass(frozen=True)
class Delivered:
    """What one round of sending came to."""

    sent: int = 0
    failed: int = 0


def deliver(
    engine: Engine, settings: Settings, *, now: datetime | None = None, send: Send | None = None, limit: int = 200
) -> Delivered:
    """Send every mail that is due, each once; what fails is tried again later, ever less often."""
    sent = failed = 0
    send = send or sender(settings)
    while sent + failed < limit:
        mail = _claim(engine, now or present())
        if mail is None:
            break
        try:
            send(compose(mail, settings), mail.id)
        except Undeliverable as refusal:
            _mark_failed(engine, mail, str(refusal), now or present(), for_good=True)
            failed += 1
        except (OSError, smtplib.SMTPException) as error:
            _mark_failed(engine, mail, _in_words(error), now or present(), for_good=mail.attempts >= LAST_ATTEMPT)
            failed += 1
        else:
            _mark_sent(engine, mail, now or present())
            sent += 1
    return Delivered(sent, failed)


def is_any_due(engine: Engine, now: datetime) -> bool:
    """Whether a mail waits to be sent now."""
    with open_session(engine) as session:
        return session.scalar(_due(now).limit(1)) is not None


def failing(engine: Engine) -> int:
    """How many mails could not be sent so far, tried again or given up within the last days."""
    with open_session(engine) as session:
        query = select(func.count()).where(OutgoingMail.sent_at.is_(None), OutgoingMail.failure.is_not(None))
        return session.scalar(query) or 0


# --- the queue --------------------------------------------------------------------------------------------------


def _due(now: datetime) -> Select[OutgoingMail]:
    return (
        select(OutgoingMail)
        .where(OutgoingMail.sent_at.is_(None), OutgoingMail.body.is_not(None), OutgoingMail.not_before <= now)
        .order_by(OutgoingMail.not_before, OutgoingMail.written_at)
    )


def _claim(engine: Engine, now: datetime) -> OutgoingMail | None:
    if not is_any_due(engine, now):
        return None  # without becoming a writer
    with writing(engine) as session:
        mail: OutgoingMail | None = session.scalar(_due(now).limit(1).with_for_update(skip_locked=True))
        if mail is None:
            return None
        mail.attempts += 1
        mail.not_before = now + CLAIM
    return mail


def _mark_sent(engine: Engine, mail: OutgoingMail, now: datetime) -> None:
    _mark(engine, mail, sent_at=now, body=None, failure=None)


def _mark_failed(engine: Engine, mail: OutgoingMail, why: str, now: datetime, *, for_good: bool) -> None:
    log.warning("mail %s: %s", mail.id, why)
    if for_good:
        _mark(engine, mail, body=None, failure=why[:300])
    else:
        wait = min(_FIRST_WAIT * 2 ** min(mail.attempts - 1, 10), _LONGEST_WAIT)
        _mark(engine, mail, not_before=now + wait, failure=why[:300])


def _mark(engine: Engine, mail: OutgoingMail, **values: object) -> None:
    with writing(engine) as session:
        session.execute(
            update(OutgoingMail)
            .where(OutgoingMail.id == mail.id, OutgoingMail.attempts == mail.attempts)
            .values(**values)
        )


# --- one mail ---------------------------------------------------------------------------------------------------


def compose(mail: OutgoingMail, settings: Settings) -> EmailMessage:
    """The mail as it goes out, to one recipient; raises Undeliverable when its address is none."""
    message = EmailMessage(policy=SMTP)
    try:
        message["To"] = _address(mail.recipient)
        message["From"] = _address(settings.mail_from)
        message["Subject"] = mail.subject
    except ValueError:
        raise Undeliverable("宛先または差出人のメールアドレスが正しくありません。") from None
    message["Date"] = mail.written_at
    # The same at every try, so that a mail sent twice is recognized as one.
    message["Message-ID"] = f"<{mail.id}@{urlsplit(settings.base_url).hostname or 'localhost'}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.body or "", charset="utf-8", cte="base64")
    return message


def _address(text: str) -> Address:
    local, at, domain = text.rpartition("@")
    if not at or not local or not domain or not local.isascii() or any(char in text for char in ' ,;:<>()[]\\"\r\n'):
        raise ValueError(f"not an address: {text!r}")
    return Address(addr_spec=f"{local}@{domain.encode('idna').decode()}")


def sender(settings: Settings) -> Send:
    """How these settings send: into the folder `outbox` unless SMTP_URL names a mail server."""
    return _smtp(settings.smtp_url) if settings.smtp_url else _outbox(settings.data_folder / "outbox")


def _outbox(folder: Path) -> Send:
    def keep(message: EmailMessage, mail_id: UUID) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = folder / f"{mail_id}.eml"
        unfinished = file.with_suffix(".part")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(message.as_bytes())
            handle.flush()
            os.fsync(handle.fileno())
        unfinished.replace(file)

    return keep


def _smtp(url: str) -> Send:
    """Sends by `smtp://` (encrypted as soon as the server offers it) or `smtps://`, with `user:password@` if needed."""
    parts = urlsplit(url)
    host, user, password = parts.hostname or "", unquote(parts.username or ""), unquote(parts.password or "")
    if parts.scheme not in ("smtp", "smtps") or not host:
        raise Undeliverable("SMTP_URL は smtp://利用者:パスワード@サーバー:ポート の形で指定してください。")

    def connect() -> smtplib.SMTP:
        if parts.scheme == "smtps":
            return smtplib.SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT, context=ssl.create_default_context())
        return smtplib.SMTP(host, parts.port or 587, timeout=TIMEOUT)

    def submit(message: EmailMessage, _mail_id: UUID) -> None:
        with connect() as server:
            if parts.scheme == "smtp" and not is_loopback(host):
                server.starttls(context=ssl.create_default_context())
            if user:
                server.login(user, password)
            try:
                server.send_message(message)
            except smtplib.SMTPRecipientsRefused as refused:
                codes = [code for code, _ in refused.recipients.values()]
                if codes and all(code >= 500 for code in codes):
                    raise Undeliverable(f"メールサーバーが宛先を受け付けません（{codes[0]}）。") from None
                raise

    return submit


def _in_words(error: Exception) -> str:
    """What went wrong, without anything that the server said: its answer may repeat the mail."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "メールサーバーにサインインできません。SMTP_URL の利用者名とパスワードを確認してください。"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"メールサーバーが受け付けません（{error.smtp_code}）。"
    return f"メールを送れません（{type(error).__name__}）。"
