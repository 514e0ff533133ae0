"""The ledger as a table: what stands in each column of a file and on paper."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from partner_compliance import clock
from partner_compliance.documents.tables import Column, Table
from partner_compliance.takeouts.queries import Asked, Line, Story, record_number, stories_of
from partner_compliance.takeouts.words import EventKind, Permission, Protection, State

_ERASED = "（消去されました）"

_COLUMNS = (
    Column("number", "記録番号", width=16),
    Column("center", "拠点", width=18),
    Column("worker", "氏名", width=18),
    Column("origin", "記入", width=12),
    Column("asked", "申請・記入の日時", width=20),
    Column("medium", "種類", width=22),
    Column("description", "内容", width=30),
    Column("count", "数", "number", 8),
    Column("class", "情報の区分", width=28),
    Column("reason", "理由", width=26),
    Column("purpose", "使いみち", width=30),
    Column("destination", "持っていく先", width=26),
    Column("protections", "守り方", width=26),
    Column("companions", "いっしょに行く方・1人の理由", width=26),
    Column("permission", "許可", width=14),
    Column("decided", "許可の日時", width=20),
    Column("decided_by", "許可した方", width=18),
    Column("departed", "出発の日時", width=20),
    Column("planned", "返却予定", width=20),
    Column("returned", "返却の日時", width=20),
    Column("back", "戻った数", "number", 10),
    Column("witness", "立ち会い", width=18),
    Column("state", "状態", width=16),
)


def state_in_words(line: Line) -> str:
    """Where a row stands, with what is wrong about it."""
    words = line.line.state.label
    if line.is_late:
        words += "（期限の後）"
    if line.line.differs:
        words += "（数が合わない）"
    return words


def permission_in_words(line: Line) -> str:
    """What permission a row rests on; nothing is said of one that has not left and is not decided."""
    is_open = line.line.permission is Permission.NONE and line.line.state in (State.ASKED, State.WITHDRAWN)
    return "" if is_open else line.line.permission.label


def _cells(line: Line, story: Story) -> list[object]:
    row = line.take_out
    decided = story.event(EventKind.PERMITTED, EventKind.REFUSED)
    departed, returned = story.event(EventKind.DEPARTED), story.event(EventKind.RETURNED)
    witnessed = story.event(EventKind.WITNESSED)

    def moment(event: object) -> str:
        if event is None:
            return ""
        said = getattr(event, "said_at", None)
        at = clock.screen_moment(event.at)  # type: ignore[attr-defined]
        return f"{clock.screen_moment(said)}（申告。記録は{at}）" if said else at

    company = row.companions if row.companions else f"1人: {row.alone_reason}" if row.alone_reason else ""
    return [
        record_number(row), line.center, line.worker, row.origin.label, clock.screen_moment(row.asked_at),
        row.medium.label, row.description or _ERASED, line.line.count,
        f"{row.data_class.value} {row.data_class.label}", row.reason.label, row.purpose or _ERASED,
        row.destination or _ERASED, "、".join(Protection(each).label for each in row.protections), company or "",
        permission_in_words(line), moment(decided), decided.by_name if decided else "", moment(departed),
        clock.screen_moment(line.line.returns_at), moment(returned), returned.count if returned else None,
        witnessed.by_name if witnessed else "", state_in_words(line),
    ]  # fmt: skip


def as_table(session: Session, lines: Sequence[Line]) -> Table:
    """The rows as a table for CSV and XLSX, in a number of statements that does not grow."""
    stories: dict[object, Story] = {}
    for first in range(0, len(lines), 500):
        chunk = [line.take_out for line in lines[first : first + 500]]
        stories |= {story.take_out.id: story for story in stories_of(session, chunk)}
    return Table("持ち出し管理台帳", _COLUMNS, [_cells(line, stories[line.take_out.id]) for line in lines])


def period_in_words(asked: Asked) -> str:
    """The period of a ledger, as its heading says it."""
    first = clock.era_date(asked.from_on) if asked.from_on else "はじめ"
    last = clock.era_date(asked.until_on) if asked.until_on else "現在"
    return f"{first}から{last}まで"
