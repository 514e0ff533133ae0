"""A course as a SCORM 1.2 package: a zip that any learning platform plays (ADL, SCORM 1.2 Content Aggregation Model).

The page inside needs nothing from outside; it reports status and score to the platform it runs in.
"""

import io
import zipfile
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from xml.etree import ElementTree as ET

from jinja2 import Environment, PackageLoader, StrictUndefined

from partner_compliance.library.courses import PASS_PERCENT, Course
from partner_compliance.library.prose import blocks

_IMS = "http://www.imsproject.org/xsd/imscp_rootv1p1p2"
_ADL = "http://www.adlnet.org/xsd/adlcp_rootv1p2"
_FILES = ("course.js", "course.css")


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("partner_compliance.training", "player"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )


def package(course: Course, say: Callable[[str], str]) -> bytes:
    """The zip of a course; `say` fills in names and citations. The same course gives the same bytes."""
    page = (
        _environment()
        .get_template("index.html")
        .render(course=course, say=say, blocks=blocks, pass_percent=PASS_PERCENT)
    )
    player = files("partner_compliance.training").joinpath("player")
    members = {
        "imsmanifest.xml": manifest(course, say),
        "index.html": page.encode(),
        **{name: player.joinpath(name).read_bytes() for name in _FILES},
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)
    return out.getvalue()


def manifest(course: Course, say: Callable[[str], str]) -> bytes:
    """`imsmanifest.xml`: one organization with one item, which is the page (SCO), and its files."""
    ET.register_namespace("", _IMS)
    ET.register_namespace("adlcp", _ADL)
    identifier = f"PC-{course.key}-{course.edition}"
    root = ET.Element(f"{{{_IMS}}}manifest", {"identifier": identifier, "version": "1.0"})
    metadata = _below(root, "metadata")
    _below(metadata, "schema").text = "ADL SCORM"
    _below(metadata, "schemaversion").text = "1.2"
    organizations = _below(root, "organizations", default="ORG")
    organization = _below(organizations, "organization", identifier="ORG")
    _below(organization, "title").text = say(course.title)
    item = _below(organization, "item", identifier="ITEM", identifierref="RES", isvisible="true")
    _below(item, "title").text = say(course.title)
    score = ET.SubElement(item, f"{{{_ADL}}}masteryscore")
    score.text = str(PASS_PERCENT)
    resources = _below(root, "resources")
    resource = _below(resources, "resource", identifier="RES", type="webcontent", href="index.html")
    resource.set(f"{{{_ADL}}}scormtype", "sco")
    for name in ("index.html", *_FILES):
        _below(resource, "file", href=name)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _below(parent: ET.Element, tag: str, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, f"{{{_IMS}}}{tag}", attributes)
