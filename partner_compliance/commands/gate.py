"""Commands about sharing: `gate check`."""

import click
from sqlalchemy import select

from partner_compliance import clock
from partner_compliance.commands.errors import Failed, JapaneseGroup, wrong_use
from partner_compliance.commands.shared import database, json_option, organization_named, print_json
from partner_compliance.config import from_environment
from partner_compliance.database import open_session
from partner_compliance.engagements.words import DataClass, Mode
from partner_compliance.gate.checking import Question
from partner_compliance.gate.data import answer_data
from partner_compliance.gate.queries import answer
from partner_compliance.gate.words import Purpose
from partner_compliance.library.shelf import read_library
from partner_compliance.organizations.models import Municipality

#: Short words for the heavier of two modes: who does not say that it is collected is taken to let it be kept.
_SHORT = {"paper": Mode.PAPER_KEPT}


@click.group(cls=JapaneseGroup, short_help="共有できるかどうかを確かめます。")
def gate() -> None:
    """自治体が定めた条件と、団体の今日の記録から、共有できるかどうかを確かめます。決めるのは担当者です。"""


@gate.command("check", short_help="一つの団体に、いま共有できるかを示します。")
@click.option("--municipality", "code", required=True, metavar="CODE", help="全国地方公共団体コード（6桁）。")
@click.option("--organization", "organization", required=True, metavar="ORG", help="団体の名前または ID。")
@click.option("--class", "data_class", required=True, metavar="CLASS", help="情報の種類（D0 から D9）。")
@click.option(
    "--mode", required=True, metavar="MODE",
    help="渡し方（oral, paper_collected, paper_kept, file, system）。paper は paper_kept と同じです。",
)  # fmt: skip
@click.option("--purpose", required=True, metavar="PURPOSE", help="目的（PU1 から PU9）。")
@json_option
def check(code: str, organization: str, data_class: str, mode: str, purpose: str, as_json: bool) -> None:
    """一つの団体に、いま共有できるかを、理由と一緒に示します。何も記録しません。"""
    if data_class not in set(DataClass):
        wrong_use(f"情報の種類「{data_class}」はありません。D0 から D9 のどれかを指定してください。")
    if mode not in set(Mode) | _SHORT.keys():
        wrong_use(f"渡し方「{mode}」はありません。{'、'.join(Mode)} のどれかを指定してください。")
    if purpose not in set(Purpose):
        wrong_use(f"目的「{purpose}」はありません。PU1 から PU9 のどれかを指定してください。")
    question = Question(DataClass(data_class), _SHORT.get(mode) or Mode(mode), Purpose(purpose))
    library = read_library(from_environment().content_folder)
    with database() as engine, open_session(engine) as session:
        city = session.scalar(select(Municipality).where(Municipality.code == code))
        if city is None:
            raise Failed(f"自治体コード「{code}」の自治体は登録されていません。")
        whose = organization_named(session, organization)
        found = answer(session, library, city.id, whose.id, question, clock.today())
        said = {"municipality": city.code, "organization_id": str(whose.id), "organization": whose.name,
                **answer_data(found)}  # fmt: skip
        names = (city.name, whose.name)
    if as_json:
        print_json(said)
        return
    click.echo(f"{names[0]} → {names[1]}　{question.data_class.label}　{question.mode.label}　{question.purpose.label}")
    click.echo(f"{found.verdict.label}（今日の段階: {found.ground.assessment.level} {found.ground.assessment.title}）")
    for each in found.reasons:
        click.echo(f"  {'×' if each.blocks else '・'} {each.text}")
        if each.mend:
            click.echo(f"     こうすると変わります: {each.mend}")
