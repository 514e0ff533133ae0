"""What several commands need: settings, an engine on the database, and how results are printed."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import click
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from partner_compliance import schema
from partner_compliance.commands.errors import Failed
from partner_compliance.config import Settings, from_environment
from partner_compliance.database import make_engine
from partner_compliance.organizations.models import Organization

json_option = click.option("--json", "as_json", is_flag=True, help="結果を JSON だけで出力します。")


@contextmanager
def database(settings: Settings | None = None, *, of_this_version: bool = True) -> Iterator[Engine]:
    """An engine on the database that the settings name; fails when its tables are not those of this version."""
    settings = settings or from_environment()
    if of_this_version and settings.sqlite_file is not None and not settings.sqlite_file.exists():
        raise Failed(
            f"データベースのファイルがありません: {settings.sqlite_file}\n"
            "先に「partner-compliance migrate」を実行してください。"
        )
    if settings.sqlite_file is not None:
        settings.sqlite_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = make_engine(settings.database_url)
    try:
        if of_this_version and (wrong := version_problem(engine)):
            raise Failed(wrong)
        yield engine
    finally:
        engine.dispose()


def version_problem(engine: Engine) -> str | None:
    """Why this program cannot work on a database; None when its tables are those of this version."""
    version = schema.present(engine)
    if version == schema.newest():
        return None
    if version is None or version in schema.known():
        return (
            "データベースが、このプログラムの版にまだ合わせられていません。"
            "「partner-compliance migrate」を実行してください。"
        )
    return f"データベースが、このプログラムより新しい版のものです（{version}）。プログラムを新しくしてください。"


def print_json(result: Any) -> None:
    """Print a result as JSON, people's names as they are written."""
    click.echo(json.dumps(result, ensure_ascii=False, indent=2, default=str))


def organization_named(session: Session, wanted: str) -> Organization:
    """The organization of that name or id; raises Failed when there is none, or several of that name."""
    try:
        found = session.scalars(select(Organization).where(Organization.id == UUID(wanted))).all()
    except ValueError:
        found = session.scalars(select(Organization).where(Organization.name == wanted)).all()
    if not found:
        raise Failed(f"団体「{wanted}」は登録されていません。")
    if len(found) > 1:
        ids = "、".join(str(organization.id) for organization in found)
        raise Failed(f"「{wanted}」という団体が{len(found)}つあります。ID で指定してください: {ids}")
    return found[0]
