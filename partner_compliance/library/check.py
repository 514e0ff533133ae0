"""Looks through everything on the shelf and says what is broken, file by file and line by line."""

import difflib
import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from partner_compliance.library import clauses as clause_lists
from partner_compliance.library import courses, pledges, readiness, requirements, rules, yaml_lines
from partner_compliance.library.checklists import Checklist, contradictions
from partner_compliance.library.clauses import ClauseList
from partner_compliance.library.courses import Course, CourseFile
from partner_compliance.library.pledges import LawBook, Wording
from partner_compliance.library.readiness import Ladder
from partner_compliance.library.requirements import Suggestions
from partner_compliance.library.rules import EvidenceList, ModelRule, PracticeList, Wizard
from partner_compliance.library.yaml_lines import Document, Where, quoted

Shape = TypeVar("Shape", bound=BaseModel)
DatedShape = TypeVar("DatedShape", ModelRule, Wizard, EvidenceList, PracticeList, Ladder, Suggestions)
_HasDay = (
    Wording | LawBook | ModelRule | Wizard | EvidenceList | PracticeList | CourseFile | Course | Ladder | Suggestions
)


@dataclass(frozen=True, order=True)
class Problem:
    """Something that keeps content from being used; `path` is relative to the project's folder."""

    path: PurePosixPath
    line: int
    message: str

    def __str__(self) -> str:
        path = str(self.path).encode("utf-8", "backslashreplace").decode()  # a name may come from another encoding
        return f"{path}:{self.line}: {self.message}"


@dataclass
class Findings:
    """What a look through the shelf brought to light: the usable content and everything that is wrong."""

    checklists: list[Checklist] = field(default_factory=list)
    clause_lists: list[ClauseList] = field(default_factory=list)
    it_clause_lists: list[ClauseList] = field(default_factory=list)
    rules: list[ModelRule] = field(default_factory=list)
    wizards: list[Wizard] = field(default_factory=list)
    evidence: list[EvidenceList] = field(default_factory=list)
    practices: list[PracticeList] = field(default_factory=list)
    wordings: list[Wording] = field(default_factory=list)
    law_books: list[LawBook] = field(default_factory=list)
    courses: list[Course] = field(default_factory=list)
    ladders: list[Ladder] = field(default_factory=list)
    suggestions: list[Suggestions] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def note(self, path: PurePosixPath, line: int, message: str) -> None:
        self.problems.append(Problem(path, line, message))


def check(root: Path) -> list[Problem]:
    """All problems of the content below the project folder `root`, sorted by file and line; empty if all is well."""
    return examine(root).problems


def examine(root: Path) -> Findings:
    """Read all content below `root` once; the app's start and `check` both stand on this, so they never disagree."""
    findings = Findings()
    _examine_checklists(root, findings)
    _examine_rules(root, findings)
    _examine_pledges(root, findings)
    _examine_courses(root, findings)
    _read_dated(root, PurePosixPath("readiness"), findings, Ladder, readiness.contradictions, findings.ladders)
    _read_dated(
        root, PurePosixPath("requirements"), findings, Suggestions, requirements.contradictions, findings.suggestions
    )
    findings.problems = sorted(set(findings.problems))
    return findings


# --- the shelf of check sheets ---------------------------------------------------------------------------------------


def _examine_checklists(root: Path, findings: Findings) -> None:
    what = "点検表ごとのフォルダー"
    shelf = PurePosixPath("checklists")
    for path, content, published in _in_folders(root, shelf, findings, what, "take-out/2026.yaml"):
        if checklist := _checklist(path, content, findings):
            findings.checklists.append(checklist.as_published() if published else checklist)


def _in_folders(
    root: Path, shelf: PurePosixPath, findings: Findings, what: str, example: str
) -> Iterator[tuple[PurePosixPath, bytes, bool]]:
    """Each edition on a shelf that has a folder for each key, with whether it is published."""
    if not (root / shelf).is_dir():
        findings.note(shelf, 1, f"フォルダー {shelf} がありません。")
        return
    editions: dict[str, bytes] = {}
    for entry in _visible(root, shelf, findings):
        if (root / entry).is_dir() and not (root / entry).is_symlink():
            editions |= _editions_in(root, entry, findings)
        elif entry.name not in ("README.md", "PUBLISHED"):
            findings.note(entry, 1, f"ここに置けるのは README.md と PUBLISHED と、{what}だけです。")
    for name, content, published in _with_seals(root, shelf, editions, findings, example, _IN_A_FOLDER):
        yield shelf / name, content, published


def _with_seals(
    root: Path, shelf: PurePosixPath, editions: dict[str, bytes], findings: Findings, example: str, names: str
) -> Iterator[tuple[str, bytes, bool]]:
    """Each edition with whether it is published; what does not agree with the list of seals goes to the findings."""
    frozen = _frozen(root, shelf, findings, example, names)
    for name, content in editions.items():
        published = name in frozen
        if published:
            line, digest = frozen.pop(name)
            if hashlib.sha256(content).hexdigest() != digest:
                findings.note(
                    shelf / name,
                    1,
                    f"公開済みの版の中身が変わっています（PUBLISHED の {line} 行目と合いません）。"
                    "元に戻し、直したい内容は新しい版として書いてください。",
                )
        yield name, content, published
    for name, (line, _) in frozen.items():
        findings.note(shelf / "PUBLISHED", line, f"公開済みの版 {quoted(name)} のファイルがありません。")


#: What the names of editions look like: in a folder for each check sheet, or on the shelf itself.
_IN_A_FOLDER, _ON_THE_SHELF = r"[a-z0-9-]+/[0-9a-z]+\.yaml", r"[0-9a-z]+\.yaml"


def _editions_in(root: Path, folder: PurePosixPath, findings: Findings) -> dict[str, bytes]:
    """The edition files of one check sheet, by their name on the shelf."""
    editions: dict[str, bytes] = {}
    for entry in _visible(root, folder, findings):
        if entry.suffix != ".yaml":
            findings.note(entry, 1, "ここに置けるのは版のファイル（例: 2026.yaml）だけです。")
        elif (content := _read(root, entry, findings)) is not None:
            editions[f"{folder.name}/{entry.name}"] = content
    if not editions:
        findings.note(folder, 1, "版のファイル（例: 2026.yaml）が一つもありません。")
    return editions


def _read(root: Path, entry: PurePosixPath, findings: Findings) -> bytes | None:
    try:
        if (root / entry).is_symlink() or not (root / entry).is_file():
            findings.note(entry, 1, "ふつうのファイルではありません。")
            return None
        with (root / entry).open("rb") as file:
            return file.read(yaml_lines.MAX_BYTES + 1)
    except OSError as error:
        findings.note(entry, 1, f"ファイルを開けません（{error.strerror}）。")
        return None


def _visible(root: Path, folder: PurePosixPath, findings: Findings) -> list[PurePosixPath]:
    """What lies in a folder, without the hidden files that editors and file managers leave behind."""
    try:
        return [folder / name for name in sorted(e.name for e in (root / folder).iterdir()) if not name.startswith(".")]
    except OSError as error:
        findings.note(folder, 1, f"フォルダーを開けません（{error.strerror}）。")
        return []


def _frozen(
    root: Path, shelf: PurePosixPath, findings: Findings, example: str, names: str
) -> dict[str, tuple[int, str]]:
    """The published editions that PUBLISHED names, each with the line that names it and its checksum."""
    path = shelf / "PUBLISHED"
    try:
        text = (root / path).read_bytes().decode("utf-8")
    except FileNotFoundError:
        findings.note(path, 1, "公開済みの版の一覧 PUBLISHED がありません。")
        return {}
    except UnicodeDecodeError:
        findings.note(path, 1, "文字コードが UTF-8 ではありません。")
        return {}
    except OSError as error:
        findings.note(path, 1, f"ファイルを開けません（{error.strerror}）。")
        return {}

    frozen: dict[str, tuple[int, str]] = {}
    # Only "\n" ends a line, as for sha256sum itself: a list saved with Windows line ends would not verify.
    for number, line in enumerate(text.removesuffix("\n").split("\n") if text else [], start=1):
        entry = re.fullmatch(rf"([0-9a-f]{{64}}) [ *]({names})", line)
        if entry is None:
            findings.note(path, number, _BAD_ENTRY.format(shelf=shelf, example=example))
        elif entry[2] in frozen:
            findings.note(path, number, f"{quoted(entry[2])} が二度書かれています。")
        else:
            frozen[entry[2]] = (number, entry[1])
    return frozen


_BAD_ENTRY = (
    "行の形が正しくありません。{shelf} フォルダーで実行した「sha256sum {example}」などの出力を、"
    "一版一行、そのまま書きます（改行は LF）。"
)


# --- the shelf of rules ----------------------------------------------------------------------------------------------

_Disagreements = Callable[[object], Iterator[tuple[Where, str]]]


def _examine_rules(root: Path, findings: Findings) -> None:
    shelf = PurePosixPath("rules")
    if not (root / shelf).is_dir():
        findings.note(shelf, 1, f"フォルダー {shelf} がありません。")
        return
    for name, keep in (("clauses", findings.clause_lists), ("it-clauses", findings.it_clause_lists)):
        for path, content, published in _lying_on(root, shelf / name, findings):
            if clauses := _clause_list(path, content, findings, keep):
                keep.append(clauses.as_published() if published else clauses)
    _read_dated(root, shelf / "wizard", findings, Wizard, rules.wizard_contradictions, findings.wizards)
    _read_dated(root, shelf / "evidence", findings, EvidenceList, rules.nothing, findings.evidence)
    _read_dated(root, shelf / "practices", findings, PracticeList, rules.practice_contradictions, findings.practices)
    for key in rules.RULE_KEYS:
        kept: list[ModelRule] = []
        _read_dated(root, shelf / key, findings, ModelRule, rules.rule_contradictions, kept)
        findings.rules += kept
    known = {"README.md", "clauses", "it-clauses", "wizard", "evidence", "practices", *rules.RULE_KEYS}
    for entry in _visible(root, shelf, findings):
        if entry.name not in known:
            findings.note(entry, 1, f"ここに置けるのは、次のものだけです: {'、'.join(sorted(known))}")
    _unknown_across(root, findings)


def _lying_on(root: Path, shelf: PurePosixPath, findings: Findings) -> Iterator[tuple[PurePosixPath, bytes, bool]]:
    """Each edition that lies on a shelf itself, with whether it is published."""
    if not (root / shelf).is_dir():
        findings.note(shelf, 1, f"フォルダー {shelf} がありません。")
        return
    editions: dict[str, bytes] = {}
    for entry in _visible(root, shelf, findings):
        if entry.suffix == ".yaml":
            if (content := _read(root, entry, findings)) is not None:
                editions[entry.name] = content
        elif entry.name not in ("README.md", "PUBLISHED"):
            findings.note(
                entry, 1, "ここに置けるのは README.md と PUBLISHED と、版のファイル（例: 2026.yaml）だけです。"
            )
    if not editions:
        findings.note(shelf, 1, "版のファイル（例: 2026.yaml）が一つもありません。")
    for name, content, published in _with_seals(root, shelf, editions, findings, "2026.yaml", _ON_THE_SHELF):
        yield shelf / name, content, published


def _read_dated(
    root: Path,
    shelf: PurePosixPath,
    findings: Findings,
    shape: type[DatedShape],
    disagreements: _Disagreements,
    keep: list[DatedShape],
) -> None:
    for path, content, published in _lying_on(root, shelf, findings):
        names: tuple[tuple[str, str, str], ...] = (("edition", path.stem, "ファイル名"),)
        if shape is ModelRule:
            names = (("key", shelf.name, "フォルダー名"), *names)
        found = _shaped(path, content, findings, shape, names, disagreements)
        if found is not None:
            _note_shared_day(path, content, found, keep, findings)
            keep.append(found.as_published() if published else found)


def _unknown_across(root: Path, findings: Findings) -> None:
    """What one file of the shelf names and no other one knows; only where all could be read."""
    lists = (*findings.clause_lists, *findings.it_clause_lists)
    clauses = {key for each in lists for key in each.clauses}
    articles = {f"{rule.key}/{key}" for rule in findings.rules for key in rule.articles}
    shelf = PurePosixPath("rules")
    if not findings.wizards or not findings.clause_lists or not findings.it_clause_lists:
        return
    wizard = max(findings.wizards, key=lambda each: each.valid_from)
    for rule in findings.rules:
        _note_at(root, shelf / rule.key, rule, rules.unknown_names(rule, wizard, clauses), findings)
    for evidence in findings.evidence:
        wrong: list[tuple[Where, str]] = [
            (("evidence", at, "clause"), f"条項 {quoted(each.clause)} がありません。")
            for at, each in enumerate(evidence.evidence)
            if each.clause not in clauses
        ]
        _note_at(root, shelf / "evidence", evidence, iter(wrong), findings)
    for practices in findings.practices:
        wrong = [
            (("cards", at, "articles"), f"条 {quoted(article)} がありません。")
            for at, card in enumerate(practices.cards)
            for article in card.articles
            if article not in articles
        ]
        _note_at(root, shelf / "practices", practices, iter(wrong), findings)


def _note_at(
    root: Path,
    folder: PurePosixPath,
    content: ModelRule | EvidenceList | PracticeList,
    wrong: Iterator[tuple[Where, str]],
    findings: Findings,
) -> None:
    path = folder / f"{content.edition}.yaml"
    for where, message in wrong:
        findings.note(path, yaml_lines.load((root / path).read_bytes()).line_of(where), message)


def _clause_list(
    path: PurePosixPath, content: bytes, findings: Findings, others: Sequence[ClauseList]
) -> ClauseList | None:
    """Read one edition; whatever is wrong goes to the findings, and then there is no list."""
    names = (("edition", path.stem, "ファイル名"),)
    clauses = _shaped(path, content, findings, ClauseList, names, clause_lists.contradictions)
    if clauses is None:
        return None
    document = yaml_lines.load(content)
    for other in others:
        if other.valid_from_month == clauses.valid_from_month:
            _note_shared_month(path, document, clauses.valid_from_month, other.edition, findings)
    return clauses


def _shaped(
    path: PurePosixPath,
    content: bytes,
    findings: Findings,
    shape: type[Shape],
    names: tuple[tuple[str, str, str], ...],
    disagreements: Callable[[object], Iterator[tuple[Where, str]]],
) -> Shape | None:
    """Read one file in its shape; whatever is wrong goes to the findings, and then there is nothing."""
    document = yaml_lines.load(content)
    for flaw in document.flaws:
        findings.note(path, flaw.line, flaw.message)
    if document.value is None and document.flaws:
        return None
    for where, message in disagreements(document.value):
        findings.note(path, document.line_of(where), message)
    _names_differ(path, document, findings, names)
    try:
        shaped = shape.model_validate(document.value)
    except ValidationError as error:
        _note_errors(path, document, error, findings, shape)
        return None
    return None if document.flaws else shaped


# --- the shelf of pledges ---------------------------------------------------------------------------------------

_LAWS = "laws"


def _examine_pledges(root: Path, findings: Findings) -> None:
    shelf = PurePosixPath("pledges")
    what = "誓約ごとのフォルダーと、法律のフォルダー laws"
    for path, content, published in _in_folders(root, shelf, findings, what, "joining/2026.yaml"):
        edition = ("edition", path.stem, "ファイル名")
        if path.parent.name == _LAWS:
            book = _shaped(path, content, findings, LawBook, (edition,), pledges.law_contradictions)
            if book is not None:
                _note_shared_day(path, content, book, findings.law_books, findings)
                findings.law_books.append(book.as_published() if published else book)
            continue
        names = (("key", path.parent.name, "フォルダー名"), edition)
        wording = _shaped(path, content, findings, Wording, names, pledges.contradictions)
        if wording is not None:
            same = [other for other in findings.wordings if other.key == wording.key]
            _note_shared_day(path, content, wording, same, findings)
            findings.wordings.append(wording.as_published() if published else wording)


def _note_shared_day(
    path: PurePosixPath, content: bytes, new: _HasDay, others: Sequence[_HasDay], findings: Findings
) -> None:
    for other in others:
        if other.valid_from == new.valid_from:
            findings.note(
                path,
                yaml_lines.load(content).line_of(("valid_from",)),
                f"使い始める日 {new.valid_from} が、版 {quoted(other.edition)} と同じです。",
            )


# --- the shelf of courses ---------------------------------------------------------------------------------------

_EDITION = re.compile(r"[0-9]{4}[a-z]?")
_IN_A_COURSE = r"[a-z0-9-]+/(?:[0-9]{4}[a-z]?/)?[0-9a-z-]+\.(?:yaml|md)"
_BESIDE = {"handout.md": courses.HANDOUT_LENGTH, "discussion.md": courses.DISCUSSION_LENGTH}


def _examine_courses(root: Path, findings: Findings) -> None:
    shelf = PurePosixPath("courses")
    if not (root / shelf).is_dir():
        findings.note(shelf, 1, f"フォルダー {shelf} がありません。")
        return
    folders: list[PurePosixPath] = []
    for entry in _visible(root, shelf, findings):
        if (root / entry).is_dir() and not (root / entry).is_symlink():
            folders.append(entry)
            inside = _visible(root, entry, findings)
            folders += [each for each in inside if (root / each).is_dir() and _EDITION.fullmatch(each.name)]
        elif entry.name not in ("README.md", "PUBLISHED"):
            findings.note(entry, 1, "ここに置けるのは README.md と PUBLISHED と、講座ごとのフォルダーだけです。")
    files = {folder: _course_files(root, folder, findings) for folder in folders}
    contents = {
        str(path.relative_to(shelf)): content for each in files.values() for path, content in each.items()
    }  # fmt: skip
    example = "secrecy-basics/course.yaml"
    sealed = {
        shelf / name
        for name, _, published in _with_seals(root, shelf, contents, findings, example, _IN_A_COURSE)
        if published
    }
    for folder, held in files.items():
        course = _course(folder, held, findings)
        if course is None:
            continue
        here = {path for path in held if path in sealed}
        if here and here != set(held):
            missing = min(set(held) - here)
            findings.note(missing, 1, "講座のほかのファイルは公開済みです。このファイルも PUBLISHED に書いてください。")
        findings.courses.append(course.as_published() if here else course)


def _course_files(root: Path, folder: PurePosixPath, findings: Findings) -> dict[PurePosixPath, bytes]:
    found = {}
    for entry in _visible(root, folder, findings):
        if entry.suffix in (".yaml", ".md"):
            if (content := _read(root, entry, findings)) is not None:
                found[entry] = content
        elif not (root / entry).is_dir() or not _EDITION.fullmatch(entry.name) or _EDITION.fullmatch(folder.name):
            findings.note(entry, 1, "ここに置けるのは course.yaml と、読みもの・配る紙（.md）だけです。")
    return found


def _course(folder: PurePosixPath, files: dict[PurePosixPath, bytes], findings: Findings) -> Course | None:
    """Read one course with its texts; whatever is wrong goes to the findings, and then there is none."""
    path = folder / "course.yaml"
    if path not in files:
        findings.note(folder, 1, "course.yaml がありません。")
        return None
    is_old = _EDITION.fullmatch(folder.name) is not None
    names: tuple[tuple[str, str, str], ...] = (
        (("key", folder.parent.name, "フォルダー名"), ("edition", folder.name, "フォルダー名"))
        if is_old
        else (("key", folder.name, "フォルダー名"),)
    )
    shaped = _shaped(path, files[path], findings, CourseFile, names, courses.contradictions)
    if shaped is None:
        return None
    wanted = {each.file: courses.LESSON_LENGTH for each in shaped.lessons} | _BESIDE
    texts = _course_texts(folder, files, wanted, findings)
    _note_unknown(folder, yaml_lines.load(files[path]), shaped, texts, findings)
    if set(texts) != set(wanted):
        return None
    same = [each for each in findings.courses if each.key == shaped.key]
    _note_shared_day(path, files[path], shaped, same, findings)
    if any(each.edition == shaped.edition for each in same):
        findings.note(path, 1, f"版 {quoted(shaped.edition)} が二つあります。")
    return shaped.with_texts(texts) if not [each for each in findings.problems if each.path.parent == folder] else None


def _course_texts(
    folder: PurePosixPath,
    files: dict[PurePosixPath, bytes],
    wanted: dict[str, tuple[int, int]],
    findings: Findings,
) -> dict[str, str]:
    """The texts beside `course.yaml` that are as they should be."""
    texts: dict[str, str] = {}
    for name in sorted(wanted.keys() - {path.name for path in files}):
        findings.note(folder / "course.yaml", 1, f"ファイル {quoted(name)} がありません。")
    for path, content in files.items():
        if path.name == "course.yaml":
            continue
        if path.name not in wanted:
            findings.note(path, 1, "course.yaml の lessons に書かれていないファイルです。")
            continue
        try:
            text = content.decode("utf-8-sig").removesuffix("\n")  # a byte order mark in front, as in YAML
        except UnicodeDecodeError:
            findings.note(path, 1, "文字コードが UTF-8 ではありません。")
            continue
        if "\r" in text:
            findings.note(path, 1, "改行は LF にしてください。")
        elif flaw := courses.prose_flaw(text, wanted[path.name]):
            findings.note(path, courses.line_of_flaw(text), flaw)
        else:
            texts[path.name] = text
    return texts


def _note_unknown(
    folder: PurePosixPath, document: Document, course: CourseFile, texts: dict[str, str], findings: Findings
) -> None:
    """Names in braces that nothing fills in, and readings of words that do not occur."""
    law = {name for book in findings.law_books for name in book.citations(course.law_as_of)}
    path = folder / "course.yaml"
    inside = [(path, document.line_of(where), name) for where, name in courses.names_in(course)]
    for file, text in texts.items():
        for number, line in enumerate(text.split("\n"), start=1):
            inside += [(folder / file, number, name) for name in courses.braces(line)]
    for place, number, name in inside:
        if name != "organization" and name not in law:
            message = f"差し込み {{{name}}} は使えません。{{organization}} と、法律の説明の名前が使えます。"
            findings.note(place, number, message)
    everything = "\n".join([*courses.words_of(course), *texts.values()])
    for word in course.readings:
        if word not in everything:
            line_of_word = document.line_of(("readings", word))
            findings.note(path, line_of_word, f"{quoted(word)} は、この講座のどこにも出てきません。")


# --- one check sheet -------------------------------------------------------------------------------------------------


def _checklist(path: PurePosixPath, content: bytes, findings: Findings) -> Checklist | None:
    """Read one edition; whatever is wrong goes to the findings, and then there is no checklist."""
    names = (("key", path.parent.name, "フォルダー名"), ("edition", path.stem, "ファイル名"))
    checklist = _shaped(path, content, findings, Checklist, names, contradictions)
    if checklist is not None:
        _shares_a_month(path, checklist, yaml_lines.load(content), findings)
    return checklist


def _note_errors(
    path: PurePosixPath, document: Document, error: ValidationError, findings: Findings, shape: type[BaseModel]
) -> None:
    for details in error.errors(include_url=False):
        if details["type"] == "too_short" and len(details["input"]) >= details["ctx"]["min_length"]:
            continue  # some of its members are broken, which is said of each
        where, message = _explained(details, shape)
        if where or details["type"] != "value_error":  # the contradictions, already noted one by one
            findings.note(path, document.line_of(where), message)


def _names_differ(
    path: PurePosixPath, document: Document, findings: Findings, names: tuple[tuple[str, str, str], ...]
) -> None:
    for name, expected, place in names:
        said = document.value.get(name) if isinstance(document.value, dict) else None
        if isinstance(said, str) and said != expected:
            findings.note(
                path, document.line_of((name,)), f"{name} が {quoted(said)} ですが、{place}は {quoted(expected)} です。"
            )


def _shares_a_month(path: PurePosixPath, checklist: Checklist, document: Document, findings: Findings) -> None:
    for other in findings.checklists:
        if (other.key, other.valid_from_month) == (checklist.key, checklist.valid_from_month):
            _note_shared_month(path, document, checklist.valid_from_month, other.edition, findings)


def _note_shared_month(
    path: PurePosixPath, document: Document, month: str, other_edition: str, findings: Findings
) -> None:
    findings.note(
        path,
        document.line_of(("valid_from_month",)),
        f"使い始める月 {month} が、版 {quoted(other_edition)} と同じです。",
    )


# --- pydantic's words in ours ----------------------------------------------------------------------------------------

_SAID: dict[str, str] = {
    "string_type": '文字で書いてください（数字や true だけのときは "2026" のように引用符で囲みます）。',
    "int_type": "整数で書いてください。",
    "tuple_type": "「- 」で始まる行を並べて書いてください。",
    "frozen_set_type": "「- 」で始まる行を並べて書いてください。",
    "dict_type": "「名前: 値」の行を並べて書いてください。",
    "model_type": "「名前: 値」の行を並べて書いてください。",
    "too_short": "少なすぎます（いま{actual_length}。{min_length}以上にしてください）。",
    "too_long": "多すぎます（いま{actual_length}。{max_length}までにしてください）。",
    "date_from_datetime_parsing": '日付は "2026-04-01" の形で書いてください。',
    "date_type": '日付は "2026-04-01" の形で書いてください。',
    "date_parsing": '日付は "2026-04-01" の形で書いてください。',
    "bool_type": "true か false を書いてください。",
    "literal_error": "次のどれかを書いてください: {expected}",
    "greater_than_equal": "{ge} 以上の数を書いてください。",
    "less_than_equal": "{le} 以下の数を書いてください。",
}


def _explained(details: ErrorDetails, shape: type[BaseModel]) -> tuple[Where, str]:
    """Where a pydantic error lies in the file, and what it means in plain Japanese."""
    where: Where = details["loc"]
    kind, context = details["type"], details.get("ctx", {})
    if kind == "extra_forbidden":
        return where, _unknown(str(where[-1]), _fields_at(where[:-1], shape))
    if kind == "missing":
        return where[:-1], f"項目名 {quoted(str(where[-1]))} がありません。"

    if kind == "value_error":
        message = str(context["error"])
    elif kind == "enum":
        message = "次のどれかを書いてください: " + ", ".join(re.findall(r"'([\w-]+)'", context["expected"]))
    elif kind == "too_short" and context["min_length"] == 1:
        message = "一つ以上書いてください。"
    else:
        message = _SAID.get(kind, f"形が正しくありません（{kind}）。").format(**context)
    name = next((step for step in reversed(where) if isinstance(step, str)), None)
    return where, f"{quoted(name)}: {message}" if name else message


def _unknown(name: str, known: list[str]) -> str:
    message = f"知らない項目名 {quoted(name)} です。使えるのは: {', '.join(known)}"
    if close := difflib.get_close_matches(name, known, n=1):
        message += f"（{quoted(close[0])} の書きまちがいではありませんか）"
    return message


def _fields_at(where: Where, shape: type[BaseModel]) -> list[str]:
    """The names that the shape at `where` knows, seen from the shape of the whole file."""
    for step in where:
        if isinstance(step, str):
            shape = next(_shapes_in(shape.model_fields[step].annotation))
    return list(shape.model_fields)


def _shapes_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _shapes_in(part)
