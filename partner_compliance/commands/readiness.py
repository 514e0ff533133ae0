"""Commands about levels: `readiness show`, `readiness all`, `readiness explain`."""

import sys
from datetime import date

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from partner_compliance import clock
from partner_compliance.commands.errors import Failed, JapaneseGroup, wrong_use
from partner_compliance.commands.shared import database, json_option, organization_named, print_json
from partner_compliance.config import from_environment
from partner_compliance.database import open_session
from partner_compliance.documents.tables import Column, Table, to_csv
from partner_compliance.library.readiness import Criterion, Test
from partner_compliance.library.shelf import Library, read_library
from partner_compliance.organizations.queries import organizations_named
from partner_compliance.readiness.assessment import Assessment, State
from partner_compliance.readiness.data import assessment_data, forecast_data
from partner_compliance.readiness.queries import assessment_of, assessments, forecast

_day_option = click.option("--as-of", "said", default="", help="いつの状況か（例: 2026-04-01）。書かなければ今日です。")


@click.group(cls=JapaneseGroup, short_help="団体の準備度を計算します。")
def readiness() -> None:
    """団体の準備度（段階）を、記録から計算します。"""


@readiness.command("show", short_help="一つの団体の段階と、すべての基準を示します。")
@click.argument("organization", metavar="ORG")
@_day_option
@json_option
def show(organization: str, said: str, as_json: bool) -> None:
    """一つの団体の段階と、すべての基準を示します。ORG は、団体の名前または ID です。

    これからの見通し（いつ段階が下がるか）は、今日の状況についてだけ示します。
    """
    day, library = _day(said), _library()
    with database() as engine, open_session(engine) as session:
        whose = organization_named(session, organization)
        found = assessment_of(session, library, day, whose.id)
        coming = forecast(session, library, found, whose.id) if day == clock.today() else None
        name, key = whose.name, str(whose.id)
    if as_json:
        print_json({"organization_id": key, "organization": name, **assessment_data(found),
                    "forecast": forecast_data(coming)})  # fmt: skip
        return
    click.echo(f"{name}　{clock.era_date(day)}　段階{found.level} {found.title}")
    for each in found.findings:
        counts = "、".join(f"{result.test.measure.label} {result.counts()}" for result in each.results)
        click.echo(
            f"  {each.criterion.id} {each.state.label}　{each.criterion.title}{f'（{counts}）' if counts else ''}"
        )
        for result in each.results:
            if sentence := result.sentence():
                click.echo(f"     {sentence}")
    if coming:
        click.echo(f"このままだと、{clock.era_date(coming.falls_on)}に段階{coming.level}になります。")


@readiness.command("all", short_help="すべての団体の段階を、一覧にします。")
@_day_option
@click.option("--format", "form", type=click.Choice(["csv", "json"]), default="csv", help="出力の形。")
def show_all(said: str, form: str) -> None:
    """すべての団体の段階を、CSV か JSON で出力します。進みぐあいは、画面にだけ表示します。"""
    day, library = _day(said), _library()
    ladder = library.ladder_for(day)
    columns = (TextColumn("準備度"), BarColumn(), MofNCompleteColumn(), TextColumn("種類の記録"))
    with (
        database() as engine,
        open_session(engine) as session,
        Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as bar,
    ):
        task = bar.add_task("", total=None)
        found = assessments(
            session, library, day, progress=lambda done, total: bar.update(task, completed=done, total=total)
        )
        names = organizations_named(session, found)
    ordered = sorted(found, key=lambda each: (names[each], each))
    if form == "json":
        print_json([
            {"organization_id": str(each), "organization": names[each], **assessment_data(found[each])}
            for each in ordered
        ])  # fmt: skip
        return
    wanted = [each for each in ladder.criteria.values() if not each.planned]
    rows = [[str(each), names[each], day, found[each].level, found[each].title, *_states(found[each])]
            for each in ordered]  # fmt: skip
    table = Table(
        "準備度",
        [
            Column("id", "団体 ID"), Column("name", "団体"), Column("as_of", "基準日", "date"),
            Column("level", "段階", "number"), Column("title", "段階の名前"),
            *(Column(each.id, f"{each.id} {each.title}") for each in wanted),
        ],
        rows,
    )  # fmt: skip
    click.echo(to_csv(table), nl=False)


def _states(found: Assessment) -> list[str]:
    return [each.state.label for each in found.findings if each.state is not State.PLANNED]


@readiness.command("explain", short_help="一つの基準を説明します。")
@click.argument("criterion", metavar="CRITERION")
@_day_option
@json_option
def explain(criterion: str, said: str, as_json: bool) -> None:
    """一つの基準が何を数え、どうなれば満たすのか、どうすれば直るのかを説明します。CRITERION は 2b のような番号です。"""
    ladder = _library().ladder_for(_day(said))
    found = ladder.criteria.get(criterion)
    if found is None:
        raise Failed(f"基準「{criterion}」はありません。あるのは: {'、'.join(ladder.criteria)}")
    if as_json:
        print_json({"ladder": ladder.edition, **found.model_dump(mode="json")})
        return
    click.echo(f"{found.id} {found.title}（段階{found.level} {ladder.title_of(found.level)}、{ladder.edition}年版）")
    for line in _explained(found):
        click.echo(f"  {line}")


def _explained(criterion: Criterion) -> list[str]:
    if criterion.planned:
        return ["まだ記録のしくみがないため、段階の計算に入りません。", f"出典: {criterion.source}"]
    lines = [f"数えるもの: {test.measure.label}　満たす条件: {_condition(test)}" for test in criterion.tests]
    if criterion.lapse:
        lines.append(f"満たさなくなるとき: {criterion.lapse}")
    if criterion.action:
        lines.append(f"すること: {criterion.action.text}")
    return [*lines, f"出典: {criterion.source}"]


def _condition(test: Test) -> str:
    unit = test.measure.unit
    if test.at_most is not None:
        return f"{test.at_most}{unit}以下"
    if test.at_least is not None:
        return f"{test.at_least}{unit}以上"
    return f"{test.percent}パーセント以上{'（20人未満なら、1人までは許します）' if test.one_may_miss else ''}"


def _day(said: str) -> date:
    today = clock.today()
    if not said:
        return today
    try:
        day = date.fromisoformat(said)
    except ValueError:
        wrong_use("--as-of は「2026-04-01」の形で指定してください。")
    if day > today:
        wrong_use("--as-of に、先の日付は指定できません。")
    return day


def _library() -> Library:
    return read_library(from_environment().content_folder)
