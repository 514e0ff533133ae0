"""The suggested requirements: what they say, and what `content check` finds wrong in a draft."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
import yaml

from partner_compliance.engagements.words import DataClass, Mode
from partner_compliance.library.check import check
from partner_compliance.library.requirements import CLASSES, MODES
from partner_compliance.library.shelf import Library, UnknownEdition
from tests.library.shelves import PROJECT

DRAFT = "requirements/2030.yaml"


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """The real shelf, with a draft of the suggestions."""
    for folder in ("checklists", "courses", "pledges", "readiness", "requirements", "rules"):
        copytree(PROJECT / folder, tmp_path / folder)
    return tmp_path


def test_every_class_and_mode_of_the_house_stands_in_the_suggestions(library: Library) -> None:
    assert tuple(each.value for each in DataClass) == CLASSES
    assert tuple(each.value for each in Mode) == MODES
    found = library.suggestions_for(date(2026, 11, 27))
    assert tuple(found.by_class) == CLASSES
    levels = {key: {mode: each.level for mode, each in one.modes.items()} for key, one in found.by_class.items()}
    assert set(levels["D0"].values()) == set(levels["D1"].values()) == {0}
    assert (levels["D3"]["oral"], levels["D3"]["paper_collected"], levels["D3"]["paper_kept"]) == (2, 2, 3)
    assert set(levels["D4"].values()) == {3}
    assert (levels["D5"]["oral"], levels["D5"]["paper_kept"]) == (2, 3)
    assert set(levels["D6"].values()) == {4}
    assert levels["D7"] == {"system": 5}
    assert levels["D8"] == levels["D9"] == {}


def test_the_newest_published_edition_of_a_day_holds(library: Library) -> None:
    [found] = library.suggestions
    later = found.model_copy(update={"edition": "2030", "valid_from": date(2030, 4, 1)})
    both = Library((), suggestions=(found, later))
    assert both.suggestions_for(date(2030, 3, 31)).edition == "2026"
    assert both.suggestions_for(date(2030, 4, 1)).edition == "2030"
    assert both.suggestions_for(date(2020, 1, 1)).edition == "2026"
    with pytest.raises(UnknownEdition):
        Library(()).suggestions_for(date(2026, 11, 27))


def _mode(said: dict[str, Any]) -> None:
    said["classes"][2]["modes"]["fax"] = {"level": 2}


def _protected(said: dict[str, Any]) -> None:
    said["classes"][8]["modes"] = {"oral": {"level": 4}}


def _twice(said: dict[str, Any]) -> None:
    said["classes"].append({**said["classes"][8], "modes": {}})


def _missing(said: dict[str, Any]) -> None:
    del said["classes"][4]


def _level(said: dict[str, Any]) -> None:
    said["classes"][2]["modes"]["oral"]["level"] = 6


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_mode, "渡し方 'fax' はありません"), (_protected, "共有の案に入れません"), (_twice, "二つあります"),
        (_missing, "種類が足りません: D4"), (_level, "5"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(shelf: Path, change: Callable[[dict[str, Any]], None], message: str) -> None:
    said = yaml.safe_load((shelf / "requirements/2026.yaml").read_text(encoding="utf-8"))
    change(said)
    said["edition"], said["valid_from"] = "2030", "2030-04-01"
    (shelf / DRAFT).write_text(yaml.safe_dump(said, allow_unicode=True, sort_keys=False), encoding="utf-8")
    problems = [each for each in check(shelf) if str(each.path) == DRAFT]
    assert any(message.replace(" ", "") in each.message.replace(" ", "") for each in problems), problems


def test_a_published_edition_is_frozen(shelf: Path) -> None:
    path = shelf / "requirements/2026.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("level: 4", "level: 3", 1), encoding="utf-8")
    [problem] = check(shelf)
    assert "公開済みの版の中身が変わっています" in problem.message
