"""Sheets as the tests print them; the sentences are about as long as those of the published edition."""

from dataclasses import replace

from partner_compliance.documents.check_sheet import Answer, PrintedItem, PrintedLine, PrintedSection, PrintedSheet

ORGANIZATION = "特定非営利活動法人 桜ヶ丘こども・若者支援ネットワーク"
SIXTY = (
    "持ち出す前に、持ち出し管理台帳へ品目と行き先と戻る予定の時刻を書き、センター長の許可を受けてから出発しましたか。"
)
_SECTIONS = (("持ち出し", 10), ("保管", 2), ("破棄", 1), ("パソコン・電子データ等", 1), ("研修・啓発", 3))


def a_blank_sheet(*, head: bool = False, worker: str = "髙橋 﨑子", text: str = SIXTY) -> PrintedSheet:
    """Seventeen items for a head, fourteen for anybody else."""
    sections = [
        PrintedSection(
            str(number),
            title,
            [PrintedItem(f"{number}-{at}", "事前の台帳記入と許可", text) for at in range(1, count + 1)],
        )
        for number, (title, count) in enumerate(_SECTIONS[: 5 if head else 4], start=1)
    ]
    return PrintedSheet(
        title="個人情報持ち出しチェックシート",
        month="2026-11",
        organization=ORGANIZATION,
        center="桜ヶ丘学習支援センター",
        worker=worker,
        sections=sections,
        edition="2026",
        footer="印刷 令和8年11月25日",
    )


def a_record(*, worker: str = "髙橋 﨑子", note: str = "", answer: Answer = "ok", number: int = 1) -> PrintedSheet:
    """A signed-off sheet; `note` stands under item 1-3, which needs improvement when there is one."""
    blank = a_blank_sheet(worker=worker)
    sections = [
        replace(
            section,
            items=[
                replace(item, answer="not_ok", note=note)
                if note and item.number == "1-3"
                else replace(item, answer=answer)
                for item in section.items
            ],
        )
        for section in blank.sections
    ]
    return replace(
        blank,
        sections=sections,
        no_take_out=False,
        version_number=2,
        record_number=f"CS-2026-{number:06d}",
        state="確認済み",
        submitted=[PrintedLine("提出", "令和8年12月3日 18時20分　山田 花子（紙から入力）")],
        sign_off=[PrintedLine("差し戻し", "日付を書き足してください。"), PrintedLine("確認", "佐々木 一郎")],
        corrections=[PrintedLine("第1版からの訂正", "1-3 に日付を書き足した。")],
        footer="出力 令和8年12月6日",
    )
