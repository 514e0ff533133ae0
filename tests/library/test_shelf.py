"""The shelf is read once, whole or not at all, and says which edition counts."""

import pytest

from partner_compliance.library.shelf import BrokenContent, UnknownEdition, read_library


@pytest.fixture
def library(shelf, sheet):
    """Editions from April 2030 and from January 2031, and a draft from April 2032."""
    shelf.put(sheet, publish=True)
    second = sheet.replace('edition: "2030"', 'edition: "2030a"').replace('"2030-04"', '"2031-01"')
    shelf.put(second, "take-out/2030a.yaml", publish=True)
    draft = sheet.replace('edition: "2030"', 'edition: "2032"').replace('"2030-04"', '"2032-04"')
    shelf.put(draft, "take-out/2032.yaml")
    return read_library(shelf.root)


@pytest.mark.parametrize(
    ("month", "edition"),
    [("2030-04", "2030"), ("2030-12", "2030"), ("2031-01", "2030a"), ("2032-04", "2030a"), ("9999-12", "2030a")],
)
def test_a_month_uses_the_newest_published_edition_begun_by_then(library, month, edition):
    assert library.edition_for("take-out", month).edition == edition


@pytest.mark.parametrize(("key", "month"), [("take-out", "2030-03"), ("take-in", "2031-01")])
def test_a_month_before_the_first_edition_has_none(library, key, month):
    with pytest.raises(UnknownEdition):
        library.edition_for(key, month)


@pytest.mark.parametrize(
    "month", ["", "2031", "2031-00", "2031-13", "2031-1", "2031-01-01", "２０３１-01", "2031-01\n"]
)
def test_what_is_no_month_is_refused(library, month):
    with pytest.raises(ValueError, match="not a month"):
        library.edition_for("take-out", month)


def test_every_edition_stays_readable_by_name(library):
    assert [library.checklist("take-out", edition).published for edition in ("2030", "2030a", "2032")] == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(("key", "edition"), [("take-out", "1999"), ("take-in", "2030"), ("", "")])
def test_an_unknown_edition_is_refused(library, key, edition):
    with pytest.raises(UnknownEdition, match="no edition"):
        library.checklist(key, edition)


def test_an_unknown_edition_is_a_key_error(library):
    with pytest.raises(KeyError):
        library.checklist("take-out", "1999")


def test_a_broken_shelf_is_not_read_at_all(shelf, sheet):
    shelf.put(sheet, publish=True)
    shelf.put(sheet.replace("key: desk", "kye: desk"), "take-out/2031.yaml")

    with pytest.raises(BrokenContent) as refusal:
        read_library(shelf.root)

    assert {str(problem.path) for problem in refusal.value.problems} == {"checklists/take-out/2031.yaml"}
    assert len(str(refusal.value).splitlines()) == len(refusal.value.problems)
    assert "checklists/take-out/2031.yaml:35: 知らない項目名 'kye'" in str(refusal.value)
