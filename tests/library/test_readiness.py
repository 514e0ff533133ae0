"""The ladder as content: its shape, and that whatever is wrong in it is named with its line."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
import yaml

from partner_compliance.config import PROJECT
from partner_compliance.library.check import check
from partner_compliance.library.readiness import FEW, Measure, Nothing, Test
from partner_compliance.library.shelf import Library, UnknownEdition, read_library
from partner_compliance.readiness.measures import SOURCES

DRAFT = "readiness/2030.yaml"


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A copy of the real shelf with a draft edition of the ladder."""
    for folder in ("checklists", "courses", "pledges", "readiness", "requirements", "rules"):
        copytree(PROJECT / folder, tmp_path / folder)
    draft = (tmp_path / "readiness/2026.yaml").read_text(encoding="utf-8")
    draft = draft.replace('edition: "2026"', 'edition: "2030"').replace('"2026-04-01"', '"2030-04-01"')
    (tmp_path / DRAFT).write_text(draft, encoding="utf-8")
    return tmp_path


def test_the_shelf_with_a_draft_is_whole_and_only_what_is_published_is_used(shelf: Path) -> None:
    assert check(shelf) == []
    library = read_library(shelf)
    assert library.ladder_for(date(2031, 1, 1)).edition == "2026"
    assert library.ladder_for(date(2020, 1, 1)).edition == "2026"  # days before the first edition
    with pytest.raises(UnknownEdition):
        Library(()).ladder_for(date(2026, 11, 27))


def test_a_newer_edition_is_used_from_its_day_on(shelf: Path, library: Library) -> None:
    [ladder] = library.ladders
    later = ladder.model_copy(update={"edition": "2030", "valid_from": date(2030, 4, 1)})
    both = Library((), ladders=(ladder, later))
    assert both.ladder_for(date(2030, 3, 31)).edition == "2026"
    assert both.ladder_for(date(2030, 4, 1)).edition == "2030"


def test_every_measure_has_one_statement_and_the_ladder_has_every_criterion_of_the_design(library: Library) -> None:
    counted = [measure for source in SOURCES for measure in source.picks]
    assert sorted(counted) == sorted(Measure)
    ladder = library.ladder_for(date(2026, 11, 27))
    assert list(ladder.criteria) == [
        *(f"1{letter}" for letter in "abcde"), *(f"2{letter}" for letter in "abcde"),
        *(f"3{letter}" for letter in "abcdef"), *(f"4{letter}" for letter in "abcdefgh"),
        *(f"5{letter}" for letter in "abcdefg"),
    ]  # fmt: skip
    assert [each.title for each in ladder.levels] == [
        "体制登録",
        "規程・誓約",
        "毎月運用",
        "点検・訓練",
        "システム連携",
    ]
    for word in ("認定", "認証", "合格", "★"):
        assert word not in (PROJECT / "readiness/2026.yaml").read_text(encoding="utf-8")


Said = dict[str, Any]


def first(said: Said) -> Said:
    found: Said = said["levels"][0]["criteria"][0]
    return found


BROKEN: dict[str, tuple[Callable[[Said], object], str, str]] = {
    # what: (the change, what stands on the line that is named, the message contains)
    "unknown measure": (
        lambda said: first(said)["tests"][0].update(measure="happiness"), "measure: happiness", "次のどれか",
    ),
    "two comparisons": (lambda said: first(said)["tests"][0].update(at_most=3), "measure: posts", "一つだけ"),
    "no comparison": (lambda said: first(said)["tests"][0].pop("at_least"), "measure: posts", "一つだけ"),
    "spare without share": (
        lambda said: first(said)["tests"][0].update(one_may_miss=True), "measure: posts", "one_may_miss",
    ),
    "unknown name": (
        lambda said: first(said)["tests"][0].update(unmet="{worker}さん"), "measure: posts", "{worker} は使えません",
    ),
    "planned with tests": (lambda said: first(said).update(planned=True), "id: 1a", "planned の基準には"),
    "neither planned nor measured": (lambda said: first(said).update(tests=[]), "id: 1a", "planned: true"),
    "id of another level": (lambda said: first(said).update(id="2f"), "id: 2f", "段階 1 のものではありません"),
    "id twice": (lambda said: first(said).update(id="1b"), "id: 1b", "二つあります"),
    "no id": (lambda said: first(said).update(id="x"), "id: x", '"2b" の形'),
    "levels out of order": (lambda said: said["levels"].reverse(), "number: 5", "1 から順に"),
    "level missing": (lambda said: said["levels"].pop(), "levels:", "少なすぎます"),
    "unknown page": (lambda said: first(said)["action"].update(page="nowhere"), "page: nowhere", "次のどれか"),
    "share above all": (
        lambda said: said["levels"][1]["criteria"][1]["tests"][0].update(percent=101), "percent: 101", "100 以下",
    ),
    "text as number": (lambda said: first(said)["tests"][0].update(at_least="2"), "at_least:", "整数"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "line", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_ladder_is_found_with_its_line(
    shelf: Path, change: Callable[[Said], object], line: str, message: str
) -> None:
    said = yaml.safe_load((shelf / DRAFT).read_text(encoding="utf-8"))
    change(said)
    said["edition"], said["valid_from"] = "2030", "2030-04-01"
    content = yaml.safe_dump(said, allow_unicode=True, sort_keys=False, width=10_000)
    (shelf / DRAFT).write_text(content, encoding="utf-8")
    problems = check(shelf)
    named = [
        content.split("\n")[each.line - 1] for each in problems if str(each.path) == DRAFT and message in each.message
    ]
    assert any(line in each for each in named), problems


def test_a_published_edition_is_frozen(shelf: Path) -> None:
    path = shelf / "readiness/2026.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("percent: 95", "percent: 90"), encoding="utf-8")
    [problem] = check(shelf)
    assert "公開済みの版の中身が変わっています" in problem.message


def a_test(**comparison: object) -> Test:
    return Test.model_validate({"measure": "workers_pledged", "nothing": "unmet", "unmet": "{missing}人", **comparison})


@pytest.mark.parametrize(
    ("comparison", "numerator", "denominator", "is_met"),
    [
        ({"percent": 100}, 30, 30, True),
        ({"percent": 100}, 29, 30, False),
        ({"percent": 95}, 95, 100, True),
        ({"percent": 95}, 94, 100, False),
        ({"percent": 95}, 4, 5, False),
        ({"percent": 95, "one_may_miss": True}, 4, 5, True),
        ({"percent": 95, "one_may_miss": True}, 3, 5, False),
        ({"percent": 95, "one_may_miss": True}, FEW - 2, FEW - 1, True),
        ({"percent": 95, "one_may_miss": True}, FEW - 2, FEW, False),
        ({"at_least": 2}, 2, 2, True),
        ({"at_least": 2}, 1, 2, False),
        ({"at_most": 0}, 0, 3, True),
        ({"at_most": 0}, 1, 3, False),
    ],
)
def test_a_share_is_never_rounded_up(comparison: Said, numerator: int, denominator: int, is_met: bool) -> None:
    assert a_test(**comparison).is_met_by(numerator, denominator) is is_met


def test_nothing_to_count_means_what_the_ladder_says() -> None:
    assert a_test(percent=100).nothing is Nothing.UNMET
