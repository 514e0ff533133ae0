"""Model rules, their questions, evidence and practices on the shelf: what a file must say, and what is found wrong."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from shutil import copytree

import pytest
import yaml

from partner_compliance.library.check import check
from partner_compliance.library.rules import OPEN_FORM, RULE_KEYS, ModelRule, Size, article_label, chapter_label, fits
from partner_compliance.library.shelf import Library, UnknownEdition, read_library

PROJECT = Path(__file__).parents[2]
DAY = date(2026, 11, 27)


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A copy of the real shelf, to break."""
    for folder in ("checklists", "courses", "pledges", "readiness", "requirements", "rules"):
        copytree(PROJECT / folder, tmp_path / folder)
    return tmp_path


def broken(shelf: Path, path: str, change: Callable[[dict], None]) -> list[str]:  # type: ignore[type-arg]
    """What is said about a draft edition in which something was changed."""
    old = shelf / path
    said = yaml.safe_load(old.read_text())
    said |= {"edition": "2027", "valid_from": "2027-04-01"}
    change(said)
    (old.parent / "2027.yaml").write_text(yaml.safe_dump(said, allow_unicode=True))
    return [str(each) for each in check(shelf)]


def article(said: dict, key: str) -> dict:  # type: ignore[type-arg]
    return next(each for chapter in said["chapters"] for each in chapter["articles"] if each["key"] == key)


PRIVACY = "rules/privacy-rule/2026.yaml"


def test_a_changed_copy_of_the_real_model_is_fine(shelf: Path) -> None:
    assert broken(shelf, PRIVACY, lambda said: None) == []
    assert read_library(shelf).rule_for("privacy-rule", date(2027, 4, 1)).edition == "2026"  # a draft is not offered


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda said: article(said, "purpose").update(s=["{nobody}が守る。"]), "nobody"),
        (lambda said: article(said, "purpose").update(serves=["no-clause"]), "no-clause"),
        (lambda said: article(said, "purpose").update(number="2"), "二度"),
        (lambda said: article(said, "purpose").update(number="1の2"), "条の番号"),
        (lambda said: article(said, "purpose").update(both=["守る。"]), "both"),
        (lambda said: article(said, "purpose").pop("m"), "s と m"),
        (lambda said: article(said, "purpose").update(s=["<b>守る</b>"]), "使えません"),
        (lambda said: article(said, "purpose").update(s=[{"when": {"take-out": ["x"]}, "text": "守る。"}]), "その答え"),
        (
            lambda said: article(said, "purpose").update(s=[{"when": {"no-question": ["x"]}, "text": "守る。"}]),
            "その答え",
        ),
        (lambda said: said["quiz"][0].update(article="no-article"), "no-article"),
        (lambda said: said["quiz"][0].update(right=9), "選択肢の番号"),
        (lambda said: said.update(quiz=said["quiz"][:2]), "quiz"),
        (lambda said: article(said, "purpose").update(whi="なぜ"), "whi"),
    ],
)
def test_what_is_wrong_with_a_model_is_named(shelf: Path, change, said: str) -> None:
    found = broken(shelf, PRIVACY, change)
    assert found
    assert any(said in line and "rules/privacy-rule/2027.yaml:" in line for line in found), found


def test_evidence_and_practices_name_only_what_there_is(shelf: Path) -> None:
    found = broken(shelf, "rules/evidence/2026.yaml", lambda said: said["evidence"][0].update(clause="nothing"))
    assert any("nothing" in line for line in found)
    (shelf / "rules/evidence/2027.yaml").unlink()
    found = broken(
        shelf, "rules/practices/2026.yaml", lambda said: said["cards"][0].update(articles=["privacy-rule/x"])
    )
    assert any("privacy-rule/x" in line for line in found)
    found = broken(shelf, "rules/practices/2026.yaml", lambda said: said["cards"][0].update(topics=["x"]))
    assert any("分野" in line for line in found)


def test_a_published_model_is_frozen_and_the_folder_holds_nothing_else(shelf: Path) -> None:
    file = shelf / PRIVACY
    file.write_text(file.read_text().replace("守る", "まもる", 1))
    (shelf / "rules/others").mkdir()
    found = [str(each) for each in check(shelf)]
    assert any("公開済みの版の中身が変わっています" in line for line in found)
    assert any("rules/others" in line for line in found)


def test_every_clause_is_met_by_an_article_or_shown_by_something_else(library: Library) -> None:
    lists = (library.clauses_for("2026-11"), library.it_clauses_for("2026-11"))
    served = {key for rule in library.rules_for(DAY) for each in rule.articles.values() for key in each.serves}
    evidence = library.evidence_for(DAY).by_clause
    for listed in lists:
        for key, clause in listed.clauses.items():
            assert key in evidence
            assert clause.kind.value == "optional" or key in served, key
    assert {clause.source for clause in lists[1].clauses.values()} == {f"C{number:02d}" for number in range(1, 39)}


def test_the_outlines_keep_their_chapters_and_numbers(library: Library) -> None:
    counts = {"privacy-rule": (7, 22), "security-rule": (11, 25)}
    for rule in library.rules_for(DAY):
        assert rule.key in RULE_KEYS
        if rule.key in counts:
            plain = [each.number for each in rule.articles.values() if each.number.isdecimal()]
            chapters = [each for each in rule.chapters if each.title not in ("別表", "別紙")]
            assert (len(chapters), len(plain)) == counts[rule.key]
        for each in rule.articles.values():
            assert each.why.endswith("ため。") or each.why.endswith("から。"), each.key
            assert each.who.endswith("。")
            assert not OPEN_FORM.search(each.why + each.staff.replace("{", "").replace("}", ""))


def test_no_article_of_law_and_no_penalty_is_typed_into_a_text(library: Library) -> None:
    for rule in library.rules_for(DAY):
        for each in rule.articles.values():
            for size in Size:
                for paragraph in each.paragraphs(size):
                    for word in ("懲役", "拘禁刑", "罰金", "条例"):
                        assert word not in paragraph.text, each.key
                    assert "法第" not in paragraph.text, each.key


def test_small_words(library: Library) -> None:
    assert (article_label("18-2"), article_label("別紙1"), chapter_label(3, "体制"), chapter_label(8, "別表")) == (
        "第18条の2", "別紙1", "第3章 体制", "別表",
    )  # fmt: skip
    assert fits({}, {})
    assert fits({"a": ["x", "y"]}, {"a": "y"})
    assert not fits({"a": ["x"]}, {})
    assert library.withdrawn("privacy-rule", "2026", DAY) == ""
    with pytest.raises(UnknownEdition):
        library.rule("privacy-rule", "1999")
    with pytest.raises(UnknownEdition):
        library.rule_for("privacy-rule", date(2000, 1, 1))
    assert isinstance(library.rule("privacy-rule", "2026"), ModelRule)
