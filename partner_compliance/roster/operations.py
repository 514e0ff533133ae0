"""What can be done with the roster: put someone on it, change a row, hold posts, confirm it."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from partner_compliance import acts
from partner_compliance.access import Principal
from partner_compliance.acts import Act, Actor
from partner_compliance.clock import local_date
from partner_compliance.errors import InvalidInput, RuleBroken
from partner_compliance.organizations.models import Center, Engagement, Organization, Worker, WorkerKind
from partner_compliance.organizations.operations import refuse_unusable
from partner_compliance.roster import queries
from partner_compliance.roster.models import (
    ChangeSource,
    Post,
    PostHolding,
    Project,
    RosterConfirmation,
    RosterSubmission,
    SubmissionScope,
    WorkerCenter,
    WorkerProject,
    WorkerVersion,
)
from partner_compliance.roster.queries import is_held_on, version_content
from partner_compliance.roster.submissions import Draft, draft_of
from partner_compliance.web import control_characters

_LONGEST_SEARCH_KEY = 400
_LONGEST_NAME = 100
_LONGEST_STAFF_NUMBER = 30
#: What a reading may hold: kana of both kinds and widths, their marks, long vowels, spaces, dots and hyphens.
_KANA = re.compile(r"[\u3041-\u309f\u30a0-\u30ff\uff66-\uff9f \u3000・･.\-－ー―]+")


class AlreadyOnRoster(RuleBroken):
    message = "このアカウントの方は、すでにこの団体の名簿に載っています。"


class StaffNumberTaken(InvalidInput):
    message = "この職員番号は、すでにほかの方に使われています。"
    what_to_do = "番号を確かめて、別の番号を入力するか、空欄にしてください。"


class ChangedMeanwhile(RuleBroken):
    message = "この方の登録は、画面を開いたあとに、ほかの方が変更しました。"
    what_to_do = "最新の内容を確認してから、もう一度変更してください。"


class PostAlreadyHeld(RuleBroken):
    message = "この方は、すでにその役職についています。"


class DeputyOfOneself(RuleBroken):
    message = "同じ方が、責任者とその代理の両方になることはできません。"
    what_to_do = "代理には、別の方を選んでください。"


class RosterChangedMeanwhile(RuleBroken):
    message = "画面を開いたあとに、名簿が変わりました（ほかの方が変更したか、すでに手続きが済んでいます）。"
    what_to_do = "下に最新の内容を表示しています。確認してから、もう一度押してください。"


class EmptyRoster(InvalidInput):
    message = "この条件に当てはまる方がいないため、提出用の名簿を作れません。"
    what_to_do = "載せる方の範囲を変えてください。"


class WrongFacts(InvalidInput):
    """Facts that cannot stand on the roster; `faults` says in which field, and what to do."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(" ".join(faults.values()))
        self.faults = dict(faults)


@dataclass(frozen=True)
class WorkerFacts:
    """What a row of the roster says of someone; further centers and projects by their ids."""

    name: str
    kind: WorkerKind
    center_id: UUID
    joined_on: date
    name_kana: str = ""
    staff_number: str | None = None
    is_handler: bool = True
    #: None: as `is_handler` says (DOMAIN §2, oddity 13).
    files_sheets: bool | None = None
    left_on: date | None = None
    other_centers: frozenset[UUID] = frozenset()
    projects: frozenset[UUID] = frozenset()

    @property
    def asks_for_sheets(self) -> bool:
        """Whether the monthly sheet is asked of them: as said, else of handlers."""
        return self.is_handler if self.files_sheets is None else self.files_sheets

    def settled(self) -> "WorkerFacts":
        """The same facts with nothing left open: sheets decided, no main center among the further ones."""
        return replace(
            self,
            files_sheets=self.asks_for_sheets,
            staff_number=self.staff_number or None,
            other_centers=self.other_centers - {self.center_id},
        )


# --- what can stand on the roster -------------------------------------------------------------------------------


def faults_in(facts: WorkerFacts, *, needs_kana: bool = True) -> dict[str, str]:
    """What is wrong with someone's facts: {field: a sentence that says what to do}; empty when all is well."""
    found = {}
    if fault := _fault_in_text(facts.name, "氏名", _LONGEST_NAME):
        found["name"] = fault
    if facts.name_kana or needs_kana:
        fault = _fault_in_text(facts.name_kana, "フリガナ", _LONGEST_NAME)
        if not fault and not _KANA.fullmatch(facts.name_kana):
            fault = "フリガナは、カタカナ（またはひらがな）で入力してください。"
        if fault:
            found["name_kana"] = fault
    if facts.staff_number and (fault := _fault_in_text(facts.staff_number, "職員番号", _LONGEST_STAFF_NUMBER)):
        found["staff_number"] = fault
    if facts.left_on is not None and facts.left_on < facts.joined_on:
        found["left_on"] = "活動を終えた日は、始めた日以降にしてください。"
    for field, day in (("joined_on", facts.joined_on), ("left_on", facts.left_on)):
        if day is not None and not 1926 <= day.year <= 2100:
            found[field] = "日付を確かめてください（1926年から2100年まで）。"
    return found


def _fault_in_text(text: str, what: str, longest: int) -> str:
    if not text.strip():
        return f"{what}を入力してください。"
    if len(text) > longest:
        return f"{what}は{longest}文字以内にしてください（いま{len(text)}文字です）。"
    if control_characters(text, allow_lines=False):
        return f"{what}に、使えない制御文字が含まれています。文字を入力し直してください。"
    return ""


def search_key(name: str, name_kana: str = "") -> str:
    """The form in which a person is searched for: reading, then name, folded in width and case, without spaces."""
    parts = ("".join(unicodedata.normalize("NFKC", part).casefold().split()) for part in (name_kana, name))
    return " ".join(part for part in parts if part)[:_LONGEST_SEARCH_KEY]


# --- rows -------------------------------------------------------------------------------------------------------


def add_worker(
    session: Session,
    organization_id: UUID,
    facts: WorkerFacts,
    *,
    user_id: UUID | None = None,
    source: ChangeSource = ChangeSource.FORM,
    needs_kana: bool = True,
    by: Actor,
    now: datetime,
) -> Worker:
    """Put someone on the roster; handlers of personal data file the monthly sheet unless told otherwise.

    Raises AlreadyOnRoster for an account that is on this roster, StaffNumberTaken, and WrongFacts for what cannot
    stand there, a center or project of another organization included. The row's first version is kept.
    """
    facts = facts.settled()
    if faults := faults_in(facts, needs_kana=needs_kana):
        raise WrongFacts(faults)
    center = _places(session, organization_id, facts)
    if user_id is not None and session.scalar(
        select(Worker.id).where(Worker.organization_id == organization_id, Worker.user_id == user_id)
    ):
        raise AlreadyOnRoster
    _refuse_taken_number(session, organization_id, facts.staff_number, but=None)
    made = Worker(
        organization_id=organization_id, id=uuid4(), center_id=facts.center_id, user_id=user_id, registered_at=now
    )
    write_down(made, facts)
    session.add(made)
    session.flush()
    _assign(session, made, facts, on=facts.joined_on)
    version = keep_version(session, made, facts, 1, source=source, by=by, now=now)
    record_added(session, version, center.name, by=by)
    return made


def change_worker(
    session: Session,
    worker: Worker,
    facts: WorkerFacts,
    *,
    based_on: int | None = None,
    source: ChangeSource = ChangeSource.FORM,
    needs_kana: bool = True,
    on: date | None = None,
    by: Actor,
    now: datetime,
) -> frozenset[str]:
    """Change what the roster says of someone; returns the fields that changed, and keeps a version when any did.

    `on` is the day from which assignments begin or before which they end (today by default); `based_on` the number of
    the version that the change was made from. Raises ChangedMeanwhile when there is a newer one, StaffNumberTaken and
    WrongFacts. Records made earlier stay at the center where they were made.
    """
    session.refresh(worker, with_for_update=True)
    number = last_number(session, worker)
    if based_on is not None and based_on != number:
        raise ChangedMeanwhile
    facts = facts.settled()
    before = facts_of(session, worker)
    changed = differing(before, facts)
    if not changed:
        return changed
    if faults := faults_in(facts, needs_kana=needs_kana):
        raise WrongFacts(faults)
    _places(session, worker.organization_id, facts)
    _refuse_taken_number(session, worker.organization_id, facts.staff_number, but=worker.id)
    if number == 0:  # a row from before versions were kept
        keep_version(session, worker, before, 1, source=ChangeSource.SETUP, by=acts.SYSTEM, now=worker.registered_at)
        number = 1
    write_down(worker, facts)
    _assign(session, worker, facts, on=on or local_date(now))
    version = keep_version(session, worker, facts, number + 1, source=source, by=by, now=now)
    record_changed(session, version, changed, by=by)
    return changed


def record_added(session: Session, version: WorkerVersion, center: str, *, by: Actor) -> None:
    """Record that someone was put on the roster; `center` is the main center's name."""
    acts.record(
        session,
        Act(
            version.organization_id, "worker.added", version.recorded_at, by, subject_id=version.worker_id,
            object_kind="worker_version", object_id=version.id, content=version_content(version), details={
                "center": center, "kind": version.kind.value, "is_handler": version.is_handler,
                "source": version.source.value,
            },
        ),
    )  # fmt: skip


def record_changed(session: Session, version: WorkerVersion, changed: Iterable[str], *, by: Actor) -> None:
    """Record that a row of the roster was changed, and in which fields."""
    acts.record(
        session,
        Act(
            version.organization_id, "worker.changed", version.recorded_at, by, subject_id=version.worker_id,
            object_kind="worker_version", object_id=version.id, content=version_content(version),
            details={
                "fields": "、".join(sorted(changed)), "version": version.number, "source": version.source.value,
            },
        ),
    )  # fmt: skip


def last_number(session: Session, worker: Worker) -> int:
    """The number of the row's newest version; 0 when none was ever kept."""
    return (
        session.scalar(
            select(func.max(WorkerVersion.number)).where(
                WorkerVersion.organization_id == worker.organization_id, WorkerVersion.worker_id == worker.id
            )
        )
        or 0
    )


def facts_of(session: Session, worker: Worker) -> WorkerFacts:
    """What the roster says of someone now."""

    def open_ids(model: type[WorkerCenter] | type[WorkerProject], column: Any) -> frozenset[UUID]:
        return frozenset(
            session.scalars(
                select(column).where(
                    model.organization_id == worker.organization_id,
                    model.worker_id == worker.id,
                    model.until_on.is_(None),
                )
            )
        )

    return WorkerFacts(
        name=worker.name,
        name_kana=worker.name_kana,
        staff_number=worker.staff_number,
        kind=worker.kind,
        center_id=worker.center_id,
        is_handler=worker.is_handler,
        files_sheets=worker.files_sheets,
        joined_on=worker.joined_on,
        left_on=worker.left_on,
        other_centers=open_ids(WorkerCenter, WorkerCenter.center_id),
        projects=open_ids(WorkerProject, WorkerProject.project_id),
    )


FIELDS = (
    "name", "name_kana", "staff_number", "kind", "center_id", "other_centers", "projects", "is_handler",
    "files_sheets", "joined_on", "left_on",
)  # fmt: skip


def differing(before: WorkerFacts, after: WorkerFacts) -> frozenset[str]:
    """The names of the fields in which two settled sets of facts differ."""
    return frozenset(field for field in FIELDS if getattr(before, field) != getattr(after, field))


def write_down(worker: Worker, facts: WorkerFacts) -> None:
    """Let a row of the roster say these facts; keeps no version and records nothing."""
    worker.name, worker.name_kana = facts.name, facts.name_kana
    worker.search_key = search_key(facts.name, facts.name_kana)
    worker.staff_number, worker.kind, worker.center_id = facts.staff_number, facts.kind, facts.center_id
    worker.is_handler, worker.files_sheets = facts.is_handler, facts.asks_for_sheets
    worker.joined_on, worker.left_on = facts.joined_on, facts.left_on


def _places(session: Session, organization_id: UUID, facts: WorkerFacts) -> Center:
    """The main center; raises WrongFacts when a center or project is not this organization's."""
    wanted = {facts.center_id, *facts.other_centers}
    centers = {
        center.id: center
        for center in session.scalars(
            select(Center).where(Center.organization_id == organization_id, Center.id.in_(sorted(wanted)))
        )
    }
    if wanted - centers.keys():
        raise WrongFacts({"center_id": "拠点を、この団体の拠点の中から選んでください。"})
    if facts.projects and facts.projects - set(
        session.scalars(
            select(Project.id).where(Project.organization_id == organization_id, Project.id.in_(sorted(facts.projects)))
        )
    ):
        raise WrongFacts({"projects": "事業を、この団体の事業の中から選んでください。"})
    return centers[facts.center_id]


def _refuse_taken_number(session: Session, organization_id: UUID, number: str | None, *, but: UUID | None) -> None:
    if number is None:
        return
    holder = session.scalar(
        select(Worker.id).where(Worker.organization_id == organization_id, Worker.staff_number == number)
    )
    if holder is not None and holder != but:
        raise StaffNumberTaken


def _assign(session: Session, worker: Worker, facts: WorkerFacts, *, on: date) -> None:
    """Open and end the assignments to further centers and projects, from a day on."""
    _assign_to(session, WorkerCenter, "center_id", worker, facts.other_centers, on)
    _assign_to(session, WorkerProject, "project_id", worker, facts.projects, on)
    session.flush()


def _assign_to(
    session: Session,
    model: type[WorkerCenter] | type[WorkerProject],
    column: str,
    worker: Worker,
    wanted: frozenset[UUID],
    on: date,
) -> None:
    present: list[Any] = list(
        session.scalars(
            select(model).where(
                model.organization_id == worker.organization_id,
                model.worker_id == worker.id,
                model.until_on.is_(None),
            )
        )
    )
    assign(session, model, column, worker, wanted, on, present=present)


def assign(
    session: Session,
    model: type[WorkerCenter] | type[WorkerProject],
    column: str,
    worker: Worker,
    wanted: frozenset[UUID],
    on: date,
    *,
    present: Iterable[Any],
) -> None:
    """Open and end assignments from a day on so that exactly the wanted ones are open; `present` are those open now."""
    held = {getattr(row, column): row for row in present}
    for gone in held.keys() - wanted:
        row = held[gone]
        if row.from_on >= on:
            session.delete(row)  # it never began
        else:
            row.until_on = on - timedelta(days=1)
    for new in sorted(wanted - held.keys()):
        session.add(
            model(
                organization_id=worker.organization_id, id=uuid4(), worker_id=worker.id, from_on=on, until_on=None,
                **{column: new},
            )
        )  # fmt: skip


def keep_version(
    session: Session, worker: Worker, facts: WorkerFacts, number: int, *, source: ChangeSource, by: Actor, now: datetime
) -> WorkerVersion:
    """Keep a row of the roster as it now stands, under the next number."""
    made = WorkerVersion(**values_of_version(worker, facts, number, source=source, by=by, now=now))
    session.add(made)
    session.flush()
    return made


def values_of_version(
    worker: Worker, facts: WorkerFacts, number: int, *, source: ChangeSource, by: Actor, now: datetime
) -> dict[str, Any]:
    """What a version says that holds these facts of someone: {column: value}."""
    return {
        "organization_id": worker.organization_id,
        "id": uuid4(),
        "worker_id": worker.id,
        "number": number,
        "recorded_at": now,
        "recorded_by_id": by.user_id,
        "recorded_by_name": by.name,
        "source": source,
        "name": facts.name,
        "name_kana": facts.name_kana,
        "staff_number": facts.staff_number,
        "kind": facts.kind,
        "center_id": facts.center_id,
        "is_handler": facts.is_handler,
        "files_sheets": facts.asks_for_sheets,
        "joined_on": facts.joined_on,
        "left_on": facts.left_on,
        "other_centers": sorted(str(each) for each in facts.other_centers),
        "projects": sorted(str(each) for each in facts.projects),
    }


# --- projects ---------------------------------------------------------------------------------------------------


def project_named(session: Session, organization_id: UUID, name: str, *, by: Actor, now: datetime) -> Project:
    """The organization's project of that name, made when there is none; raises InvalidInput for an unusable name."""
    refuse_unusable(name, "事業の名前", longest=200)
    found = session.scalar(select(Project).where(Project.organization_id == organization_id, Project.name == name))
    if found is not None:
        return found
    made = Project(organization_id=organization_id, id=uuid4(), name=name, created_at=now, closed_on=None)
    session.add(made)
    session.flush()
    acts.record(
        session,
        Act(organization_id, "project.created", now, by, object_kind="project", object_id=made.id,
            details={"project": name}),
    )  # fmt: skip
    return made


# --- posts ------------------------------------------------------------------------------------------------------


def holdings_on(day: date) -> Any:
    """The condition that a post is held on a day."""
    return is_held_on(day)


def open_post(
    session: Session,
    worker: Worker,
    post: Post,
    *,
    center: Center | None = None,
    from_on: date,
    by: Actor,
    now: datetime,
) -> PostHolding:
    """Note that someone on the roster holds a post from a day on.

    Raises PostAlreadyHeld, DeputyOfOneself, and InvalidInput for a head without a center, a center for another post,
    or a day before the person joined.
    """
    if (post is Post.CENTER_HEAD) != (center is not None):
        raise InvalidInput("センター長には、担当する拠点を1つ選んでください。ほかの役職では拠点を選びません。")
    if from_on < worker.joined_on:
        raise InvalidInput("就任日は、活動を始めた日以降にしてください。")
    held = posts_of(session, worker, on=from_on)
    if any(row.post is post and row.center_id == (center.id if center else None) for row in held):
        raise PostAlreadyHeld
    if any(row.post is post.principal or row.post.principal is post for row in held):
        raise DeputyOfOneself
    made = PostHolding(
        organization_id=worker.organization_id,
        id=uuid4(),
        worker_id=worker.id,
        post=post,
        center_id=center.id if center else None,
        from_on=from_on,
        until_on=None,
        recorded_at=now,
        recorded_by_id=by.user_id,
    )
    session.add(made)
    session.flush()
    _record_post(session, made, "post.opened", by, now=now, center=center.name if center else None)
    return made


def end_post(session: Session, holding: PostHolding, *, until_on: date, by: Actor, now: datetime) -> None:
    """Note the last day on which someone holds a post; a second ending changes nothing.

    Raises InvalidInput for a day before it began.
    """
    session.refresh(holding, with_for_update=True)
    if holding.until_on is not None:
        return
    if until_on < holding.from_on:
        raise InvalidInput("退任日は、就任日以降にしてください。")
    holding.until_on, holding.ended_at = until_on, now
    _record_post(session, holding, "post.ended", by, now=now)


def posts_of(session: Session, worker: Worker, *, on: date) -> list[PostHolding]:
    """The posts that someone holds on a day, the earliest first."""
    return list(
        session.scalars(
            select(PostHolding)
            .where(
                PostHolding.organization_id == worker.organization_id,
                PostHolding.worker_id == worker.id,
                holdings_on(on),
            )
            .order_by(PostHolding.from_on, PostHolding.recorded_at, PostHolding.id)
        )
    )


def holders_of(session: Session, organization_id: UUID, posts: Iterable[Post], *, on: date) -> list[PostHolding]:
    """Who holds any of these posts in an organization on a day, the earliest first."""
    return list(
        session.scalars(
            select(PostHolding)
            .where(
                PostHolding.organization_id == organization_id,
                PostHolding.post.in_(list(posts)),
                holdings_on(on),
            )
            .order_by(PostHolding.from_on, PostHolding.recorded_at, PostHolding.id)
        )
    )


def _record_post(
    session: Session, holding: PostHolding, name: str, by: Actor, *, now: datetime, center: str | None = None
) -> None:
    acts.record(
        session,
        Act(
            holding.organization_id, name, now, by, subject_id=holding.worker_id, object_kind="post_holding",
            object_id=holding.id, details={
                "post": holding.post.value, "center": center, "from_on": holding.from_on.isoformat(),
                "until_on": holding.until_on.isoformat() if holding.until_on else None,
            },
        ),
    )  # fmt: skip


# --- looking at it, confirming it, handing it in ----------------------------------------------------------------


def record_look(session: Session, worker: Worker, *, by: Principal, now: datetime) -> None:
    """Record that someone looked at another person's row."""
    if worker.id in by.worker_ids:
        return
    acts.record(
        session,
        Act(
            worker.organization_id, "worker.viewed", now, by.actor, subject_id=worker.id, object_kind="worker",
            object_id=worker.id, is_look=True,
        ),
    )  # fmt: skip


def confirm_roster(
    session: Session, organization: Organization, *, seen: str, by: Principal, now: datetime
) -> RosterConfirmation:
    """Note that the protection officer has looked through the roster and found it right.

    `seen` is `queries.state_of` at the time when the page was made; raises RosterChangedMeanwhile for another.
    """
    session.refresh(organization, with_for_update={"key_share": True})
    if seen != queries.state_of(session, organization.id):
        raise RosterChangedMeanwhile
    today = local_date(now)
    counts = queries.counts_of(session, [organization.id], today=today).get(organization.id, queries.Counts())
    made = RosterConfirmation(
        organization_id=organization.id,
        id=uuid4(),
        at=now,
        confirmed_on=today,
        by_id=by.user_id,
        by_name=by.name,
        workers=counts.workers,
        handlers=counts.handlers,
        incomplete=counts.incomplete,
    )
    session.add(made)
    session.flush()
    acts.record(
        session,
        Act(
            organization.id, "roster.confirmed", now, by.actor, object_kind="roster_confirmation", object_id=made.id,
            content=queries.confirmation_content(made),
            details={"workers": made.workers, "handlers": made.handlers, "incomplete": made.incomplete},
        ),
    )  # fmt: skip
    return made


def draft_submission(
    session: Session,
    organization: Organization,
    engagement_id: UUID,
    scope: SubmissionScope,
    project_id: UUID | None = None,
    *,
    today: date,
) -> Draft:
    """The roster as it would be submitted under an engagement today.

    Raises WrongFacts for an engagement that is not the organization's or does not hold today, and for a missing or
    foreign project.
    """
    found = {each.id: (each, name) for each, name in queries.engagements_today(session, organization.id, today=today)}
    if engagement_id not in found:
        raise WrongFacts({"engagement": "契約・協定を、いま有効なものの中から選んでください。"})
    project = None
    if scope is SubmissionScope.PROJECT:
        project = session.get(Project, (organization.id, project_id)) if project_id else None
        if project is None:
            raise WrongFacts({"project": "事業を1つ選んでください。"})
    engagement, municipality = found[engagement_id]
    return draft_of(
        queries.rows(session, organization.id, queries.Asked(), today=today),
        queries.posts_with_names(session, organization.id, today=today),
        organization=organization,
        engagement=engagement,
        municipality=municipality,
        scope=scope,
        project=project,
    )


def submit_roster(
    session: Session,
    organization: Organization,
    engagement_id: UUID,
    scope: SubmissionScope,
    project_id: UUID | None = None,
    *,
    seen: str,
    by: Principal,
    now: datetime,
) -> RosterSubmission:
    """Keep the roster as it is handed to a municipality, under the next number of the engagement.

    `seen` is the seal of the draft that was looked at. Raises what `draft_submission` does, EmptyRoster, and
    RosterChangedMeanwhile when the draft would say something else now.
    """
    session.scalar(
        select(Engagement.id)
        .where(Engagement.organization_id == organization.id, Engagement.id == engagement_id)
        .with_for_update(key_share=True)
    )
    draft = draft_submission(session, organization, engagement_id, scope, project_id, today=local_date(now))
    if not draft.lines:
        raise EmptyRoster
    if seen != draft.seal:
        raise RosterChangedMeanwhile
    last = session.scalar(
        select(func.max(RosterSubmission.number)).where(
            RosterSubmission.organization_id == organization.id, RosterSubmission.engagement_id == engagement_id
        )
    )
    made = RosterSubmission(
        organization_id=organization.id,
        id=uuid4(),
        engagement_id=engagement_id,
        number=(last or 0) + 1,
        made_at=now,
        made_by_id=by.user_id,
        made_by_name=by.name,
        rows=draft.lines,
        heading=draft.heading,
    )
    session.add(made)
    session.flush()
    acts.record(
        session,
        Act(
            organization.id, "roster.submitted", now, by.actor, object_kind="roster_submission", object_id=made.id,
            content=queries.submission_content(made), details={"submission_number": made.number,
            "workers": len(draft.lines)},
        ),
    )  # fmt: skip
    return made


def record_print(session: Session, submission: RosterSubmission, *, by: Principal, now: datetime) -> None:
    """Record that someone fetched a submitted roster as a file."""
    acts.record(
        session,
        Act(
            submission.organization_id, "roster.printed", now, by.actor, object_kind="roster",
            object_id=submission.id, details={"submission_number": submission.number}, is_look=True,
        ),
    )  # fmt: skip
