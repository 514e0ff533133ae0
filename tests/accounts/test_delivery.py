"""Mails: sent once, to one recipient, with headers that nobody can break out of; tried again when they fail."""

import email
import smtplib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from email.policy import default
from itertools import pairwise

import pytest
from sqlalchemy import select

from partner_compliance.accounts import delivery
from partner_compliance.accounts.delivery import Delivered, Undeliverable, deliver
from partner_compliance.accounts.models import OutgoingMail
from partner_compliance.accounts.operations import write_mail
from partner_compliance.database import open_session
from tests.conftest import NOON


@pytest.fixture
def write(session):
    def write(to="hanako@example.jp", subject="お知らせ", body="本文です。\n"):
        write_mail(session, to=to, subject=subject, body=body, now=NOON)
        session.commit()

    return write


def the_mail(engine) -> OutgoingMail:
    with open_session(engine) as session:
        return session.scalars(select(OutgoingMail)).one()


def in_outbox(settings):
    files = sorted((settings.data_folder / "outbox").glob("*"))
    return [email.message_from_bytes(file.read_bytes(), policy=default) for file in files]


def test_a_mail_lands_in_the_outbox_once_and_its_text_goes(engine, settings, write):
    write()

    assert deliver(engine, settings, now=NOON) == Delivered(sent=1)
    assert deliver(engine, settings, now=NOON) == Delivered()

    (mail,) = in_outbox(settings)
    assert (mail["To"], mail["Subject"], mail.get_content().replace("\r\n", "\n")) == (
        "hanako@example.jp",
        "お知らせ",
        "本文です。\n",
    )
    kept = the_mail(engine)
    assert (kept.body, kept.failure, kept.sent_at) == (None, None, NOON)


def test_only_the_owner_can_read_the_outbox(engine, settings, write):
    write()
    deliver(engine, settings, now=NOON)

    folder = settings.data_folder / "outbox"
    assert [oct(path.stat().st_mode & 0o777) for path in (folder, *folder.iterdir())] == ["0o700", "0o600"]


def test_line_breaks_do_not_make_headers(engine, settings, write):
    write(subject="お知らせ\r\nBcc: x@example.jp")
    deliver(engine, settings, now=NOON)

    (mail,) = in_outbox(settings)
    assert mail["Bcc"] is None
    assert mail["Subject"] == "お知らせ Bcc: x@example.jp"


@pytest.mark.parametrize(
    "address", ["a@x.jp,b@y.jp", "太郎\r\nBcc: x@y.jp", "a@x.jp b@y.jp", "nobody", "", "a@", "@x.jp", "<a@x.jp>"]
)
def test_what_is_not_one_address_is_never_sent(engine, settings, write, address):
    write(to=address)

    assert deliver(engine, settings, now=NOON) == Delivered(failed=1)
    assert deliver(engine, settings, now=NOON + timedelta(days=1)) == Delivered()
    assert in_outbox(settings) == []
    assert "正しくありません" in the_mail(engine).failure


def test_a_domain_in_japanese_is_written_as_servers_know_it(engine, settings, write):
    write(to="info@例え.jp")
    deliver(engine, settings, now=NOON)

    (mail,) = in_outbox(settings)
    assert mail["To"] == "info@xn--r8jz45g.jp"


def test_a_failure_is_tried_again_ever_less_often_and_given_up_in_the_end(engine, settings, write):
    write()
    tries = []

    def fail(_message, _mail_id):
        raise ConnectionRefusedError

    moment = NOON
    while the_mail(engine).body is not None:
        assert deliver(engine, settings, now=moment - timedelta(seconds=1), send=fail) == Delivered()
        assert deliver(engine, settings, now=moment, send=fail) == Delivered(failed=1)
        tries.append(moment)
        moment = the_mail(engine).not_before

    waits = [(later - earlier).seconds // 60 for earlier, later in pairwise(tries)]
    assert waits[:8] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert len(tries) == delivery.LAST_ATTEMPT
    assert delivery.failing(engine) == 1


def test_what_the_server_answers_is_not_kept(engine, settings, write):
    write(body="秘密のリンク")

    def refuse(_message, _mail_id):
        raise smtplib.SMTPDataError(451, "秘密のリンク".encode())

    deliver(engine, settings, now=NOON, send=refuse)

    assert the_mail(engine).failure == "メールサーバーが受け付けません（451）。"


def test_a_refused_recipient_is_not_tried_again(engine, settings, write):
    write()

    def refuse(_message, _mail_id):
        raise Undeliverable("宛先がありません")

    assert deliver(engine, settings, now=NOON, send=refuse) == Delivered(failed=1)
    assert deliver(engine, settings, now=NOON + timedelta(days=1), send=refuse) == Delivered()


@pytest.mark.both_engines
def test_a_process_that_dies_while_sending_leaves_a_mail_that_comes_twice_at_most(engine, settings, write):
    write()
    sent = []

    def die(message, _mail_id):
        sent.append(message["Message-ID"])
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        deliver(engine, settings, now=NOON, send=die)
    assert deliver(engine, settings, now=NOON + delivery.CLAIM / 2) == Delivered()

    deliver(engine, settings, now=NOON + delivery.CLAIM, send=lambda message, _id: sent.append(message["Message-ID"]))
    assert len(sent) == 2
    assert len(set(sent)) == 1
    assert deliver(engine, settings, now=NOON + timedelta(days=1)) == Delivered()


@pytest.mark.both_engines
def test_two_who_send_at_once_send_each_mail_once(engine, settings, write):
    for number in range(10):
        write(subject=f"お知らせ{number}")
    sent = []

    def send(message, _mail_id):
        sent.append(message["Subject"])

    with ThreadPoolExecutor(2) as pool:
        rounds = list(pool.map(lambda _: deliver(engine, settings, now=NOON, send=send), range(2)))

    assert sorted(sent) == [f"お知らせ{number}" for number in range(10)]
    assert sum(done.sent for done in rounds) == 10


def test_an_unreachable_mail_server_holds_nobody_up(engine, settings, write):
    write()

    done = deliver(engine, replace(settings, smtp_url="smtp://127.0.0.1:9"), now=NOON)

    assert done == Delivered(failed=1)
    assert "ConnectionRefusedError" in the_mail(engine).failure
