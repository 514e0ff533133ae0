import re
from datetime import UTC, datetime
from uuid import UUID

import pytest

from partner_compliance.history.entries import Entry
from partner_compliance.history.labels import sentence


def an_entry(act: str, *, erased: bool = False, **details: str | int | bool | None) -> Entry:
    return Entry(UUID(int=1), 0, datetime(2026, 11, 23, tzinfo=UTC), act, details=details, erased=erased)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (an_entry("account.signed_in"), "サインインしました"),
        (an_entry("month.closed", month="2026-11", sheets=12), "月を締めました（2026年11月分、12人分）"),
        (an_entry("role.granted", role="center_head"), "役割を付与しました（センター長）"),
        (
            an_entry("sheet.submitted", month="2026-11", late=True),
            "チェックシートを提出しました（2026年11月分、期限後）",
        ),
        (an_entry("sheet.submitted", month="2026-11", late=False), "チェックシートを提出しました（2026年11月分）"),
        (an_entry("sheet.excused", reason="leave"), "チェックシートの提出対象外にしました（理由: 休職・長期休暇）"),
        (an_entry("sheet.viewed", month="いつか", secret="x"), "チェックシートを閲覧しました（いつか）"),
        (an_entry("sheet.viewed", month=None), "チェックシートを閲覧しました"),
        (an_entry("sheet.viewed", erased=True), "チェックシートを閲覧しました（内容は消去されています）"),
        (an_entry("account.factor_added", factor="totp"), "サインインの2段階目の確認を登録しました（認証アプリ）"),
        (an_entry("account.session_ended", count=2), "ほかの端末でのサインインを終了しました（2件）"),
        (
            an_entry("leaving.recorded", on="2026-11-26", leaving_reason="resigned"),
            "退職・活動終了を登録しました（2026-11-26付、退職）",
        ),
        (
            an_entry("leaving.checked", check="keys", outcome="open"),
            "退職・活動終了時の確認を記録しました（鍵、まだ）",
        ),
        (
            an_entry("thing.lost", kind_of_thing="medium", fate="lost", pieces=1),
            "貸与品・持ち出しの紛失を記録しました（媒体、紛失、1点）",
        ),
        (an_entry("role.granted", role="stranger"), "役割を付与しました（stranger）"),
        (an_entry("kettle.boiled", count=3), "kettle.boiled（3件）"),
    ],
)
def test_an_entry_says_in_plain_words_what_happened(entry: Entry, expected: str) -> None:
    assert sentence(entry) == expected


def test_a_clock_that_stepped_back_is_told() -> None:
    assert re.search("時計", sentence(an_entry("account.signed_in", clock_stepped_back=True)))
