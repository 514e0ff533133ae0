"""A course as a SCORM package: whole, valid by the official schemas, always the same, and needing nothing outside."""

import io
import re
import zipfile
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import html5lib  # type: ignore[import-untyped]
import pytest
from lxml import etree  # type: ignore[import-untyped]

from partner_compliance.library.courses import Course, fill
from partner_compliance.library.shelf import Library
from partner_compliance.training import scorm

SCHEMAS = Path(__file__).parent / "schemas"
IMS, ADL = "http://www.imsproject.org/xsd/imscp_rootv1p1p2", "http://www.adlnet.org/xsd/adlcp_rootv1p2"
#: The official schemas know of each other only one way; a manifest needs both.
BOTH = f"""\
<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema">
  <xsd:import namespace="{IMS}" schemaLocation="imscp_rootv1p1p2.xsd"/>
  <xsd:import namespace="{ADL}" schemaLocation="adlcp_rootv1p2.xsd"/>
</xsd:schema>
"""
NASTY = "<script>alert(1)</script>\"'><img src=x onerror=a()>&amp;"


@pytest.fixture(scope="module")
def schema() -> Any:
    parser = etree.XMLParser(no_network=True)
    return etree.XMLSchema(etree.fromstring(BOTH, parser, base_url=f"{SCHEMAS.resolve().as_uri()}/both.xsd"))


@pytest.fixture
def course(library: Library) -> Course:
    return library.course_for("secrecy-basics", date(2026, 11, 27))


def say(text: str) -> str:
    return fill(text, "みどりの会", {})


def members(course: Course) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(scorm.package(course, say))) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def changed(course: Course, **said: Any) -> Course:
    return Course.model_validate({**course.model_dump(mode="json"), "readings": {}, **said})


def test_a_package_holds_the_manifest_the_page_its_script_and_its_style_only(course: Course) -> None:
    assert list(members(course)) == ["imsmanifest.xml", "index.html", "course.js", "course.css"]


def test_the_manifest_of_every_course_is_valid_by_the_official_schemas(library: Library, schema: Any) -> None:
    for each in library.courses:
        schema.assertValid(etree.fromstring(scorm.manifest(each, say)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'adlcp:scormtype="sco"', b'adlcp:scormtype="course"'),
        (b'adlcp:scormtype="sco"', b'adlcp:scormkind="sco"'),
        (b"masteryscore", b"passmark"),
        (b'identifier="RES" ', b""),
        (b'type="webcontent"', b""),
        (b"<file href=", b"<file src="),
        (b"organizations", b"courses"),
        (ADL.encode(), b"http://example.org/adlcp"),
    ],
)
def test_a_broken_manifest_is_not_valid(course: Course, schema: Any, old: bytes, new: bytes) -> None:
    manifest = scorm.manifest(course, say)
    assert old in manifest
    assert not schema.validate(etree.fromstring(manifest.replace(old, new)))


def test_the_manifest_says_what_platforms_ask(course: Course) -> None:
    manifest = ET.fromstring(members(changed(course, title="{organization}の<b>守秘</b>&"))["imsmanifest.xml"])
    [item] = manifest.iter(f"{{{IMS}}}item")
    [resource] = manifest.iter(f"{{{IMS}}}resource")
    assert [each.text for each in manifest.iter(f"{{{IMS}}}schemaversion")] == ["1.2"]
    assert {each.text for each in manifest.iter(f"{{{IMS}}}title")} == {"みどりの会の<b>守秘</b>&"}
    assert item.get("identifierref") == resource.get("identifier")
    assert item.findtext(f"{{{ADL}}}masteryscore") == "80"
    assert (resource.get("href"), resource.get(f"{{{ADL}}}scormtype")) == ("index.html", "sco")
    assert manifest.get("identifier") == "PC-secrecy-basics-2026"


def test_every_file_that_is_named_is_there_and_every_file_is_named(course: Course) -> None:
    files = members(course)
    manifest = ET.fromstring(files["imsmanifest.xml"])
    assert {each.get("href") for each in manifest.iter(f"{{{IMS}}}file")} == files.keys() - {"imsmanifest.xml"}
    assert {each.get("href") for each in manifest.iter() if each.get("href")} <= files.keys()
    page = html5lib.parse(files["index.html"], namespaceHTMLElements=False)
    named = {each.get(name) for each in page.iter() for name in ("src", "href", "action", "data") if each.get(name)}
    assert named == {"course.css", "course.js"}


def test_nothing_in_a_package_asks_another_machine(library: Library) -> None:
    for each in library.courses:
        files = members(each)
        for name in ("index.html", "course.js", "course.css"):
            found = re.findall(r"(?:https?:|src=|href=|url\(|@import|fetch|import\b).*", files[name].decode(), re.I)
            assert [line for line in found if '="course.' not in line] == [], name


def test_the_same_course_is_always_the_same_bytes(course: Course) -> None:
    content = scorm.package(course, say)
    assert scorm.package(changed(course, readings=course.readings), say) == content
    assert scorm.package(changed(course, title="別の題"), say) != content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {each.date_time for each in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_page_says_everything_and_marks_what_is_right(course: Course) -> None:
    page = html5lib.parse(members(course)["index.html"], namespaceHTMLElements=False)
    words = "".join(page.itertext())
    for question in course.questions:
        told = [
            question.situation,
            question.ask,
            *(said for each in question.choices for said in (each.text, each.because)),
        ]
        assert [each for each in told if say(each) not in words] == []
    assert "**" not in words
    right = [each.findtext("label/span") for each in page.iter("div") if each.get("data-right") == "yes"]
    assert right == [say(each.choices[each.right].text) for each in course.questions]
    [main] = page.iter("main")
    assert (main.get("data-asked"), main.get("data-pass")) == (str(course.asked), "80")


def test_html_in_a_text_is_shown_and_never_done(course: Course) -> None:
    told = course.model_dump(mode="json")
    told["title"] = told["summary"] = told["lessons"][0]["title"] = NASTY
    question = told["questions"][0]
    question["situation"] = question["ask"] = NASTY
    question["choices"][0] |= {"text": NASTY, "because": NASTY}
    told["lessons"][0]["text"] = "**{organization}**" + "で守ります。" * 30
    nasty = changed(course, **told | {"readings": {}})
    page = scorm.package(nasty, lambda text: fill(text, NASTY, {}))
    with zipfile.ZipFile(io.BytesIO(page)) as archive:
        tree = html5lib.parse(archive.read("index.html"), namespaceHTMLElements=False)
    assert [each.get("src") for each in tree.iter("script")] == ["course.js"]
    assert not [*tree.iter("img")]
    shown = "".join(tree.itertext())
    assert shown.count(NASTY) == 9  # the title twice, and the name of the organization
