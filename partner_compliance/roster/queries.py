"""What can be read about the roster, for whole organizations at once."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from partner_compliance.acts import Contents
from partner_compliance.clock import era_date, local_date
from partner_compliance.organizations.models import (
    Center,
    Engagement,
    Municipality,
    Organization,
    Worker,
    WorkerKind,
)
from partner_compliance.organizations.queries import is_valid_on
from partner_compliance.roster.models import (
    FIELD_LABELS,
    Post,
    PostHolding,
    Project,
    RosterConfirmation,
    RosterSubmission,
    WorkerCenter,
    WorkerProject,
    WorkerVersion,
)

#: How long a confirmation of the roster holds (DOMAIN: three monthly cycles).
CONFIRMED_FOR = timedelta(days=90)
#: How long before that the protection officer is reminded.
REMINDED_BEFORE = timedelta(days=7)

_HIRAGANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}
_KATAKANA = {there: here for here, there in _HIRAGANA.items()}


# --- the list ---------------------------------------------------------------------------------------------------


class Presence(StrEnum):
    """Whether someone is on the roster."""

    PRESENT = "present"
    LEAVING = "leaving"
    LEFT = "left"
    ANY = "any"

    @property
    def label(self) -> str:
        """The choice's name on screens."""
        return {
            Presence.PRESENT: "いまの名簿",
            Presence.LEAVING: "終了の予定がある方",
            Presence.LEFT: "活動を終えた方",
            Presence.ANY: "すべて",
        }[self]


@dataclass(frozen=True)
class Asked:
    """Which rows of the roster are asked for; `within` limits them to the people of some centers."""

    text: str = ""
    center_id: UUID | None = None
    kind: WorkerKind | None = None
    project_id: UUID | None = None
    is_handler: bool | None = None
    presence: Presence = Presence.PRESENT
    lacks: bool = False
    within: frozenset[UUID] | None = None


@dataclass(frozen=True)
class Row:
    """Someone on the roster, with all that a line of the list says; `lacks` says what is missing, in words."""

    worker: Worker
    centers: Sequence[str]
    projects: Sequence[str]
    project_ids: frozenset[UUID] = frozenset()
    #: (post, a head's center, held since).
    posts: Sequence[tuple[Post, str, date]] = ()
    lacks: Sequence[str] = ()

    @property
    def post_texts(self) -> list[str]:
        """The posts held, a head's with the center."""
        return [f"{post.label}（{center}）" if center else post.label for post, center, _ in self.posts]


def is_present(day: date) -> Any:
    """The condition that someone has not left the roster by a day; who is about to begin is on it."""
    return or_(Worker.left_on.is_(None), Worker.left_on >= day)


def is_held_on(day: date) -> Any:
    """The condition that a post is held on a day."""
    return (PostHolding.from_on <= day) & or_(PostHolding.until_on.is_(None), PostHolding.until_on >= day)


def _goes_on(model: type[WorkerCenter] | type[WorkerProject], day: date) -> Any:
    """The condition that an assignment has not ended by a day; one that is about to begin counts."""
    return or_(model.until_on.is_(None), model.until_on >= day)


def _lacks(day: date) -> dict[str, Any]:
    """What a row can lack (in words), and the condition that it does (DOMAIN ladder 1b)."""
    on_project = (
        select(WorkerProject.id)
        .join(
            Project,
            and_(Project.organization_id == WorkerProject.organization_id, Project.id == WorkerProject.project_id),
        )
        .where(
            WorkerProject.organization_id == Worker.organization_id,
            WorkerProject.worker_id == Worker.id,
            _goes_on(WorkerProject, day),
            or_(Project.closed_on.is_(None), Project.closed_on >= day),
        )
        .exists()
    )
    at_closed_center = (
        select(Center.id)
        .where(
            Center.organization_id == Worker.organization_id,
            Center.id == Worker.center_id,
            Center.closed_on < day,
        )
        .exists()
    )
    return {
        "フリガナがありません": Worker.name_kana == "",
        "事業が決まっていません": ~on_project,
        "閉じた拠点のままです": at_closed_center,
        "取扱者ですが、毎月のシートの対象外です": and_(Worker.is_handler.is_(True), Worker.files_sheets.is_(False)),
    }


def folded(text: str) -> str:
    """A text as it is compared in a search: without differences of width and case, and without spaces."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _wanted(query: Select[*tuple[Any, ...]], organization_id: UUID, asked: Asked, today: date) -> Any:
    query = query.where(Worker.organization_id == organization_id)
    if text := folded(asked.text):
        # A reading may have been typed in either kana.
        spellings = {text, text.translate(_HIRAGANA), text.translate(_KATAKANA)}
        number = unicodedata.normalize("NFKC", asked.text).strip()
        query = query.where(
            or_(
                *(Worker.search_key.contains(each, autoescape=True) for each in sorted(spellings)),
                Worker.name.contains(asked.text.strip(), autoescape=True),
                Worker.staff_number == number,
            )
        )
    if asked.center_id is not None:
        query = query.where(_works_at([asked.center_id], today))
    if asked.within is not None:
        query = query.where(_works_at(sorted(asked.within), today))
    if asked.kind is not None:
        query = query.where(Worker.kind == asked.kind)
    if asked.is_handler is not None:
        query = query.where(Worker.is_handler.is_(asked.is_handler))
    if asked.project_id is not None:
        query = query.where(
            select(WorkerProject.id)
            .where(
                WorkerProject.organization_id == Worker.organization_id,
                WorkerProject.worker_id == Worker.id,
                WorkerProject.project_id == asked.project_id,
                _goes_on(WorkerProject, today),
            )
            .exists()
        )
    if asked.presence is Presence.PRESENT:
        query = query.where(is_present(today))
    elif asked.presence is Presence.LEAVING:
        query = query.where(Worker.left_on >= today)
    elif asked.presence is Presence.LEFT:
        query = query.where(Worker.left_on < today)
    if asked.lacks:
        query = query.where(or_(*_lacks(today).values()))
    return query


def _works_at(center_ids: Sequence[UUID], day: date) -> Any:
    further = (
        select(WorkerCenter.id)
        .where(
            WorkerCenter.organization_id == Worker.organization_id,
            WorkerCenter.worker_id == Worker.id,
            WorkerCenter.center_id.in_(center_ids),
            _goes_on(WorkerCenter, day),
        )
        .exists()
    )
    return or_(Worker.center_id.in_(center_ids), further)


def how_many(session: Session, organization_id: UUID, asked: Asked, *, today: date) -> int:
    """How many rows are asked for."""
    counting = _wanted(select(func.count()).select_from(Worker), organization_id, asked, today)
    return session.scalar(counting) or 0


def rows(
    session: Session,
    organization_id: UUID,
    asked: Asked,
    *,
    today: date,
    limit: int | None = None,
    offset: int = 0,
) -> list[Row]:
    """The rows that are asked for, by reading of the name, in five statements whatever their number."""
    lacks = _lacks(today)
    columns = [condition.label(f"lacks_{number}") for number, condition in enumerate(lacks.values())]
    found = session.execute(
        _wanted(select(Worker, *columns), organization_id, asked, today)
        .order_by(Worker.name_kana == "", Worker.search_key, Worker.name, Worker.id)
        .limit(limit)
        .offset(offset)
    ).all()
    ids = [row[0].id for row in found]
    further, projects, posts = (
        _further_centers(session, organization_id, ids, today),
        _projects(session, organization_id, ids, today),
        _posts(session, organization_id, ids, today),
    )
    centers = names_of_centers(session, organization_id)
    return [
        Row(
            row[0],
            [centers[each] for each in (row[0].center_id, *further.get(row[0].id, ()))],
            [name for _, name in projects.get(row[0].id, ())],
            frozenset(found_id for found_id, _ in projects.get(row[0].id, ())),
            posts.get(row[0].id, ()),
            [words for words, is_lacking in zip(lacks, row[1:], strict=True) if is_lacking],
        )
        for row in found
    ]


def _further_centers(session: Session, organization_id: UUID, ids: list[UUID], day: date) -> dict[UUID, list[UUID]]:
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for worker_id, center_id in session.execute(
        select(WorkerCenter.worker_id, WorkerCenter.center_id)
        .where(
            WorkerCenter.organization_id == organization_id,
            WorkerCenter.worker_id.in_(ids),
            _goes_on(WorkerCenter, day),
        )
        .order_by(WorkerCenter.from_on, WorkerCenter.id)
    ):
        found[worker_id].append(center_id)
    return found


def _projects(
    session: Session, organization_id: UUID, ids: list[UUID], day: date
) -> dict[UUID, list[tuple[UUID, str]]]:
    found: dict[UUID, list[tuple[UUID, str]]] = defaultdict(list)
    for worker_id, project_id, name in session.execute(
        select(WorkerProject.worker_id, Project.id, Project.name)
        .join(
            Project,
            and_(Project.organization_id == WorkerProject.organization_id, Project.id == WorkerProject.project_id),
        )
        .where(
            WorkerProject.organization_id == organization_id,
            WorkerProject.worker_id.in_(ids),
            _goes_on(WorkerProject, day),
        )
        .order_by(Project.name, Project.id)
    ):
        found[worker_id].append((project_id, name))
    return found


def _posts(
    session: Session, organization_id: UUID, ids: list[UUID], day: date
) -> dict[UUID, list[tuple[Post, str, date]]]:
    found: dict[UUID, list[tuple[Post, str, date]]] = defaultdict(list)
    wanted = set(ids)
    for worker_id, post, _, center, since in _held_posts(session, organization_id, day):
        if worker_id in wanted:
            found[worker_id].append((post, center, since))
    return found


def _held_posts(session: Session, organization_id: UUID, day: date) -> list[tuple[UUID, Post, str, str, date]]:
    """(worker, post, the worker's name, the head's center, since) of every post held on a day, by post."""
    held = session.execute(
        select(PostHolding.worker_id, PostHolding.post, Worker.name, Center.name, PostHolding.from_on)
        .join(Worker, and_(Worker.organization_id == PostHolding.organization_id, Worker.id == PostHolding.worker_id))
        .outerjoin(
            Center, and_(Center.organization_id == PostHolding.organization_id, Center.id == PostHolding.center_id)
        )
        .where(PostHolding.organization_id == organization_id, is_held_on(day), is_present(day))
        .order_by(PostHolding.from_on, Worker.search_key, PostHolding.id)
    )
    order = list(Post)
    # Two holdings of one post may overlap; that is no reason to name it twice. The earlier one says since when.
    unique: dict[tuple[UUID, Post, str, str], date] = {}
    for worker_id, post, name, center, since in held:
        unique.setdefault((worker_id, post, name, center or ""), since)
    return sorted(((*key, since) for key, since in unique.items()), key=lambda each: order.index(each[1]))


def names_of_centers(session: Session, organization_id: UUID) -> dict[UUID, str]:
    """The names of an organization's centers, in their order."""
    found = session.execute(
        select(Center.id, Center.name).where(Center.organization_id == organization_id).order_by(Center.name, Center.id)
    )
    return {row.id: row.name for row in found}


def projects_of(session: Session, organization_id: UUID) -> list[Project]:
    """The projects of an organization, by name."""
    return list(
        session.scalars(
            select(Project).where(Project.organization_id == organization_id).order_by(Project.name, Project.id)
        )
    )


def same_name(session: Session, organization_id: UUID, name: str, *, but: UUID | None = None) -> list[Worker]:
    """Everyone on the roster, also those who have left, whose name is the same but for width, case and spaces."""
    key = folded(name)
    found = session.scalars(
        select(Worker)
        .where(
            Worker.organization_id == organization_id,
            or_(
                Worker.name == name,
                Worker.search_key == key,
                Worker.search_key.endswith(f" {key}", autoescape=True),
            ),
        )
        .order_by(Worker.joined_on, Worker.id)
        .limit(20)
    )
    return [worker for worker in found if worker.id != but]


# --- the history of a row ---------------------------------------------------------------------------------------

#: What becomes NULL when a version is erased.
_ERASABLE = ("name", "name_kana", "staff_number")


@dataclass(frozen=True)
class Change:
    """A version of a row and in what it differs from the one before: (what, before, after), in words."""

    version: WorkerVersion
    differences: Sequence[tuple[str, str, str]]
    is_first: bool
    is_erased: bool


def how_many_versions(session: Session, worker: Worker) -> int:
    """How many versions of a row are kept."""
    return (
        session.scalar(
            select(func.count())
            .select_from(WorkerVersion)
            .where(WorkerVersion.organization_id == worker.organization_id, WorkerVersion.worker_id == worker.id)
        )
        or 0
    )


def changes_of(session: Session, worker: Worker, *, limit: int, offset: int = 0) -> list[Change]:
    """The changes of a row, newest first; the oldest kept one tells of everything."""
    versions = list(
        session.scalars(
            select(WorkerVersion)
            .where(WorkerVersion.organization_id == worker.organization_id, WorkerVersion.worker_id == worker.id)
            .order_by(WorkerVersion.number.desc())
            .limit(limit + 1)
            .offset(offset)
        )
    )
    names = names_of_centers(session, worker.organization_id)
    names |= {project.id: project.name for project in projects_of(session, worker.organization_id)}
    pairs = zip(versions, [*versions[1:], None], strict=True)
    return [_change(version, before, names) for version, before in pairs][:limit]


def _change(version: WorkerVersion, before: WorkerVersion | None, names: Mapping[UUID, str]) -> Change:
    found = []
    for name, label in FIELD_LABELS.items():
        was = _in_words(before, name, names) if before is not None else ""
        now = _in_words(version, name, names)
        if was != now:
            found.append((label, was, now))
    return Change(version, found, before is None, version.name is None)


def _in_words(version: WorkerVersion, name: str, names: Mapping[UUID, str]) -> str:
    if name in _ERASABLE and version.name is None:
        return "（消去済み）"
    return words_of(name, getattr(version, name), names)


def words_of(name: str, value: Any, names: Mapping[UUID, str]) -> str:
    """What a part of a row says, in words; `names` are those of centers and projects."""
    if value is None or value == "":
        return ""
    if name == "kind":
        return WorkerKind(value).label
    if name == "center_id":
        return names.get(value, "（不明な拠点）")
    if name in ("other_centers", "projects"):
        ids = (each if isinstance(each, UUID) else _id(each) for each in value)
        return "、".join(sorted(names.get(each, "（不明）") if each else "（不明）" for each in ids))
    if name == "is_handler":
        return "取扱者" if value else "取り扱わない"
    if name == "files_sheets":
        return "対象" if value else "対象外"
    return era_date(value) if isinstance(value, date) else str(value)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


# --- confirming it ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Counts:
    """How many stand on a roster, how many of them handle personal data, and how many rows lack something."""

    workers: int = 0
    handlers: int = 0
    incomplete: int = 0


def counts_of(session: Session, organization_ids: Iterable[UUID] | None, *, today: date) -> dict[UUID, Counts]:
    """The counts of the named organizations' rosters, or of all; who has left is not counted."""
    query = (
        select(
            Worker.organization_id,
            func.count(),
            func.sum(case((Worker.is_handler.is_(True), 1), else_=0)),
            func.sum(case((or_(*_lacks(today).values()), 1), else_=0)),
        )
        .where(is_present(today))
        .group_by(Worker.organization_id)
    )
    if organization_ids is not None:
        query = query.where(Worker.organization_id.in_(sorted(organization_ids)))
    return {row[0]: Counts(row[1], int(row[2] or 0), int(row[3] or 0)) for row in session.execute(query)}


def state_of(session: Session, organization_id: UUID) -> str:
    """A word that changes whenever somebody changes or confirms the roster."""
    versions = select(func.count()).select_from(WorkerVersion).where(WorkerVersion.organization_id == organization_id)
    confirmed = (
        select(func.count())
        .select_from(RosterConfirmation)
        .where(RosterConfirmation.organization_id == organization_id)
    )
    row = session.execute(select(versions.scalar_subquery(), confirmed.scalar_subquery())).one()
    return f"{row[0]}-{row[1]}"


@dataclass(frozen=True)
class Confirmed:
    """The last confirmation of a roster: `lapses_on` is the last day on which it still counts."""

    on: date
    by_name: str
    workers: int
    handlers: int
    incomplete: int

    @property
    def lapses_on(self) -> date:
        """The last day on which the confirmation counts."""
        return self.on + CONFIRMED_FOR

    def holds_on(self, day: date) -> bool:
        """Whether the confirmation counts on a day."""
        return day <= self.lapses_on


def last_confirmations(session: Session, organization_ids: Iterable[UUID] | None = None) -> dict[UUID, Confirmed]:
    """The last confirmation of each of the named organizations' rosters, or of all that have one."""
    newest = select(
        RosterConfirmation.organization_id,
        RosterConfirmation.id,
        func.row_number()
        .over(
            partition_by=RosterConfirmation.organization_id,
            order_by=(RosterConfirmation.at.desc(), RosterConfirmation.id),
        )
        .label("place"),
    )
    if organization_ids is not None:
        newest = newest.where(RosterConfirmation.organization_id.in_(sorted(organization_ids)))
    last = newest.subquery()
    found = session.scalars(
        select(RosterConfirmation).join(
            last,
            and_(
                RosterConfirmation.organization_id == last.c.organization_id,
                RosterConfirmation.id == last.c.id,
                last.c.place == 1,
            ),
        )
    )
    return {
        row.organization_id: Confirmed(row.confirmed_on, row.by_name, row.workers, row.handlers, row.incomplete)
        for row in found
    }


def confirmations_of(session: Session, organization_id: UUID, *, limit: int = 12) -> list[RosterConfirmation]:
    """The newest confirmations of an organization's roster."""
    return list(
        session.scalars(
            select(RosterConfirmation)
            .where(RosterConfirmation.organization_id == organization_id)
            .order_by(RosterConfirmation.at.desc(), RosterConfirmation.id)
            .limit(limit)
        )
    )


@dataclass(frozen=True)
class ConfirmationDue:
    """An organization whose roster has to be confirmed, by when, and when that happened last."""

    organization_id: UUID
    organization: str
    last_on: date | None
    due_on: date


def confirmations_due(session: Session, organization_ids: Iterable[UUID], *, today: date) -> list[ConfirmationDue]:
    """Those of the organizations whose roster was never confirmed, or whose confirmation lapses within a week."""
    ids = sorted(organization_ids)
    last = last_confirmations(session, ids)
    due = []
    for organization in session.scalars(
        select(Organization).where(Organization.id.in_(ids)).order_by(Organization.name, Organization.id)
    ):
        confirmed = last.get(organization.id)
        if confirmed is None:
            first = local_date(organization.created_at) + CONFIRMED_FOR
            due.append(ConfirmationDue(organization.id, organization.name, None, first))
        elif confirmed.lapses_on - REMINDED_BEFORE <= today:
            due.append(ConfirmationDue(organization.id, organization.name, confirmed.on, confirmed.lapses_on))
    return due


# --- posts ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PostsHeld:
    """Who holds which post in an organization, as rows of the roster."""

    holders: Mapping[Post, frozenset[UUID]] = field(default_factory=dict)

    def has_with_deputy(self, post: Post) -> bool:
        """Whether a post is held and has a deputy who is another person (DOMAIN ladder 1a)."""
        deputies = [deputy for deputy in Post if deputy.principal is post]
        principals = self.holders.get(post, frozenset())
        return any(
            principal != person
            for deputy in deputies
            for person in self.holders.get(deputy, ())
            for principal in principals
        )

    @property
    def is_complete(self) -> bool:
        """Whether both posts, each with a deputy who is another person, are held."""
        return self.has_with_deputy(Post.PRIVACY_OFFICER) and self.has_with_deputy(Post.SECURITY_MANAGER)


def posts_held(
    session: Session, organization_ids: Iterable[UUID] | None = None, *, today: date
) -> dict[UUID, PostsHeld]:
    """The posts held today in each of the named organizations, or in all; by people who have not left."""
    query = (
        select(PostHolding.organization_id, PostHolding.post, PostHolding.worker_id)
        .join(Worker, and_(Worker.organization_id == PostHolding.organization_id, Worker.id == PostHolding.worker_id))
        .where(is_held_on(today), is_present(today))
    )
    if organization_ids is not None:
        query = query.where(PostHolding.organization_id.in_(sorted(organization_ids)))
    found: dict[UUID, dict[Post, set[UUID]]] = defaultdict(lambda: defaultdict(set))
    for organization_id, post, worker_id in session.execute(query):
        found[organization_id][post].add(worker_id)
    return {
        organization_id: PostsHeld({post: frozenset(people) for post, people in held.items()})
        for organization_id, held in found.items()
    }


def posts_with_names(session: Session, organization_id: UUID, *, today: date) -> list[tuple[Post, str, str, date]]:
    """(post, name, the head's center, since) of every post held today, in the order of posts."""
    return [held[1:] for held in _held_posts(session, organization_id, today)]


# --- submissions ------------------------------------------------------------------------------------------------


def engagements_today(session: Session, organization_id: UUID, *, today: date) -> list[tuple[Engagement, str]]:
    """The organization's engagements that hold today, each with the municipality's name."""
    found = session.execute(
        select(Engagement, Municipality.name)
        .join(Municipality, Municipality.id == Engagement.municipality_id)
        .where(Engagement.organization_id == organization_id, is_valid_on(today))
        .order_by(Municipality.name, Engagement.starts_on, Engagement.id)
    )
    return [(row[0], row[1]) for row in found]


def how_many_submissions(session: Session, organization_id: UUID) -> int:
    """How many times an organization's roster was submitted."""
    return (
        session.scalar(
            select(func.count())
            .select_from(RosterSubmission)
            .where(RosterSubmission.organization_id == organization_id)
        )
        or 0
    )


def submissions_of(
    session: Session, organization_id: UUID, *, limit: int, offset: int = 0
) -> list[tuple[RosterSubmission, str, str]]:
    """The submissions of an organization, newest first, each with the engagement's title and the municipality."""
    found = session.execute(
        select(RosterSubmission, Engagement.title, Municipality.name)
        .join(
            Engagement,
            and_(
                Engagement.organization_id == RosterSubmission.organization_id,
                Engagement.id == RosterSubmission.engagement_id,
            ),
        )
        .join(Municipality, Municipality.id == Engagement.municipality_id)
        .where(RosterSubmission.organization_id == organization_id)
        .order_by(RosterSubmission.made_at.desc(), RosterSubmission.number.desc(), RosterSubmission.id)
        .limit(limit)
        .offset(offset)
    )
    return [(row[0], row[1], row[2]) for row in found]


def last_submissions(session: Session, organization_id: UUID) -> dict[UUID, RosterSubmission]:
    """The newest submission under each engagement of an organization."""
    newest = (
        select(RosterSubmission.engagement_id, func.max(RosterSubmission.number).label("number"))
        .where(RosterSubmission.organization_id == organization_id)
        .group_by(RosterSubmission.engagement_id)
        .subquery()
    )
    found = session.scalars(
        select(RosterSubmission)
        .join(
            newest,
            and_(
                RosterSubmission.engagement_id == newest.c.engagement_id,
                RosterSubmission.number == newest.c.number,
            ),
        )
        .where(RosterSubmission.organization_id == organization_id)
    )
    return {row.engagement_id: row for row in found}


def submission_before(session: Session, submission: RosterSubmission) -> RosterSubmission | None:
    """The submission before this one under the same engagement."""
    return session.scalar(
        select(RosterSubmission).where(
            RosterSubmission.organization_id == submission.organization_id,
            RosterSubmission.engagement_id == submission.engagement_id,
            RosterSubmission.number == submission.number - 1,
        )
    )


# --- what the history binds -------------------------------------------------------------------------------------


def version_content(version: WorkerVersion) -> dict[str, Any] | None:
    """The facts of a version that its log entry's digest binds; None once its names are erased."""
    if version.name is None:
        return None
    return {
        "worker": str(version.worker_id),
        "number": version.number,
        "recorded_at": version.recorded_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "recorded_by": str(version.recorded_by_id) if version.recorded_by_id else None,
        "recorded_by_name": version.recorded_by_name,
        "source": version.source.value,
        "name": version.name,
        "name_kana": version.name_kana,
        "staff_number": version.staff_number,
        "kind": version.kind.value,
        "center": str(version.center_id),
        "is_handler": version.is_handler,
        "files_sheets": version.files_sheets,
        "joined_on": version.joined_on.isoformat(),
        "left_on": version.left_on.isoformat() if version.left_on else None,
        "other_centers": version.other_centers,
        "projects": version.projects,
    }


def confirmation_content(confirmation: RosterConfirmation) -> dict[str, Any]:
    """The facts of a confirmation that its log entry's digest binds."""
    return {
        "at": confirmation.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "on": confirmation.confirmed_on.isoformat(),
        "by": str(confirmation.by_id) if confirmation.by_id else None,
        "by_name": confirmation.by_name,
        "workers": confirmation.workers,
        "handlers": confirmation.handlers,
        "incomplete": confirmation.incomplete,
    }


def submission_content(submission: RosterSubmission) -> dict[str, Any] | None:
    """The facts of a submission that its log entry's digest binds; None once its rows are erased."""
    if submission.rows is None:
        return None
    return {
        "engagement": str(submission.engagement_id),
        "number": submission.number,
        "made_at": submission.made_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "made_by": str(submission.made_by_id) if submission.made_by_id else None,
        "made_by_name": submission.made_by_name,
        "rows": submission.rows,
        **({"heading": submission.heading} if submission.heading else {}),
    }


#: Kinds of objects in the log whose facts can be read back. First versions of rows from before versions were kept
#: were taken over by a migration, and no entry tells of them.
LOGGED_CONTENTS = {
    "worker_version": Contents(WorkerVersion, version_content, WorkerVersion.number > 1),
    "roster_confirmation": Contents(RosterConfirmation, confirmation_content),
    "roster_submission": Contents(RosterSubmission, submission_content),
}
