"""Rules of the whole house: each is a check, not a paragraph."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask, flash
from sqlalchemy import Engine, ForeignKeyConstraint, UniqueConstraint, func, select

from partner_compliance.access import Principal, Role, by_token, check_every_door, public
from partner_compliance.api.words import Scope
from partner_compliance.config import PROJECT
from partner_compliance.database import Base, open_session
from partner_compliance.models import ALL_MODELS
from partner_compliance.organizations.models import Municipality
from partner_compliance.web import database_session, keep_work
from tests.factories import a_municipality

PACKAGE = PROJECT / "partner_compliance"
MODULES = sorted(PACKAGE.rglob("*.py"))
TEMPLATES = sorted(PACKAGE.rglob("templates/**/*.html"))
#: Templates that are turned into PDFs: their engine takes column widths from style attributes and styles from the page.
PDF_TEMPLATES = [path for path in TEMPLATES if path.is_relative_to(PACKAGE / "documents")]
SCREENS = [path for path in TEMPLATES if path not in PDF_TEMPLATES]
#: Pieces that other templates take in, and the frame itself.
PIECES = {"layout.html", "charts.html"}


def named(path: Path) -> str:
    return str(path.relative_to(PROJECT))


# --- doors ------------------------------------------------------------------------------------------------------


def test_the_app_refuses_to_start_with_an_unguarded_view(app: Flask) -> None:
    app.view_functions["forgotten"] = lambda: "secret"
    with pytest.raises(RuntimeError, match="forgotten"):
        check_every_door(app)


def test_the_app_refuses_to_start_with_a_view_for_machines_that_names_no_scope(app: Flask) -> None:
    app.view_functions["forgotten"] = by_token(lambda: "secret")
    with pytest.raises(RuntimeError, match="forgotten"):
        check_every_door(app)


def test_every_address_of_the_api_is_opened_by_a_token_of_one_scope_and_nothing_else_is(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        is_of_api = rule.rule.startswith("/api/") or rule.rule == "/api"
        if is_of_api and rule.endpoint != "api.description":
            # Functions take attributes; their type does not say so.
            assert view.rule is by_token, rule.endpoint  # type: ignore[attr-defined]
            assert view.scope is None or view.scope in Scope, rule.endpoint  # type: ignore[attr-defined]
        else:
            assert getattr(view, "rule", None) is not by_token, rule.endpoint


def test_every_view_says_who_may_enter_and_loads_what_its_address_names(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        view = app.view_functions[rule.endpoint]
        # Functions take attributes; their type does not say so.
        assert callable(view.rule), rule.endpoint  # type: ignore[attr-defined]
        if view.rule is public:  # type: ignore[attr-defined]
            continue
        if view.rule is by_token:  # type: ignore[attr-defined]
            # Nothing is loaded by an id from the address: a partner is looked up among the municipality's.
            assert not {name for name in rule.arguments if name.endswith("_id")}, rule.endpoint
            continue
        loaded = {f"{name}_id" for name in view.subject}  # type: ignore[attr-defined]
        ids = {name for name in rule.arguments if name.endswith("_id")}
        assert ids <= loaded, f"{rule.endpoint} takes {ids - loaded} from the address without looking whose it is"


def test_every_rule_refuses_someone_without_any_role(app: Flask) -> None:
    """Only pages for everyone who is signed in let a person without a role in."""
    nobody = Principal(user_id=uuid4(), name="だれか")
    for endpoint, view in app.view_functions.items():
        rule = getattr(view, "rule", None)
        if rule in (None, public, by_token) or rule.__name__ == "anyone":
            continue
        subjects = [_blank(model) for model in view.subject.values()]  # type: ignore[attr-defined]
        assert rule(nobody, *subjects) is False, endpoint


def _blank(model: type[Base]) -> Base:
    row = model()
    for column in model.__table__.columns:
        if column.name == "id" or column.name.endswith("_id"):
            setattr(row, column.name, uuid4())
    return row


def test_every_role_has_a_name_on_screens() -> None:
    assert all(role.label for role in Role)


# --- one request, one transaction -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "kept"), [(200, 1), (302, 1), (303, 1), (400, 0), (403, 0), (404, 0), (409, 0), (422, 0), (500, 0)]
)
def test_only_a_successful_page_keeps_its_work(app: Flask, engine: Engine, status: int, kept: int) -> None:
    @app.post("/testing")
    @public
    def write() -> tuple[str, int]:
        a_municipality(database_session())
        return "", status

    app.config["WTF_CSRF_ENABLED"] = False
    app.test_client().post("/testing")

    assert _municipalities(engine) == kept


def test_an_unexpected_failure_keeps_nothing(app: Flask, engine: Engine) -> None:
    @app.post("/testing")
    @public
    def write() -> str:
        a_municipality(database_session())
        database_session().flush()
        raise ZeroDivisionError

    app.config["WTF_CSRF_ENABLED"] = False
    page = app.test_client().post("/testing")

    assert page.status_code == 500
    assert "何も保存していません" in page.text
    assert _municipalities(engine) == 0


def test_a_refusal_keeps_its_work_only_when_it_says_so(app: Flask, engine: Engine) -> None:
    @app.post("/testing")
    @public
    def write() -> tuple[str, int]:
        a_municipality(database_session())
        keep_work()
        return "", 422

    app.config["WTF_CSRF_ENABLED"] = False
    app.test_client().post("/testing")

    assert _municipalities(engine) == 1


def test_a_page_that_is_read_writes_nothing(app: Flask, engine: Engine) -> None:
    @app.get("/testing")
    @public
    def read() -> str:
        a_municipality(database_session())
        flash("")
        return ""

    app.test_client().get("/testing")

    assert _municipalities(engine) == 0


def _municipalities(engine: Engine) -> int:
    with open_session(engine) as session:
        return session.scalar(select(func.count()).select_from(Municipality)) or 0


# --- templates --------------------------------------------------------------------------------------------------


def test_no_template_trusts_a_text() -> None:
    """But for what stands in the template itself: a fixed space on paper, and the shapes of our icons."""
    fixed = {'&nbsp;"|safe', "SHAPES[name]|safe"}
    found = lines_with(TEMPLATES, r"[^\s({]*\|\s*safe\b|autoescape\s+false|\bMarkup\(")
    assert [line for line in found if not line.endswith(tuple(fixed))] == []


def test_no_screen_holds_script_style_or_address_of_its_own() -> None:
    """The content security policy would refuse it."""
    assert lines_with(SCREENS, r"<style|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:|<script(?![^>]*\ssrc=)") == []
    assert lines_with(SCREENS, r"(?:src|href|action)=[\"']?(?:https?:)?//") == []


def test_every_screen_is_hung_in_the_layout() -> None:
    """And each has one heading of the first rank; the access matrix counts it on every page as served."""
    for path in SCREENS:
        if path.name in PIECES or "macros" in path.parts or path.name.startswith("_"):
            continue
        text = path.read_text(encoding="utf-8")
        assert '{% extends "layout.html" %}' in text, named(path)
        assert "{% block title %}" in text, named(path)
        assert text.count("<h1") + text.count("page_heading(") + text.count("receipt(") >= 1, named(path)


def test_every_form_that_posts_carries_its_token() -> None:
    for path in SCREENS:
        text = path.read_text(encoding="utf-8")
        for form in re.findall(r"<form\b[^>]*method=.post.[^>]*>.*?</form>", text, re.DOTALL):
            assert "csrf" in form, f"{named(path)}: {form[:200]}"


def lines_with(paths: list[Path], pattern: str) -> list[str]:
    """Where a pattern stands, outside of remarks."""
    found = []
    for path in paths:
        text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        found += [f"{named(path)}: {match[0]}" for match in re.finditer(pattern, text, re.IGNORECASE)]
    return found


# --- code -------------------------------------------------------------------------------------------------------


def calls(wanted: str, *, but: set[str], names: tuple[str, ...] = ()) -> list[str]:
    """Where the package calls something whose dotted name fits, outside of the modules (or rooms) in `but`."""
    pattern, found = re.compile(wanted), []
    for path in MODULES:
        place = path.relative_to(PACKAGE)
        if place.as_posix() in but or place.parts[0] in but or (names and path.name not in names):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and pattern.search(ast.unparse(node.func)):
                found.append(f"{named(path)}:{node.lineno} {ast.unparse(node.func)}")
    return found


#: Those who begin a transaction of their own, and so end it.
BEGIN = {"web.py", "database.py", "schema.py", "scheduler.py", "commands.py", "commands", "demo"}


def test_nobody_commits_but_who_began() -> None:
    assert calls(r"\.(commit|rollback)$", but=BEGIN) == []


def test_one_place_knows_what_time_it_is() -> None:
    asks = r"(?:^|\.)(?:datetime|date)\.(?:now|today|utcnow|fromtimestamp)$|^time\.(?:time|localtime|gmtime)$"
    assert calls(asks, but={"clock.py"}) == []


def test_operations_are_told_when_they_act() -> None:
    """No hidden inputs: neither the clock nor the request (the import contracts see to that)."""
    inner = ("operations.py", "queries.py", "policy.py", "models.py", "factors.py", "passkeys.py")
    assert calls(r"^(?:clock\.)?(?:now|today|present)$", but=set(), names=inner) == []


def test_no_statement_is_put_together_from_what_somebody_typed() -> None:
    """SQL as text stands only where there is no other way: guards, backups, settings of the engine."""
    where = {"history/guards.py", "database.py", "scheduler.py", "commands.py", "commands", "backup.py", "demo"}
    assert calls(r"^(?:sa\.|sqlalchemy\.)?text$|exec_driver_sql$|executescript$", but=where) == []


def test_every_public_function_says_what_it_does() -> None:
    silent = []
    for path in MODULES:
        if path.name not in (
            "operations.py", "queries.py", "policy.py", "views.py", "factors.py", "passkeys.py", "factor_views.py",
        ):  # fmt: skip
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if not ast.get_docstring(tree):
            silent.append(named(path))
        for node in tree.body:
            silent += [f"{named(path)}:{line} {name}" for line, name in _without_docstring(node)]
    assert silent == []


def _without_docstring(node: ast.stmt) -> Iterator[tuple[int, str]]:
    if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
        return
    # A refusal says what it is in the sentence that its reader sees.
    is_refusal = isinstance(node, ast.ClassDef) and node.bases and "message" in ast.unparse(node)
    if not ast.get_docstring(node) and not is_refusal:
        yield node.lineno, node.name
    if isinstance(node, ast.ClassDef):
        for part in node.body:
            yield from _without_docstring(part)


# --- tables -----------------------------------------------------------------------------------------------------

assert ALL_MODELS
TENANT_MODELS = sorted(
    (mapper.class_ for mapper in Base.registry.mappers if mapper.class_.tenant_column not in ("", "id")),
    key=lambda model: model.__tablename__,
)
#: Indexes that serve one question over all tenants, and which.
OVER_ALL_TENANTS = {
    "ix_course_result_number": "under which anyone checks a certificate",
    "ix_officer_result_number": "under which anyone checks a certificate",
    "ix_publication_id": "which organization's page a permanent address means",
    "ix_api_token_digest": "whose system shows this token",
    "uq_take_out_label_code": "under which the label that was scanned is found",
    "ix_organization_role_user_id": "in which organizations someone holds a role",
    "ix_municipality_role_user_id": "in which municipalities someone holds a role",
    "ix_worker_user_id": "on which rosters someone stands",
    "ix_binder_job_finished_at": "which binder waits longest",
    "uq_partner_code_code": "which organization has shown this code",
    "ix_network_membership_network_id": "which organizations belong to a network",
    "ix_network_mandate_network_id": "for which organizations a network may act",
    "ix_partner_invitation_token_digest": "which invitation a link belongs to",
    "ix_member_invitation_token_digest": "which invitation a link belongs to",
    "ix_roster_upload_finished_at": "which roster waits longest to be taken in",
    "ix_kiosk_token_digest": "which shared tablet shows this cookie",
    "ix_rulebook_code": "which published rule a permanent address means",
    "ix_kit_edition_kit_id": "what a kit says now, whoever took it over",
    "ix_municipal_kit_edition_kit_id": "the same of a municipality's kit",
    "ix_kit_adoption_kit_id": "how many groups have taken a kit over",
    "ix_draft_opening_mentor_id": "which drafts are open to a mentor",
    "ix_worker_invitation_secret_digest": "whose invitation a link is",
    "ix_worker_invitation_code_digest": "whose invitation a code is",
    "ix_municipality_invitation_secret_digest": "whose invitation a link is",
    "ix_municipality_invitation_code_digest": "whose invitation a code is",
}


def test_every_model_says_whose_its_rows_are() -> None:
    house_wide = {
        "user_account", "operator_role", "sign_in", "password_reset", "throttle", "held_input", "outgoing_mail",
        "log_state", "log_leaf", "halfway_sign_in", "authenticator", "recovery_code", "passkey", "passkey_challenge",
        "signing_key",
        "readiness_day",
    }  # fmt: skip
    for mapper in Base.registry.mappers:
        model = mapper.class_
        assert (model.tenant_column != "") is (model.__tablename__ not in house_wide), model.__tablename__
        if model.tenant_column:
            assert not model.__table__.columns[model.tenant_column].nullable, model.__tablename__


@pytest.mark.parametrize("model", TENANT_MODELS, ids=lambda model: model.__tablename__)
def test_a_tenants_row_is_bound_to_its_tenant_by_the_database(model: type[Base]) -> None:
    table = model.__table__
    owners = {"organization_id", "municipality_id"}
    assert next(iter(table.primary_key.columns)).name in owners
    for constraint in table.constraints:  # type: ignore[attr-defined]
        if isinstance(constraint, UniqueConstraint):
            assert next(iter(constraint.columns)).name in owners, constraint.name
        if isinstance(constraint, ForeignKeyConstraint):
            target = constraint.referred_table
            if len(target.primary_key.columns) > 1:
                pairs = {(element.parent.name, element.column.name) for element in constraint.elements}
                assert {(owner, owner) for owner in owners} & pairs, f"{table.name} → {target.name}"
    for index in table.indexes:  # type: ignore[attr-defined]
        assert next(iter(index.columns)).name in owners or index.name in OVER_ALL_TENANTS, index.name


def test_moments_are_kept_with_a_zone_and_texts_have_a_longest() -> None:
    from sqlalchemy import DateTime, Enum, String, Text

    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            assert type(column.type) is not DateTime, column
            if type(column.type) is String and not isinstance(column.type, Enum | Text):
                assert column.type.length, f"{table.name}.{column.name}"


# --- files ------------------------------------------------------------------------------------------------------


def text_files() -> list[Path]:
    """What belongs to the project: everything that is not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=PROJECT, capture_output=True, check=False,
    )  # fmt: skip
    if listed.returncode:
        pytest.skip("not a checkout")
    return [PROJECT / name for name in listed.stdout.decode().split("\0") if name and (PROJECT / name).is_file()]


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    places = re.compile(
        r"(?<![\w.$}])/(?:" + "|".join(("wo" + "rk", "ro" + "ot", "ho" + "me/\\w+", "Us" + "ers")) + r")/"
    )
    private_keys = re.compile("-----BEGIN [A-Z ]*PRIVATE" + " KEY-----")
    faults = []
    for path in text_files():
        content = path.read_bytes()
        if b"\0" in content[:4096] or len(content) > 2_000_000:
            continue
        text = content.decode("utf-8", "replace")
        if found := places.search(text) or private_keys.search(text):
            faults.append(f"{named(path)}: {found[0]}")
    assert faults == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_locks_name_no_address(name: str) -> None:
    text = (PROJECT / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*--(?!hash)", text, re.MULTILINE)


def test_the_packages_files_stay_readable_in_one_sitting() -> None:
    long = {named(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {name: lines for name, lines in long.items() if lines > 800} == {}
