"""A kit as one thing: what is in it, and the file in which it travels. Nothing in such a file is ever run or unpacked.

The file is a zip of exactly three members: `manifest.json` (format, and length and SHA-256 of the others), `kit.json`
and `README.txt`. Whatever else a file holds, it is refused as a whole.
"""

import hashlib
import io
import json
import stat
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    field_validator,
    model_serializer,
    model_validator,
)

from partner_compliance.errors import InvalidInput, WrongEntry
from partner_compliance.kits.words import Activity, Headcount
from partner_compliance.library import courses as shapes
from partner_compliance.library.courses import Course
from partner_compliance.library.rules import RULE_KEYS, placeholders_of
from partner_compliance.rulebooks import texts
from partner_compliance.rulebooks.texts import Article
from partner_compliance.web import control_characters

#: The newest format; a kit without own courses stays in the first one, which older systems read.
FORMAT = 2
MOST_BYTES = 2 * 1024 * 1024
_MOST_UNPACKED = 4 * 1024 * 1024
_MEMBERS = ("manifest.json", "kit.json", "README.txt")
_MOST_DEPTH = 12
MOST_EXTRAS, MOST_TIPS, MOST_PROMISES, MOST_COURSES = 10, 60, 10, 20
#: Under this item the courses of a kit stand among an organization's own tips.
COURSES_ITEM = "研修"
LONGEST_LINE = 300
MOST_OWN_COURSES = 10
#: Characters of a course as JSON, of which ten fit well into a file, and of one of its texts.
_MOST_OF_COURSE, _LONGEST_TEXT, _MOST_READINGS = 40_000, 4000, 600
_LONGEST_TITLE, _LONGEST_KEY, _LONGEST_EDITION = 100, 60, 12
#: Of a course's title in a message.
_LONGEST_NAME = 40


class BrokenKit(InvalidInput):
    """A file that is no kit of ours, whole and unchanged."""

    title = "このファイルは取り込めません"
    what_to_do = "何も取り込んでいません。キットを作った団体に、ファイルをもう一度もらってください。"


class NewerKit(BrokenKit):
    """A kit that a newer version of this system wrote."""

    message = "このキットは、新しい版のシステムで作られています。この版では読めません。"
    what_to_do = "何も取り込んでいません。運営に、システムを新しい版にできるかを尋ねてください。"


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Publisher(_Shape):
    """Who published a kit; the id is the same in every installation."""

    id: UUID
    name: str = Field(min_length=1, max_length=200)
    kind: Literal["organization", "network", "municipality"]


class PackagedRule(_Shape):
    """A rule with placeholders where an organization's names stand; each article's source holds its lineage."""

    key: str
    title: str = Field(min_length=1, max_length=100)
    articles: tuple[Article, ...] = Field(min_length=1, max_length=120)

    @field_validator("key")
    @classmethod
    def _is_known(cls, key: str) -> str:
        if key not in RULE_KEYS:
            raise ValueError("知らない規程です")
        return key


class Tip(_Shape):
    """How something is done here: about an item of the check sheet (1-2) or an article (privacy-rule/disposal)."""

    item: str = Field(min_length=1, max_length=60)
    text: str = Field(min_length=1, max_length=LONGEST_LINE)


class Package(_Shape):
    """Everything that a kit hands on."""

    format: Literal[1, 2]
    kit_id: UUID
    number: int = Field(ge=1, le=9999)
    title: str = Field(min_length=1, max_length=100)
    about: str = Field(max_length=1000)
    publisher: Publisher
    activity: Activity
    headcount: Headcount
    legal_form: str = Field(max_length=40)
    published_on: date
    rules: tuple[PackagedRule, ...] = Field(max_length=len(RULE_KEYS))
    #: Answers of the wizard that a municipality asks for, or that the rules were written with.
    answers: dict[str, str] = {}
    #: {key of the pledge: own promises}
    promises: dict[str, tuple[str, ...]] = {}
    extras: tuple[str, ...] = Field(default=(), max_length=MOST_EXTRAS)
    tips: tuple[Tip, ...] = Field(default=(), max_length=MOST_TIPS)
    #: Which courses are taken here, by title and where they are found.
    courses: tuple[str, ...] = Field(default=(), max_length=MOST_COURSES)
    #: The organization's own courses, with `{organization}` where its name stood; only in format 2.
    own_courses: tuple[Course, ...] = Field(default=(), max_length=MOST_OWN_COURSES)

    @model_validator(mode="after")
    def _has_the_format_of_its_content(self) -> Self:
        if self.format == 1 and "own_courses" in self.model_fields_set:
            raise ValueError("形式1のキットに、団体の講座は入りません。")
        if self.format == 2 and not self.own_courses:
            raise ValueError("形式2のキットに、団体の講座が入っていません。")
        return self

    @model_serializer(mode="wrap")
    def _as_in_its_format(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Format 1 knows no own courses: what it says, and so its digest, is what it always was."""
        said: dict[str, Any] = handler(self)
        if self.format == 1:
            said.pop("own_courses", None)
        return said

    @property
    def lineage(self) -> frozenset[str]:
        """The ids of everyone through whose hands some article came."""
        return frozenset(
            each for rule in self.rules for article in rule.articles for each in article.source.get("lineage", ())
        )


def without_courses(said: Mapping[str, Any]) -> Package:
    """A kit as it is kept, for whoever asks only for its rules: reading all the texts of courses takes longer."""
    return Package.model_validate({name: held for name, held in said.items() if name != "own_courses"} | {"format": 1})


# --- what a kit may hold ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Known:
    """What this installation knows: placeholders, questions with their answers, pledges, citations of law."""

    placeholders: frozenset[str]
    answers: Mapping[str, frozenset[str]]
    pledges: frozenset[str]
    citations: frozenset[str]


def require_package(package: Package, known: Known) -> None:
    """Raise BrokenKit, naming what and where, for a kit whose parts cannot be used here."""
    if len({rule.key for rule in package.rules}) != len(package.rules):
        raise BrokenKit("同じ規程が二度入っています。")
    for rule in package.rules:
        keys: set[str] = set()
        for article in rule.articles:
            _require_article(rule, article, keys, known)
            keys.add(article.key)
    for question, answer in package.answers.items():
        if answer not in known.answers.get(question, frozenset()):
            raise BrokenKit(f"質問「{question}」の答えが正しくありません。")
    for pledge, lines in package.promises.items():
        if pledge not in known.pledges:
            raise BrokenKit(f"知らない誓約「{pledge}」の約束が入っています。")
        if len(lines) > MOST_PROMISES or any(not each or len(each) > LONGEST_LINE for each in lines):
            raise BrokenKit(f"約束は{MOST_PROMISES}個まで、1つ{LONGEST_LINE}文字までです。")
        _require_plain("約束", *lines)
    if any(not each or len(each) > LONGEST_LINE for each in package.extras):
        raise BrokenKit(f"点検表に添える確認は、1つ{LONGEST_LINE}文字までです。")
    if any(not each or len(each) > LONGEST_LINE for each in package.courses):
        raise BrokenKit(f"研修の題材は、1つ{LONGEST_LINE}文字までです。")
    _require_plain(
        "確認と工夫",
        *package.extras,
        *package.courses,
        *(said for tip in package.tips for said in (tip.text, tip.item)),
    )
    _require_plain("キットの説明", package.title, package.about, package.publisher.name)
    _require_courses(package, known)


def _require_courses(package: Package, known: Known) -> None:
    if package.own_courses and package.publisher.kind == "municipality":
        raise BrokenKit("自治体のキットに、団体の講座は入りません。")
    if len({course.key for course in package.own_courses}) != len(package.own_courses):
        raise BrokenKit("同じ講座が二度入っています。")
    for course in package.own_courses:
        require_course(course, known)


def require_course(course: Course, known: Known) -> None:
    """Raise BrokenKit, naming the course, for one that cannot be used here; its shape is already that of a course."""
    said = course.model_dump(mode="json")
    where = _called(said, 1)
    _require_size(where, said)
    keys = (course.key, *(each.key for each in course.lessons), *(each.key for each in course.questions))
    if any(len(each) > _LONGEST_KEY for each in keys) or len(course.edition) > _LONGEST_EDITION:
        raise BrokenKit(f"{where}: 講座か問題の識別名、または版の名前が長すぎます。")
    if len(course.title) > _LONGEST_TITLE:
        raise BrokenKit(f"{where}: 題は{_LONGEST_TITLE}文字までです。")
    lines = (course.summary, course.source, *(each.title for each in course.lessons), *course.readings)
    if any(len(each) > LONGEST_LINE for each in lines):
        raise BrokenKit(f"{where}: 見出しや一行の説明は{LONGEST_LINE}文字までです。")
    _require_plain(where, *_words_in(said))
    unknown = {name for _, name in shapes.names_in(course)} - {"organization", *known.citations}
    if unknown:
        raise BrokenKit(f"{where}: 知らない穴うめがあります（{'、'.join(sorted(unknown))[:100]}）。")


def _require_size(where: str, said: object) -> None:
    """Raise BrokenKit for a course that is too large; asked before anything reads the texts, so that none is slow."""
    readings = said.get("readings") if isinstance(said, dict) else None
    if (isinstance(readings, dict) and len(readings) > _MOST_READINGS) or len(
        json.dumps(said, ensure_ascii=False)
    ) > _MOST_OF_COURSE:
        raise BrokenKit(f"{where}: 講座が大きすぎます。")
    if any(len(each) > _LONGEST_TEXT for each in _words_in(said)):
        raise BrokenKit(f"{where}: 文が長すぎます（一つの文章は{_LONGEST_TEXT}文字まで）。")


def _words_in(said: object) -> Iterator[str]:
    """Every text in JSON, names included."""
    if isinstance(said, str):
        yield said
    elif isinstance(said, dict):
        for name, child in said.items():
            yield name
            yield from _words_in(child)
    elif isinstance(said, list):
        for child in said:
            yield from _words_in(child)


def _called(said: object, number: int) -> str:
    """How a message names a course that may be broken."""
    title = said.get("title") if isinstance(said, dict) else None
    if not isinstance(title, str) or not title.strip() or control_characters(title, allow_lines=False):
        return f"{number}番目の講座"
    return f"講座「{title if len(title) <= _LONGEST_NAME else title[: _LONGEST_NAME - 1] + '…'}」"


def _require_article(rule: PackagedRule, article: Article, keys: set[str], known: Known) -> None:
    is_numbered = texts.NUMBER.fullmatch(article.number)
    where = f"「{rule.title}」の{article.label if is_numbered else article.number}"
    try:
        texts.position_of(article.number)
        texts.require_text(article.text)
    except WrongEntry as error:
        raise BrokenKit(f"{where}: {error.message}") from None
    if article.key in keys or len(article.key) > 60 or not article.title or len(article.title) > 100:
        raise BrokenKit(f"{where}: 条の名前か見出しが正しくありません。")
    told = (article.staff, article.why, article.who, article.chapter)
    if any(len(each) > 300 for each in told) or len(article.chapter) > 100:
        raise BrokenKit(f"{where}: 説明が長すぎます。")
    if any(len(each) > 100 for each in (*article.serves, *article.laws)):
        raise BrokenKit(f"{where}: 条項か法律の名前が長すぎます。")
    if set(article.source) - {"lineage"} or not _is_lineage(article.source.get("lineage", [])):
        raise BrokenKit(f"{where}: 由来の書き方が正しくありません。")
    unknown = placeholders_of(f"{article.text}\n{article.title}\n{article.staff}") - known.placeholders
    if unknown:
        raise BrokenKit(f"{where}: 知らない穴うめがあります（{'、'.join(sorted(unknown))}）。")
    _require_plain(where, article.text, article.title, *told)


def _is_lineage(said: object) -> bool:
    return isinstance(said, list | tuple) and len(said) <= 50 and all(isinstance(x, str) and len(x) <= 40 for x in said)


def _require_plain(where: str, *said: str) -> None:
    if any(control_characters(each, allow_lines=True) for each in said):
        raise BrokenKit(f"{where}: 使えない制御文字が入っています。")


# --- the file ---------------------------------------------------------------------------------------------------


def digest_of(package: Package) -> str:
    """SHA-256 of a package, in hexadecimal digits."""
    return hashlib.sha256(_json(package.model_dump(mode="json"))).hexdigest()


def _json(said: Any) -> bytes:
    return json.dumps(said, ensure_ascii=False, sort_keys=True, indent=1).encode()


def to_file(package: Package) -> bytes:
    """The file in which a kit travels; the same kit gives the same bytes."""
    members = {"kit.json": _json(package.model_dump(mode="json")), "README.txt": _readme(package).encode()}
    manifest = {
        "format": package.format,
        "made_with": "partner-compliance",
        "files": {
            name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in members.items()
        },
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {"manifest.json": _json(manifest), **members}.items():
            info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)
    return out.getvalue()


def _readme(package: Package) -> str:
    rules = "、".join(rule.title for rule in package.rules) or "（規程は入っていません）"
    courses = "、".join(course.title for course in package.own_courses)
    more = f"講座: {courses}\n" if courses else ""
    return (
        f"スターターキット「{package.title}」\n\n"
        f"公開した団体: {package.publisher.name}\n版: {package.number}（{package.published_on.isoformat()}）\n"
        f"規程: {rules}\n{more}\n{package.about}\n\n"
        "このファイルは、情報管理パートナーの「スターターキット」の画面で取り込みます。\n"
        "中のファイルを書き換えると、取り込めなくなります。\n"
    )


def from_file(content: bytes) -> Package:
    """Read a kit's file; raises BrokenKit or NewerKit. Nothing is written anywhere, and nothing is unpacked to disk."""
    if len(content) > MOST_BYTES:
        raise BrokenKit(f"ファイルが大きすぎます（{MOST_BYTES // 1024 // 1024}MBまで）。")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = {info.filename: _member(archive, info) for info in _listed(archive.infolist())}
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError):
        raise BrokenKit("ファイルが壊れているか、キットのファイルではありません。") from None
    manifest = _parsed(members["manifest.json"], "manifest.json")
    if not isinstance(manifest, dict) or manifest.get("made_with") != "partner-compliance":
        raise BrokenKit("キットのファイルではありません（manifest.json が違います）。")
    if isinstance(manifest.get("format"), int) and manifest["format"] > FORMAT:
        raise NewerKit
    files = manifest.get("files")
    for name in ("kit.json", "README.txt"):
        listed = files.get(name) if isinstance(files, dict) else None
        actual = {"bytes": len(members[name]), "sha256": hashlib.sha256(members[name]).hexdigest()}
        if listed != actual:
            raise BrokenKit(f"{name} が、作られたときから変わっています。")
    said = _parsed(members["kit.json"], "kit.json")
    if isinstance(said, dict) and isinstance(said.get("format"), int) and said["format"] > FORMAT:
        raise NewerKit
    courses = said.get("own_courses") if isinstance(said, dict) else None
    for number, course in enumerate(courses if isinstance(courses, list) else [], start=1):
        _require_size(_called(course, number), course)
    try:
        return Package.model_validate(said)
    except ValidationError as error:
        raise BrokenKit(_explained(error, courses)) from None


def _explained(error: ValidationError, courses: object) -> str:
    """The first thing that is wrong, in words; within a course with the course's title."""
    first = error.errors()[0]
    steps = first["loc"]
    reason = str(first["ctx"]["error"]) if first["type"] == "value_error" else ""
    if steps[:1] == ("own_courses",) and len(steps) > 1 and isinstance(courses, list) and isinstance(steps[1], int):
        name = _called(courses[steps[1]], steps[1] + 1)
        where = "・".join(str(step) for step in steps[2:])[:100]
        return f"{name}: {reason or '内容が正しくありません。'}" + (f"（{where}）" if where else "")
    where = "・".join(str(step) for step in steps)[:100]
    return f"kit.json の内容が正しくありません（{where or reason}）。"


def _listed(infos: Iterable[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """The members of a kit's file, once it is sure that there is nothing else and nothing hidden."""
    found = list(infos)
    if len(found) > len(_MEMBERS):
        raise BrokenKit(f"余分なファイルが入っています（{len(found)}個）。キットには3個だけが入ります。")
    names = sorted(info.filename for info in found)
    if names != sorted(_MEMBERS):
        raise BrokenKit("キットに入っているはずのファイルと違います。")
    for info in found:
        mode = info.external_attr >> 16
        if info.flag_bits & 0x1 or (mode and not stat.S_ISREG(mode) and stat.S_IFMT(mode)):
            raise BrokenKit(f"{info.filename} は、ふつうのファイルではありません。")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise BrokenKit(f"{info.filename} の圧縮の方法は使えません。")
    if sum(info.file_size for info in found) > _MOST_UNPACKED:
        raise BrokenKit("ファイルを広げると大きすぎます。")
    return found


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    with archive.open(info) as file:
        content = file.read(_MOST_UNPACKED + 1)
    if len(content) > _MOST_UNPACKED:
        raise BrokenKit("ファイルを広げると大きすぎます。")
    return content


def _parsed(content: bytes, name: str) -> Any:
    try:
        text = content.decode("utf-8")
        if _depth(text) > _MOST_DEPTH:
            raise ValueError
        return json.loads(text, object_pairs_hook=_once, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise BrokenKit(f"{name} を読めません。") from None


def _depth(text: str) -> int:
    deepest = depth = 0
    inside = escaped = False
    for char in text:
        if inside:
            if escaped:
                escaped = False
            elif char == "\\":
                escaped = True
            elif char == '"':
                inside = False
        elif char == '"':
            inside = True
        elif char in "[{":
            depth += 1
            deepest = max(deepest, depth)
            if deepest > _MOST_DEPTH:
                return deepest
        elif char in "]}":
            depth -= 1
    return deepest


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("the same name twice")
    return found


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)
