"""Guards in the database: triggers that keep append-only tables append-only, whoever writes to them.

Migrations hold the literal SQL; `missing_guards` compares what a live database has with what it should have.
Guards stop mistakes and injected SQL, not the owner of the database: what the owner changes, verification finds.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, MetaData, Table, UniqueConstraint, text

from partner_compliance.database import Base


@dataclass(frozen=True)
class Guard:
    """A table whose rows are never deleted or replaced.

    `erasable` columns may become NULL, and that is all that may ever change; unless the row moves on: then `moving`
    columns may change, while the numbers in `growing`, columns of `moving` too, get larger.
    """

    table: str
    erasable: tuple[str, ...] = ()
    moving: tuple[str, ...] = ()
    growing: tuple[str, ...] = ()


GUARDS = (
    Guard("log_state", moving=("size", "range", "last_at"), growing=("size",)),
    Guard("log_leaf", erasable=("entry", "actor_id", "subject_id")),
    Guard("sheet_version", erasable=("answers",)),
    Guard("sheet_event", erasable=("comment",)),
    Guard("month_closure"),
    Guard("worker_version", erasable=("name", "name_kana", "staff_number")),
    Guard("roster_confirmation"),
    Guard("roster_submission", erasable=("rows", "heading")),
    Guard("engagement_version"),
    Guard("engagement_reply"),
    Guard("assignment"),
    Guard("clause_agreement"),
    Guard("place_version"),
    Guard("place_notice"),
    Guard("place_notice_answer"),
    Guard("joining_record", erasable=("subject", "by_whom", "reason")),
    Guard("lent_item", erasable=("label",)),
    Guard("lent_event", erasable=("note",)),
    Guard("leaving", erasable=("note",)),
    Guard("leaving_entry", erasable=("note",)),
    Guard("rejoining"),
    Guard("network_mandate"),
    Guard("network_mandate_end"),
    Guard(
        "take_out",
        erasable=("description", "purpose", "destination", "route", "companions", "alone_reason"),
    ),
    Guard("take_out_event", erasable=("comment",)),
    Guard("standing_permit", erasable=("description", "destination", "companions", "alone_reason")),
    Guard("standing_person"),
    Guard("standing_end", erasable=("reason",)),
    Guard("loss_report", erasable=("note",)),
    Guard("loss_entry", erasable=("text",)),
    Guard("reconciliation_note", erasable=("text",)),
    Guard("spot_check"),
    Guard("receipt", erasable=("purpose",)),
    Guard("receipt_item", erasable=("description",)),
    Guard("receipt_event", erasable=("comment",)),
    Guard("spot_check_result", erasable=("note",)),
    Guard("own_wording"),
    Guard("pledge_text"),
    Guard("briefing", erasable=("told_by",)),
    Guard("briefing_person"),
    Guard("pledge", erasable=("name", "typed_name", "told_by")),
    Guard("pledge_cancellation", erasable=("reason",)),
    Guard("pledge_scan", erasable=("content",)),
    Guard("council_request"),
    Guard("council_reply", erasable=("name", "reason")),
    Guard("case_meeting"),
    Guard("meeting_seat", erasable=("name",)),
    Guard("meeting_signature", erasable=("typed_name",)),
    Guard("meeting_event", erasable=("said_by",)),
    Guard("article_comment", erasable=("text",)),
    Guard("rule_version"),
    Guard("rule_event"),
    Guard("acknowledgement", erasable=("name",)),
    Guard("proposal_reply"),
    Guard("course_answer"),
    Guard("course_result", erasable=("name",)),
    Guard("course_cancellation", erasable=("reason",)),
    Guard("officer_answer"),
    Guard("officer_result", erasable=("name",)),
    Guard("training_session"),
    Guard("session_record", erasable=("led_by",)),
    Guard("session_person"),
    Guard("own_course_edition"),
    Guard("kit_edition"),
    Guard("municipal_kit_edition"),
    Guard("kit_adoption"),
    Guard("own_practice"),
    Guard("own_criterion"),
    Guard("requirement"),
    Guard("interim_acceptance"),
    Guard("acceptance_end"),
    Guard("sharing_hold"),
    Guard("share_decision", erasable=("reason", "items", "recipients")),
    Guard("decision_event", erasable=("reason",)),
    Guard("publication"),
    Guard("publication_event"),
    Guard("level_credential"),
    Guard("credential_revocation"),
    Guard("signing_key"),
    Guard("api_token"),
    Guard("api_token_end"),
    Guard("api_call"),
    Guard("inspection", erasable=("reason",)),
    Guard("inspection_closing", erasable=("summary",)),
    Guard("inspection_view"),
    Guard("demand", erasable=("what", "reason")),
    Guard("demand_event", erasable=("text", "evidence")),
    Guard("level_objection", erasable=("what", "record")),
    Guard("objection_event", erasable=("text",)),
    Guard("readiness_snapshot"),
    Guard("readiness_day"),
)


def ddl(guard: Guard, dialect: str, metadata: MetaData = Base.metadata) -> list[str]:
    """The statements that put a guard in place, for `sqlite` or `postgresql`."""
    if dialect == "sqlite":
        return list(_sqlite_triggers(guard, metadata.tables[guard.table]).values())
    return [
        f"CREATE FUNCTION guard_{guard.table}() RETURNS trigger LANGUAGE plpgsql AS $guard${_function(guard)}$guard$",
        *_postgresql_triggers(guard).values(),
        *(f"ALTER TABLE {guard.table} ENABLE ALWAYS TRIGGER {name}" for name in _postgresql_triggers(guard)),
    ]


def drop_ddl(guard: Guard, dialect: str, metadata: MetaData = Base.metadata) -> list[str]:
    """The statements that take a guard away."""
    if dialect == "sqlite":
        return [f"DROP TRIGGER {name}" for name in _sqlite_triggers(guard, metadata.tables[guard.table])]
    return [
        *(f"DROP TRIGGER {name} ON {guard.table}" for name in _postgresql_triggers(guard)),
        f"DROP FUNCTION guard_{guard.table}()",
    ]


def missing_guards(connection: Connection, metadata: MetaData = Base.metadata) -> list[str]:
    """Which triggers are missing, disabled or altered in a live database, each in a few words; empty when all is well.

    The models of every guarded table must have been imported.
    """
    if connection.dialect.name == "sqlite":
        return list(_missing_in_sqlite(connection, metadata))
    return list(_missing_in_postgresql(connection))


# --- SQLite -----------------------------------------------------------------------------------------------------


def _sqlite_triggers(guard: Guard, table: Table) -> dict[str, str]:
    """The triggers by name. INSERT has one too: `INSERT OR REPLACE` deletes rows without asking the DELETE trigger."""
    refused = {
        "update": _refused_update(guard, table),
        "delete": "",
        "insert": f"WHEN EXISTS (SELECT 1 FROM {guard.table} AS kept WHERE {_same_key(table)})\n",  # noqa: S608 - our own names
    }
    return {
        f"guard_{guard.table}_{event}": (
            f"CREATE TRIGGER guard_{guard.table}_{event} BEFORE {event.upper()} ON {guard.table} FOR EACH ROW\n{when}"
            f"BEGIN SELECT RAISE(ABORT, 'append-only: {guard.table}'); END"
        )
        for event, when in refused.items()
    }


def _refused_update(guard: Guard, table: Table) -> str:
    """When an UPDATE is refused; comparisons are IS NOT because NULL is a value like any other here."""
    fixed = [column.name for column in table.columns if column.name not in (*guard.erasable, *guard.moving)]
    refused = [f"NEW.{name} IS NOT OLD.{name}" for name in ("rowid", *fixed)]
    refused += [f"(NEW.{name} IS NOT NULL AND NEW.{name} IS NOT OLD.{name})" for name in guard.erasable]
    refused += [f"NEW.{name} <= OLD.{name}" for name in guard.growing]
    return "WHEN " + "\n  OR ".join(refused) + "\n"


def _same_key(table: Table) -> str:
    keys = [
        [column.name for column in table.primary_key.columns],
        *sorted(
            [column.name for column in unique.columns]
            for unique in table.constraints
            if isinstance(unique, UniqueConstraint)
        ),
        *sorted([column.name for column in index.columns] for index in table.indexes if index.unique),
    ]
    same = ["(" + " AND ".join(f"kept.{name} = NEW.{name}" for name in key) + ")" for key in keys]
    return "\n  OR ".join(["kept.rowid = NEW.rowid", *same])


def _missing_in_sqlite(connection: Connection, metadata: MetaData) -> Iterator[str]:
    rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    live = {row.name: _one_line(row.sql) for row in rows}
    for guard in GUARDS:
        for name, expected in _sqlite_triggers(guard, metadata.tables[guard.table]).items():
            if name not in live:
                yield f"{name} is missing"
            elif live[name] != _one_line(expected):
                yield f"{name} is altered"


# --- PostgreSQL -------------------------------------------------------------------------------------------------


def _function(guard: Guard) -> str:
    """What the triggers run. It compares whole rows as text, so that a column added later is guarded at once."""
    allowed = ["kept::text = OLD::text"]
    allowed += [f"(NEW.{name} IS NULL OR NEW.{name}::text = OLD.{name}::text)" for name in guard.erasable]
    allowed += [f"NEW.{name} > OLD.{name}" for name in guard.growing]
    lines = [
        "",
        "DECLARE kept record;",
        "BEGIN",
        "  IF TG_OP = 'UPDATE' THEN",
        "    kept := NEW;",
        *(f"    kept.{name} := OLD.{name};" for name in (*guard.erasable, *guard.moving)),
        "    IF " + "\n      AND ".join(allowed),
        "    THEN RETURN NEW; END IF;",
        "  END IF;",
        f"  RAISE EXCEPTION 'append-only: {guard.table}' USING ERRCODE = 'integrity_constraint_violation';",
        "END",
        "",
    ]
    return "\n".join(lines)


def _postgresql_triggers(guard: Guard) -> dict[str, str]:
    rows = {"update": "ROW", "delete": "ROW", "truncate": "STATEMENT"}
    return {
        f"guard_{guard.table}_{event}": (
            f"CREATE TRIGGER guard_{guard.table}_{event} BEFORE {event.upper()} ON {guard.table}\n"
            f"FOR EACH {each} EXECUTE FUNCTION guard_{guard.table}()"
        )
        for event, each in rows.items()
    }


_LIVE_TRIGGERS = text("""
    SELECT trigger.tgname AS name, pg_get_triggerdef(trigger.oid, true) AS definition, trigger.tgenabled AS enabled,
           routine.prosrc AS source, language.lanname AS language
    FROM pg_trigger AS trigger
    JOIN pg_class AS class ON class.oid = trigger.tgrelid
    JOIN pg_proc AS routine ON routine.oid = trigger.tgfoid
    JOIN pg_language AS language ON language.oid = routine.prolang
    WHERE NOT trigger.tgisinternal AND pg_table_is_visible(class.oid)
""")


def _missing_in_postgresql(connection: Connection) -> Iterator[str]:
    live = {row.name: row for row in connection.execute(_LIVE_TRIGGERS)}
    for guard in GUARDS:
        for name, expected in _postgresql_triggers(guard).items():
            row = live.get(name)
            if row is None:
                yield f"{name} is missing"
            elif row.enabled not in ("A", b"A"):
                yield f"{name} is disabled"
            elif (row.definition, row.language, _one_line(row.source)) != (
                _one_line(expected),
                "plpgsql",
                _one_line(_function(guard)),
            ):
                yield f"{name} is altered"


def _one_line(sql: str) -> str:
    return " ".join(sql.split())
