"""What can be done with the history: open a log, write the waiting acts into it, erase one entry's text.

Entries are appended as the last thing before the commit, under the lock of their log's state: that lock, not a
sequence, gives the numbers, so there are no gaps and no two orders.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Connection, Table, bindparam, insert, select, update
from sqlalchemy.orm import Session

from partner_compliance.acts import Act, Actor, record, take_waiting, waiting
from partner_compliance.database import LOCK_WAIT
from partner_compliance.errors import NotFound, RuleBroken
from partner_compliance.history.entries import compose, milliseconds, moment, parse
from partner_compliance.history.models import LogLeaf, LogState
from partner_compliance.history.tree import append, leaf_hash

_states = cast(Table, LogState.__table__)
_leaves = cast(Table, LogLeaf.__table__)

#: The act that brings an organization or municipality into being also opens its log.
_OPENING_ACTS = {"organization.created": "organization", "municipality.created": "municipality"}
#: A transaction may wait this long for its turn, so a time that is older by less says nothing about the clock.
_LATE_BY_WAITING = timedelta(seconds=LOCK_WAIT) // timedelta(milliseconds=1)

_lock = (
    select(_states.c.log_id, _states.c.size, _states.c.range, _states.c.last_at)
    .where(_states.c.log_id.in_(bindparam("log_ids", expanding=True)))
    .order_by(_states.c.log_id)
    .with_for_update()
)
_move_on = (
    update(_states)
    .where(_states.c.log_id == bindparam("of_log"))
    .values(size=bindparam("new_size"), range=bindparam("new_range"), last_at=bindparam("new_last_at"))
)
_add_leaf = insert(_leaves)


class LogNotOpen(RuntimeError):
    """An act was recorded for a log that nobody has opened."""


class EntryNotFound(NotFound):
    """The log has no entry of that number."""

    message = "この番号の記録はありません。"


class EntryAlreadyErased(RuleBroken):
    """The entry's text is gone already."""

    message = "この記録の内容は、すでに消去されています。"


def open_log(session: Session, log_id: UUID, kind: str, *, now: datetime) -> None:
    """Open the log of an organization, a municipality or the platform; do it in the transaction that creates it."""
    session.flush()
    _open(session.connection(), log_id, kind, now)


def _open(connection: Connection, log_id: UUID, kind: str, now: datetime) -> None:
    connection.execute(
        insert(_states).values(
            log_id=log_id, kind=kind, origin=f"{kind}/{log_id}", size=0, range=[], last_at=None, opened_at=now
        )
    )


def write_acts(session: Session) -> None:
    """Append every waiting act to its log; the session calls this as the last thing before it commits.

    The acts stop waiting only when all are written: a commit that failed here cannot succeed without them.
    """
    if not waiting(session):
        return
    session.flush()
    acts_of: dict[UUID, list[Act]] = {}
    for act in waiting(session):
        acts_of.setdefault(act.log_id, []).append(act)
    connection = session.connection()
    states: dict[UUID, Any] = {state.log_id: state for state in connection.execute(_lock, {"log_ids": sorted(acts_of)})}
    leaves: list[dict[str, Any]] = []
    moves: list[dict[str, Any]] = []
    for log_id, acts in sorted(acts_of.items()):
        state = states.get(log_id)
        if state is None:
            _open_for(connection, acts[0])
            moves.append(_append(leaves, acts, 0, [], 0))
        else:
            last = milliseconds(state.last_at) if state.last_at else 0
            moves.append(_append(leaves, acts, state.size, state.range, last))
    # One row goes as one statement: the drivers' ways for many rows cost more than it does.
    connection.execute(_add_leaf, leaves if len(leaves) > 1 else leaves[0])
    connection.execute(_move_on, moves if len(moves) > 1 else moves[0])
    take_waiting(session)


def _open_for(connection: Connection, act: Act) -> None:
    if act.name not in _OPENING_ACTS or act.object_id != act.log_id:
        raise LogNotOpen(f"no log {act.log_id} for act {act.name}")
    _open(connection, act.log_id, _OPENING_ACTS[act.name], act.at)


def _append(
    leaves: list[dict[str, Any]], acts: Sequence[Act], size: int, range_: list[str], last: int
) -> dict[str, Any]:
    """Add the acts' leaves to the batch, and return where the log stands after them."""
    subtrees = [bytes.fromhex(subtree) for subtree in range_]
    for act in acts:
        said = milliseconds(act.at)
        stepped_back = last - said > _LATE_BY_WAITING
        last = max(said, last)
        entry = compose(act, size, last, token_hex(16), **({"clock_stepped_back": True} if stepped_back else {}))
        leaf = leaf_hash(entry.encode())
        append(subtrees, size, leaf)
        leaves.append(
            {
                "log_id": act.log_id,
                "idx": size,
                "leaf": leaf,
                "entry": entry,
                "at": moment(last),
                "act": act.name,
                "actor_id": act.actor.user_id,
                "subject_id": act.subject_id,
            }
        )
        size += 1
    return {
        "of_log": acts[0].log_id,
        "new_size": size,
        "new_range": [subtree.hex() for subtree in subtrees],
        "new_last_at": moment(last),
    }


def erase(session: Session, log_id: UUID, idx: int, *, by: Actor, now: datetime) -> None:
    """Erase the text of one entry and whom it names; its leaf, time and act stay, and the erasure is an act itself."""
    connection = session.connection()
    row = connection.execute(
        select(_leaves.c.entry).where(_leaves.c.log_id == log_id, _leaves.c.idx == idx).with_for_update()
    ).one_or_none()
    if row is None:
        raise EntryNotFound
    if row.entry is None:
        raise EntryAlreadyErased
    erased = parse(row.entry)
    connection.execute(
        update(_leaves)
        .where(_leaves.c.log_id == log_id, _leaves.c.idx == idx)
        .values(entry=None, actor_id=None, subject_id=None)
    )
    record(
        session,
        Act(
            log_id,
            "history.erased",
            now,
            by,
            object_kind=erased.object_kind,
            object_id=erased.object_id,
            details={"erased_idx": idx, "erased_at": milliseconds(erased.at), "erased_act": erased.act},
        ),
    )
