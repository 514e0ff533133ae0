"""What a file would change on the roster: compared in memory, without asking the database anything."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from partner_compliance.clock import era_date
from partner_compliance.documents.tables import guarded
from partner_compliance.imports.columns import (
    BY_KEY,
    LABELS,
    Fault,
    FileRow,
    cells_of,
    clean,
    folded,
    joined,
    kind_named,
    names_in,
    shown,
    yes_or_no,
)
from partner_compliance.organizations.models import WorkerKind
from partner_compliance.roster.bulk import RosterRow
from partner_compliance.roster.operations import FIELDS, WorkerFacts, differing, faults_in, search_key
from partner_compliance.web import control_characters

#: Columns of the file and the fields of the roster that they say.
_FIELD_OF = {key: key for key in LABELS if key != "id"} | {"center": "center_id"}
_KEY_OF = {name: key for key, name in _FIELD_OF.items()}
_LONGEST_PROJECT = 200
_STEP = 100  # rows between two notes of progress
#: Fields that a row may leave open.
_OPEN = frozenset(["staff_number", "files_sheets", "left_on"])
#: What stands for someone whose row cannot be read whole, so that the rest of it is looked at all the same.
_NOBODY = WorkerFacts(name="", kind=WorkerKind.REGULAR, center_id=UUID(int=0), joined_on=date(1926, 1, 1))


@dataclass(frozen=True)
class Place:
    """A center or a project: its name, and the last day on which it was open, if any."""

    name: str
    closed_on: date | None = None


@dataclass(frozen=True)
class State:
    """The organization as the file meets it."""

    rows: Sequence[RosterRow]
    centers: Mapping[UUID, Place]
    projects: Mapping[UUID, Place]
    #: The workers who hold the role of the protection officer, and the posts that people hold today, in words.
    officers: frozenset[UUID] = frozenset()
    posts: Mapping[UUID, Sequence[str]] = field(default_factory=dict)

    def names(self) -> tuple[dict[UUID, str], dict[UUID, str]]:
        """The names of the centers and of the projects."""
        return (
            {key: place.name for key, place in self.centers.items()},
            {key: place.name for key, place in self.projects.items()},
        )

    @property
    def digest(self) -> str:
        """A short form of all that the changes are computed from; another one means that something has changed."""
        said = [
            sorted([str(row.worker.id), row.number, *(_plain(getattr(row.facts, name)) for name in FIELDS)]
                   for row in self.rows),
            *(sorted([str(key), place.name, _plain(place.closed_on)] for key, place in places.items())
              for places in (self.centers, self.projects)),
            sorted(map(str, self.officers)),
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return ",".join(sorted(map(str, value)))
    return str(value)


@dataclass(frozen=True)
class Addition:
    """Someone who would be put on the roster; `new_projects` are projects that there are not yet."""

    number: int
    facts: WorkerFacts
    cells: Mapping[str, str]
    new_projects: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """Someone whose row would change: (column, old, new) of each difference; without `number` when not in the file."""

    number: int | None
    row: RosterRow
    facts: WorkerFacts
    differences: tuple[tuple[str, str, str], ...]
    new_projects: tuple[str, ...] = ()
    posts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """All that a file would change, or all that is wrong with it: then `faults` is not empty and nothing is done."""

    faults: tuple[Fault, ...] = ()
    added: tuple[Addition, ...] = ()
    changed: tuple[Change, ...] = ()
    #: Those whose activity ends, whether the file says so or they are missing in it.
    ended: tuple[Change, ...] = ()
    unchanged: tuple[RosterRow, ...] = ()
    new_projects: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def changes_nothing(self) -> bool:
        """Whether the roster says all that already."""
        return not (self.added or self.changed or self.ended)


def plan(
    rows: Sequence[FileRow],
    state: State,
    *,
    faults: Iterable[Fault] = (),
    leave_on: date | None,
    uploader_id: UUID | None,
    today: date,
    progress: Callable[[int], None] = lambda _done: None,
) -> Plan:
    """What the rows of a file would change; `leave_on` is the last day of those who are not in it (None: they stay).

    `faults` are those already found in the form of the file; what else is wrong is found beside them.
    """
    planning = _Planning(state, today, faults)
    found = planning.match(rows)
    for done, row in enumerate(rows, start=1):
        planning.take(row, found.get(row.number))
        if done % _STEP == 0:
            progress(done)
    if leave_on is not None and len(found) == len(rows):
        planning.let_go(leave_on, {known.worker.id for known in found.values() if known is not None})
    planning.refuse_taken_numbers()
    planning.refuse_unfit_leavers(uploader_id)
    return planning.result()


class _Planning:
    """One comparison of a file with the roster, on its way."""

    def __init__(self, state: State, today: date, faults: Iterable[Fault]) -> None:
        self._state, self._today = state, today
        self._faults: list[Fault] = list(faults)
        #: Where there is a fault: (row, column), and the rows alone.
        self._faulty = {(fault.row, fault.column) for fault in self._faults}
        self._refused = {fault.row for fault in self._faults}
        self._added: list[Addition] = []
        self._changed: list[Change] = []
        self._unchanged: list[RosterRow] = []
        self._new_projects: dict[str, str] = {}
        self._notices: dict[str, None] = {}
        self._centers = _by_name(state.centers)
        self._projects = _by_name(state.projects)
        self._center_names, self._project_names = state.names()
        self._center_names[_NOBODY.center_id] = ""

    # --- whom a row means -------------------------------------------------------------------------------------

    def match(self, rows: Sequence[FileRow]) -> dict[int, RosterRow | None]:
        """{number of the row: whom it means}; None for someone new, no key where that cannot be told."""
        by_id = {str(known.worker.id): known for known in self._state.rows}
        by_number = {known.facts.staff_number: known for known in self._state.rows if known.facts.staff_number}
        found: dict[int, RosterRow | None] = {}
        taken: dict[UUID, int] = {}
        by_name: list[FileRow] = []
        self._refuse_twice(rows)
        for row in rows:
            said = clean(row.cells.get("id", ""))
            if said:
                known = by_id.get(said.lower())
                if known is None:
                    self._fault(
                        row, "id", said,
                        "この管理IDの方は、この団体の名簿にいません。新しい方なら、管理IDを空欄にしてください。",
                    )  # fmt: skip
                    continue
            else:
                number = clean(row.cells.get("staff_number", ""))
                known = by_number.get(number) if number else None
                if known is None:
                    by_name.append(row)
                    continue
            self._claim(row, known, found, taken)
        self._match_by_name(by_name, found, taken)
        return found

    def _claim(
        self, row: FileRow, known: RosterRow, found: dict[int, RosterRow | None], taken: dict[UUID, int]
    ) -> None:
        if known.worker.id in taken:
            self._fault(
                row, "name", known.facts.name,
                f"{taken[known.worker.id]}行目と同じ方です。1人は1行にしてください。",
            )  # fmt: skip
            return
        taken[known.worker.id] = row.number
        found[row.number] = known

    def _match_by_name(
        self, rows: Sequence[FileRow], found: dict[int, RosterRow | None], taken: dict[UUID, int]
    ) -> None:
        """Those without id and without a known staff number: the one active person of the same name and reading."""
        candidates: dict[str, list[RosterRow]] = defaultdict(list)
        former: set[str] = set()
        for known in self._state.rows:
            key = search_key(known.facts.name)
            if known.facts.left_on is not None and known.facts.left_on < self._today:
                former.add(key)
            elif known.worker.id not in taken:
                candidates[key].append(known)
        for row in rows:
            name, kana = clean(row.cells.get("name", "")), clean(row.cells.get("name_kana", ""))
            key = search_key(name)
            same = [
                known
                for known in candidates[key]
                if not known.facts.name_kana or search_key("", known.facts.name_kana) == search_key("", kana)
            ]
            if len(same) > 1:
                self._fault(
                    row, "name", name,
                    "同じ氏名・フリガナの方が名簿に2人以上います。管理IDか職員番号で、どなたかを示してください。",
                )  # fmt: skip
            elif same:
                self._same_name(row, same[0], found, taken)
            else:
                found[row.number] = None
                if name and key in former:
                    self._notices[
                        f"{name}さん（{row.number}行目）と同じお名前の方が、以前に活動を終えています。新しい方として加えます。"
                    ] = None

    def _same_name(
        self, row: FileRow, known: RosterRow, found: dict[int, RosterRow | None], taken: dict[UUID, int]
    ) -> None:
        """Of one name; with two staff numbers that may be two people, and nobody guesses."""
        said, held = clean(row.cells.get("staff_number", "")), known.facts.staff_number
        if said and held and said != held:
            self._fault(
                row, "staff_number", said,
                f"同じ氏名・フリガナの方が、職員番号「{held}」で名簿に載っています。同じ方なら職員番号を合わせるか管理IDを"
                "入れてください。別の方なら、もとの方の行もこのファイルに入れてください。",
            )  # fmt: skip
            return
        self._claim(row, known, found, taken)

    def _refuse_twice(self, rows: Sequence[FileRow]) -> None:
        """Staff numbers that stand twice in the file, and people who cannot be told apart."""
        numbers: dict[str, int] = {}
        names: dict[tuple[str, str], tuple[int, bool]] = {}
        for row in rows:
            number = clean(row.cells.get("staff_number", ""))
            if number and number in numbers:
                self._fault(
                    row, "staff_number", number, f"{numbers[number]}行目と同じ職員番号です。番号は1人に1つです。"
                )
            elif number:
                numbers[number] = row.number
            name, kana = clean(row.cells.get("name", "")), clean(row.cells.get("name_kana", ""))
            if not name:
                continue
            who = (search_key(name), search_key("", kana))
            is_told_apart = bool(number or clean(row.cells.get("id", "")))
            before = names.get(who)
            if before is not None and not (is_told_apart and before[1]):
                self._fault(
                    row, "name", name,
                    f"{before[0]}行目と同じ氏名・フリガナです。同じ方なら1行にしてください。"
                    "別の方なら、両方の行に職員番号を入れて区別してください。",
                )  # fmt: skip
            names.setdefault(who, (row.number, is_told_apart))

    # --- what a row says --------------------------------------------------------------------------------------

    def take(self, row: FileRow, known: RosterRow | None) -> None:
        """Compare one row with whom it means; its faults are noted also when nobody could be told."""
        held = self._cells_of(known) if known else {}
        said, new_projects = self._said(row, known, held)
        usable = {name: value for name, value in said.items() if value is not None or name in _OPEN}
        facts = replace(known.facts if known else _NOBODY, **usable).settled()
        is_new = known is None or bool(new_projects) or bool(differing(known.facts.settled(), facts))
        if known is not None and not is_new and row.number not in self._refused:
            self._unchanged.append(known)
            return
        needs_kana = known is None or bool(known.facts.name_kana)
        for name, reason in faults_in(facts, needs_kana=needs_kana).items():
            key = _KEY_OF[name]
            if key in row.cells:
                self._fault(row, key, row.cells[key], reason)
        if row.number in self._refused:
            return
        if known is None:
            self._added.append(Addition(row.number, facts, self._cells(facts, new_projects), new_projects))
        else:
            self._add_change(row.number, known, facts, new_projects)

    def _cells_of(self, known: RosterRow) -> dict[str, str]:
        return cells_of(known.worker.id, known.facts, self._center_names, self._project_names)

    def _add_change(
        self, number: int | None, known: RosterRow, facts: WorkerFacts, new_projects: tuple[str, ...] = ()
    ) -> None:
        old, new = self._cells_of(known), self._cells(facts, new_projects)
        keys = [key for key in LABELS if key != "id" and old[key] != new[key]]
        # Two centers of one name look alike; something has changed all the same.
        keys = keys or [_KEY_OF[name] for name in sorted(differing(known.facts.settled(), facts))]
        differences = tuple((LABELS[key], _as_read(key, old[key]), _as_read(key, new[key])) for key in keys)
        posts = tuple(self._state.posts.get(known.worker.id, ()))
        self._changed.append(Change(number, known, facts, differences, new_projects, posts))
        lost = (known.facts.staff_number or "").lstrip("0")
        if facts.staff_number and facts.staff_number != known.facts.staff_number and facts.staff_number == lost:
            self._notices[
                f"{facts.name}さんの職員番号の先頭の0がなくなります"
                f"（{known.facts.staff_number} → {facts.staff_number}）。"
                "表計算ソフトで消えたのではないか、確かめてください。"
            ] = None

    def _cells(self, facts: WorkerFacts, new_projects: tuple[str, ...]) -> dict[str, str]:
        cells = cells_of(UUID(int=0), replace(facts, projects=frozenset()), self._center_names, self._project_names)
        names = sorted([*(self._project_names[each] for each in facts.projects), *new_projects])
        return cells | {"projects": joined(names)}

    def _said(
        self, row: FileRow, known: RosterRow | None, held: Mapping[str, str]
    ) -> tuple[dict[str, Any], tuple[str, ...]]:
        """The fields that a row says otherwise than the roster; what stands there as given out keeps its value."""
        said: dict[str, Any] = {}
        new_projects: tuple[str, ...] = ()
        for key, cell in row.cells.items():
            if key == "id" or (held and cell in (held[key], guarded(held[key]))):
                continue
            text = clean(cell)
            if known is not None and text == held[key]:
                continue
            if key == "projects":
                said[key], new_projects = self._projects_in(row, text, known)
            else:
                reader = getattr(self, f"_read_{key}")
                said[_FIELD_OF[key]] = reader(row, text, known)
        return said, new_projects

    def _read_staff_number(self, _row: FileRow, text: str, _known: RosterRow | None) -> str | None:
        return text or None

    def _read_name(self, _row: FileRow, text: str, _known: RosterRow | None) -> str:
        return text

    _read_name_kana = _read_name

    def _read_kind(self, row: FileRow, text: str, _known: RosterRow | None) -> WorkerKind | None:
        kind = kind_named(text)
        if kind is None:
            said = "区分を入力してください" if not text else "この区分はありません"
            self._fault(row, "kind", text, f"{said}（{'・'.join(each.label for each in WorkerKind)} のどれか）。")
        return kind

    def _read_is_handler(self, row: FileRow, text: str, _known: RosterRow | None) -> bool | None:
        value = yes_or_no(text)
        if value is None:
            self._fault(row, "is_handler", text, "「はい」か「いいえ」で入力してください。")
        return value

    def _read_files_sheets(self, row: FileRow, text: str, _known: RosterRow | None) -> bool | None:
        value = yes_or_no(text) if text else None
        if text and value is None:
            self._fault(row, "files_sheets", text, "「はい」か「いいえ」で入力するか、空欄にしてください。")
        return value

    def _read_joined_on(self, row: FileRow, text: str, _known: RosterRow | None) -> date | None:
        if not text:
            self._fault(row, "joined_on", "", "活動を始めた日を入力してください。")
            return None
        return self._day(row, "joined_on", text)

    def _read_left_on(self, row: FileRow, text: str, _known: RosterRow | None) -> date | None:
        return self._day(row, "left_on", text) if text else None

    def _day(self, row: FileRow, key: str, text: str) -> date | None:
        try:
            return date.fromisoformat(text)
        except ValueError:
            self._fault(row, key, text, "日付として読み取れません。")
            return None

    def _read_center(self, row: FileRow, text: str, known: RosterRow | None) -> UUID | None:
        return self._center(row, "center", text, {known.facts.center_id} if known else set())

    def _read_other_centers(self, row: FileRow, text: str, known: RosterRow | None) -> frozenset[UUID]:
        held = set(known.facts.other_centers) if known else set()
        found = {self._center(row, "other_centers", clean(name), held) for name in names_in(text)}
        return frozenset(each for each in found if each is not None)

    def _center(self, row: FileRow, key: str, name: str, held: Iterable[UUID]) -> UUID | None:
        if not name:
            self._fault(row, key, "", f"{LABELS[key]}を入力してください。")
            return None
        found = self._centers.get(name) or self._centers.get(folded(name), [])
        kept = [each for each in found if each in held]
        if kept:
            return kept[0]
        still_open = [each for each in found if not self._is_closed(self._state.centers[each])]
        if len(still_open) == 1:
            return still_open[0]
        if len(found) > 1 and still_open:
            reason = "同じ名前の拠点が2つ以上あるため、どちらか分かりません。画面から登録してください。"
        elif found:
            reason = "この拠点は、すでに閉所しています。"
        else:
            names = [place.name for place in self._state.centers.values() if not self._is_closed(place)]
            reason = (
                f"この拠点は登録されていません（登録済み: {'・'.join(sorted(names)[:10])}）。名前を合わせてください。"
            )
        self._fault(row, key, name, reason)
        return None

    def _projects_in(self, row: FileRow, text: str, known: RosterRow | None) -> tuple[frozenset[UUID], tuple[str, ...]]:
        """The projects that a cell names; the names that there are not yet become new ones."""
        held = known.facts.projects if known else frozenset()
        found: set[UUID] = set()
        new: dict[str, None] = {}
        for name in map(clean, names_in(text)):
            named = self._projects.get(name) or self._projects.get(folded(name), [])
            if named:
                if self._is_closed(self._state.projects[named[0]]) and named[0] not in held:
                    self._fault(row, "projects", name, "この事業は、すでに終了しています。")
                found.add(named[0])
            elif len(name) > _LONGEST_PROJECT or control_characters(name, allow_lines=False):
                self._fault(row, "projects", name, f"事業の名前は、{_LONGEST_PROJECT}文字以内の文字にしてください。")
            else:
                new[self._new_projects.setdefault(folded(name), name)] = None
        return frozenset(found), tuple(new)

    def _is_closed(self, place: Place) -> bool:
        return place.closed_on is not None and place.closed_on < self._today

    def _fault(self, row: FileRow, key: str, value: str, reason: str) -> None:
        """Note a fault of a cell; the first one that was found says it best."""
        self._note(row.number, LABELS[key], value, reason)

    def _note(self, number: int | None, column: str, value: str, reason: str) -> None:
        if number is not None and (number, column) in self._faulty:
            return
        self._faults.append(Fault(number, column, shown(value), reason))
        self._faulty.add((number, column))
        self._refused.add(number)

    # --- the whole --------------------------------------------------------------------------------------------

    def let_go(self, leave_on: date, present: set[UUID]) -> None:
        """Those who are not in the file and still active have left, on that day."""
        for known in self._state.rows:
            if known.worker.id in present or known.facts.left_on is not None:
                continue
            if known.facts.joined_on > leave_on:
                self._note(
                    None, LABELS["left_on"], leave_on.isoformat(),
                    f"ファイルに載っていない{known.facts.name}さんは、この日より後に活動を始めています。"
                    "最後の日を確かめるか、この方の行をファイルに入れてください。",
                )  # fmt: skip
                continue
            self._add_change(None, known, replace(known.facts.settled(), left_on=leave_on))

    def refuse_taken_numbers(self) -> None:
        """No staff number may be held by two people when all is done."""
        holders: dict[str, str] = {}
        changed = {change.row.worker.id: change for change in self._changed}
        for known in self._state.rows:
            if known.worker.id not in changed and known.facts.staff_number:
                holders[known.facts.staff_number] = known.facts.name
        takers: list[tuple[int | None, WorkerFacts]] = [(change.number, change.facts) for change in self._changed]
        takers += [(addition.number, addition.facts) for addition in self._added]
        for number, facts in takers:
            if facts.staff_number is None:
                continue
            if facts.staff_number in holders:
                reason = f"この職員番号は、名簿の{holders[facts.staff_number]}さんがすでに使っています。"
                self._note(number, LABELS["staff_number"], facts.staff_number, reason)
            holders.setdefault(facts.staff_number, facts.name)

    def refuse_unfit_leavers(self, uploader_id: UUID | None) -> None:
        """Neither the uploader nor the last protection officer leaves by a file."""
        leaving = {change.row.worker.id: change for change in self._changed if _ends(change)}
        for change in leaving.values():
            if uploader_id is not None and change.row.worker.user_id == uploader_id:
                reason = (
                    "ご自身を、ファイルの取り込みで活動終了にすることはできません。"
                    "ご自身の行をファイルに入れて「活動を終えた日」を空欄にするか、ほかの個人情報責任者の方に頼んでください。"
                )
                self._note(change.number, LABELS["left_on"], change.row.facts.name, reason)
        ends = {known.worker.id: known.facts.left_on for known in self._state.rows}
        ends |= {change.row.worker.id: change.facts.left_on for change in self._changed}
        for worker_id in self._state.officers & leaving.keys():
            own_end = ends[worker_id]
            stays = (ends[other] is None or (own_end is not None and (ends[other] or own_end) > own_end)
                     for other in self._state.officers if other != worker_id)  # fmt: skip
            if not any(stays):
                change = leaving[worker_id]
                self._note(change.number, LABELS["left_on"], change.row.facts.name, self._appoint_first(leaving))

    def _appoint_first(self, leaving: Iterable[UUID]) -> str:
        gone = set(leaving)
        fit = [
            known.facts.name
            for known in self._state.rows
            if known.worker.user_id is not None and known.worker.id not in gone and known.facts.left_on is None
        ]
        whom = f"（たとえば、{'さん、'.join(fit[:3])}さん）" if fit else "（アカウントのある方）"
        return (
            "この方が活動を終えると、個人情報責任者が1人もいなくなります。"
            f"先に、後任の方{whom}を個人情報責任者に任命してください。"
        )

    def result(self) -> Plan:
        """The plan, or only its faults, in the order of the file."""
        if self._faults:
            faults = dict.fromkeys(sorted(self._faults, key=lambda fault: (fault.row or 0, fault.column)))
            return Plan(faults=tuple(faults), notices=tuple(self._notices))
        return Plan(
            added=tuple(self._added),
            changed=tuple(change for change in self._changed if not _ends(change)),
            ended=tuple(change for change in self._changed if _ends(change)),
            unchanged=tuple(self._unchanged),
            new_projects=tuple(self._used_projects()),
            notices=tuple(self._notices),
        )

    def _used_projects(self) -> list[str]:
        lists = [each.new_projects for each in self._added] + [each.new_projects for each in self._changed]
        return sorted({name for names in lists for name in names})


def _as_read(key: str, text: str) -> str:
    """A cell as people read it: days with their era."""
    return era_date(date.fromisoformat(text)) if text and BY_KEY[key].kind == "date" else text


def _ends(change: Change) -> bool:
    return change.row.facts.left_on is None and change.facts.left_on is not None


def _by_name(places: Mapping[UUID, Place]) -> dict[str, list[UUID]]:
    """The places by their exact names, and by their folded names where that is another text."""
    found: dict[str, list[UUID]] = defaultdict(list)
    for key, place in sorted(places.items()):
        found[place.name].append(key)
    for key, place in sorted(places.items()):
        if (bare := folded(place.name)) != place.name and key not in found[bare]:
            found[bare].append(key)
    return dict(found)
