"""Recomputing a log from its first entry: does it still say what it said, and do the tables still agree with it?

Columns are compared as they are stored, not as they are read, so that no change hides behind a lenient reader or
makes one stumble. Someone who rewrites a whole log, its state included, is found only by whoever holds one of its
earlier roots. Source of the tree: RFC 6962 §2.1.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol, cast
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Dialect, Row, Table, select, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.types import NullType

from partner_compliance.history.entries import digest, fields_of, moment
from partner_compliance.history.models import LogLeaf, LogState
from partner_compliance.history.tree import append, leaf_hash, spans

_states = cast(Table, LogState.__table__)
_leaves = cast(Table, LogLeaf.__table__)

#: How many entries are read, and how many rows of other tables asked for, at a time.
_BATCH = 1000

Contents = Mapping[UUID, Mapping[str, Any] | None]


class ContentReader(Protocol):
    """Reads back what entries were made of, for one kind of object."""

    def __call__(self, session: Session, log_id: UUID, ids: Sequence[UUID], /) -> Contents:
        """The content of each object as its table has it now: None where it was erased, absent where it is gone."""

    def ids(self, session: Session, log_id: UUID, /) -> Iterable[UUID]:
        """Every object of that kind that some entry of the log has to cover."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: in which log, from which entry on, which rule it breaks, and what to tell people."""

    log_id: UUID | None
    idx: int | None
    rule: str
    message: str


@dataclass(frozen=True)
class Verdict:
    """What verifying a log came to; `erased` entries and contents are allowed and counted."""

    log_id: UUID | None
    size: int
    erased: int
    erased_contents: int
    #: Erased entries of whose erasure no later entry tells.
    unexplained: int
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def verify_all(session: Session, contents: Mapping[str, ContentReader]) -> list[Verdict]:
    """Verify every log, also entries whose log has no state; call it at the beginning of a session."""
    _read_one_moment(session)
    verdicts = []
    stored = set(session.execute(_raw(_states.c.log_id)).scalars())
    stored |= set(session.execute(_raw(_leaves.c.log_id).distinct()).scalars())
    for raw_id in sorted(stored, key=str):
        try:
            log_id = raw_id if isinstance(raw_id, UUID) else UUID(raw_id)
        except (ValueError, TypeError, AttributeError):
            problem = Problem(None, None, "state", f"履歴の識別子が壊れています: {raw_id!r}")
            verdicts.append(Verdict(None, 0, 0, 0, 0, (problem,)))
        else:
            verdicts.append(verify_log(session, log_id, contents))
    return verdicts


def verify_log(session: Session, log_id: UUID, contents: Mapping[str, ContentReader]) -> Verdict:
    """Verify one log against itself and against the tables; the first wrong entry comes first among the problems.

    Call it at the beginning of a session: then everything is read as of one moment, even while others write.
    """
    _read_one_moment(session)
    check = _Check(session, log_id, contents)
    check.read_state()
    rows = session.connection().execute(
        _raw(*(_leaves.c[name] for name in ("idx", "leaf", "entry", "at", "act", "actor_id", "subject_id")))
        .where(_leaves.c.log_id == log_id)
        .order_by(_leaves.c.idx),
        execution_options={"yield_per": _BATCH},
    )
    for batch in rows.partitions(_BATCH):
        for row in batch:
            check.entry(row)
        check.replay()
    check.end()
    problems = sorted(check.problems, key=lambda problem: (problem.idx is None, problem.idx or 0))
    return Verdict(log_id, check.expected, check.erased, check.erased_contents, len(check.unexplained), tuple(problems))


def _read_one_moment(session: Session) -> None:
    """Let the transaction that begins now see one state of the database; on SQLite each does so anyway."""
    if not session.in_transaction() and session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def _raw(*columns: Column[Any]) -> Any:
    """A select of columns as the database driver delivers them."""
    raw: list[ColumnElement[Any]] = [type_coerce(column, NullType()).label(column.name) for column in columns]
    return select(*raw)


def _storing(column: Column[Any], dialect: Dialect) -> Callable[[Any], Any]:
    """How a value is turned into what the database stores in that column."""
    return column.type.dialect_impl(dialect).bind_processor(dialect) or (lambda value: value)


class _Check:
    """One verification on its way through a log."""

    def __init__(self, session: Session, log_id: UUID, contents: Mapping[str, ContentReader]) -> None:
        self.session = session
        self.log_id = log_id
        self.contents = contents
        self.problems: list[Problem] = []
        self.expected = 0
        self.erased = 0
        self.erased_contents = 0
        dialect = session.get_bind().dialect
        self._stored_at = _storing(_leaves.c.at, dialect)
        store_id = _storing(_leaves.c.actor_id, dialect)
        #: The same people act again and again, so what is stored for them is worked out once.
        self._stored_id = cache(lambda text: None if text is None else store_id(UUID(text)))
        self._log_name = str(log_id)
        self._size: int | None = None
        self._state: Row[Any] | None = None
        self._subtrees: list[bytes] = []
        self._is_whole = True
        self._last_at: Any = None
        #: Number -> stored (time, act) of entries whose text is gone and whose erasure no entry has told of yet.
        self.unexplained: dict[int, Row[Any]] = {}
        #: Kind of object -> [(number of the entry, object, digest)] still to be compared with the tables.
        self._waiting: dict[str, list[tuple[int, UUID, str]]] = defaultdict(list)
        self._covered: dict[str, set[UUID]] = defaultdict(set)

    def problem(self, idx: int | None, rule: str, message: str) -> None:
        self.problems.append(Problem(self.log_id, idx, rule, message))

    def read_state(self) -> None:
        names = ("kind", "origin", "size", "range", "last_at")
        query = _raw(*(_states.c[name] for name in names)).where(_states.c.log_id == self.log_id)
        self._state = self.session.execute(query).one_or_none()
        if self._state is None:
            self.problem(None, "state", "この履歴の現在の状態を記した行がありません。")
            return
        kind, origin, size = self._state.kind, self._state.origin, self._state.size
        if kind not in ("organization", "municipality", "platform") or origin != f"{kind}/{self.log_id}":
            self.problem(None, "state", "この履歴の種類または名前が書き換えられています。")
        if isinstance(size, int):
            self._size = size
        else:
            self.problem(None, "size", f"この履歴の件数が壊れています: {size!r}")

    # --- entry by entry

    def entry(self, row: Row[Any]) -> None:
        idx = row.idx
        if idx != self.expected:
            self._is_whole = False
            self.problem(self.expected, "gap", f"記録番号{self.expected}の記録がありません（次は{idx!r}）。")
            if not isinstance(idx, int) or idx < self.expected:
                return
        if not isinstance(row.leaf, bytes) or len(row.leaf) != 32:
            self.problem(idx, "leaf", f"記録番号{idx}の要約値が壊れています。")
            self._is_whole = False
        elif self._is_whole and (self._size is None or idx < self._size):
            append(self._subtrees, idx, row.leaf)
        self.expected = idx + 1
        if row.entry is None:
            self._erased_entry(row)
        else:
            self._written_entry(row)

    def _erased_entry(self, row: Row[Any]) -> None:
        self.erased += 1
        self.unexplained[row.idx] = row
        self._time(row.idx, row.at)

    def _written_entry(self, row: Row[Any]) -> None:
        idx = row.idx
        try:
            if row.leaf != leaf_hash(row.entry.encode()):
                self.problem(idx, "leaf", f"記録番号{idx}の内容が、記録されたときの要約値と一致しません。")
            fields = fields_of(row.entry)
            self._columns(row, fields)
            self._remember(idx, fields)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
            self.problem(idx, "form", f"記録番号{idx}の内容が壊れています。")

    def _columns(self, row: Row[Any], fields: dict[str, Any]) -> None:
        """Compare what an entry says of its place, time and people with where and how it is stored."""
        idx = row.idx
        if fields["log"] != self._log_name or fields["idx"] != idx:
            where = f"{fields['log']}の{fields['idx']}"
            self.problem(idx, "place", f"記録番号{idx}は、別の履歴または別の番号（{where}）の記録です。")
        at = self._stored_at(moment(fields["at"]))
        said = (at, fields["act"], self._stored_id(fields["actor"]["id"]), self._stored_id(fields["subject"]))
        if (row.at, row.act, row.actor_id, row.subject_id) != said:
            self.problem(idx, "columns", f"記録番号{idx}の検索用の列が、記録の内容と違います。")
        self._time(idx, at)

    def _time(self, idx: int, at: Any) -> None:
        try:
            is_later = self._last_at is None or at >= self._last_at
        except TypeError:
            is_later = False
        if not is_later:
            self.problem(idx, "time", f"記録番号{idx}の時刻が、ひとつ前の記録より早くなっています。")
        self._last_at = at

    def _remember(self, idx: int, fields: dict[str, Any]) -> None:
        """Keep what the tables will be asked for."""
        is_erasure = fields["act"] == "history.erased"
        if is_erasure:
            self._erasure(fields["details"])
        touched = fields["object"]
        if not touched or touched["id"] is None or touched["kind"] not in self.contents:
            return
        if fields["content"] is not None:
            self._waiting[touched["kind"]].append((idx, UUID(touched["id"]), fields["content"]))
        if fields["content"] is not None or is_erasure:
            self._covered[touched["kind"]].add(UUID(touched["id"]))

    def _erasure(self, details: dict[str, Any]) -> None:
        """An erasure keeps the time and act of the entry it erased; what is left of that entry must agree."""
        erased = self.unexplained.pop(details["erased_idx"], None)
        if erased is None:
            return
        said = (self._stored_at(moment(details["erased_at"])), details["erased_act"], None, None)
        if (erased.at, erased.act, erased.actor_id, erased.subject_id) != said:
            what = f"記録番号{erased.idx}（内容は消去済み）"
            self.problem(erased.idx, "columns", f"{what}の時刻や種類が書き換えられています。")

    # --- against the tables

    def replay(self) -> None:
        """Compare the entries read since the last time with what the tables hold now."""
        for kind, entries in self._waiting.items():
            found = self._read(kind, {object_id for _, object_id, _ in entries})
            for idx, object_id, said in entries:
                self._compare(idx, f"{kind} {object_id}", said, found.get(object_id, "missing"))
        self._waiting.clear()

    def _read(self, kind: str, ids: set[UUID]) -> dict[UUID, str | None]:
        """The digest of each object as it stands: None where it was erased, no digest where it can't be read."""
        try:
            contents = self.contents[kind](self.session, self.log_id, sorted(ids))
            return {key: None if content is None else digest(content) for key, content in contents.items()}
        except (ValueError, TypeError, LookupError, AttributeError):
            if len(ids) == 1:
                return dict.fromkeys(ids, "unreadable")
        return {key: value for one in ids for key, value in self._read(kind, {one}).items()}

    def _compare(self, idx: int, name: str, said: str, found: str | None) -> None:
        if found is None:
            self.erased_contents += 1
        elif found == "missing":
            self.problem(idx, "missing", f"記録番号{idx}が指す行（{name}）がなくなっています。")
        elif found != said:
            self.problem(idx, "content", f"記録番号{idx}が指す行（{name}）が、記録の後で書き換えられています。")

    # --- the whole

    def end(self) -> None:
        self._unlogged()
        if self._state is None:
            return
        if self._size is not None and self.expected < self._size:
            missing = self._size - self.expected
            self.problem(self.expected, "size", f"末尾の{missing}件の記録がなくなっています。")
        elif self._size is not None and self.expected > self._size:
            self.problem(
                self._size, "size", f"記録番号{self._size}から後は、正しい手順で書き込まれた記録ではありません。"
            )
        elif self._is_whole:
            self._tree()
            if self._state.last_at != self._last_at:
                self.problem(None, "state", "最後の記録の時刻が、この履歴の状態と一致しません。")

    def _tree(self) -> None:
        stored = self._state.range if self._state is not None else None
        try:
            stored = json.loads(stored) if isinstance(stored, str | bytes) else stored
        except ValueError:
            stored = None
        computed = [subtree.hex() for subtree in self._subtrees]
        if computed == stored:
            return
        covered = spans(self.expected)
        if not isinstance(stored, list) or len(stored) != len(covered) or len(computed) != len(covered):
            self.problem(None, "tree", "この履歴の全体の要約値が壊れています。")
            return
        named = {problem.idx for problem in self.problems if problem.rule == "leaf"}
        for (start, end), of_entries, of_state in zip(covered, computed, stored, strict=True):
            if of_entries != of_state and named.isdisjoint(range(start, end)):
                which = f"記録番号{start}" if end - start == 1 else f"記録番号{start}から{end - 1}までのどれか"
                self.problem(start, "tree", f"{which}が、要約値ごと書き換えられています。")

    def _unlogged(self) -> None:
        """Rows that no entry tells of; as many as entries without a text may be missing one."""
        unlogged = []
        for kind, reader in self.contents.items():
            try:
                unlogged += [
                    (kind, row_id)
                    for row_id in reader.ids(self.session, self.log_id)
                    if row_id not in self._covered[kind]
                ]
            except (ValueError, TypeError, LookupError):
                self.problem(None, "unlogged", f"{kind} の行に、読み取れない識別子があります。")
        if len(unlogged) > len(self.unexplained):
            for kind, row_id in unlogged:
                self.problem(None, "unlogged", f"{kind} {row_id} は、どの記録にもない行です。")
