"""From a reviewed draft to a rule in force: deciding, publishing, reviewing every year, and making it known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from partner_compliance import acts
from partner_compliance.access import Principal
from partner_compliance.acts import Act
from partner_compliance.clock import local_date
from partner_compliance.errors import NotAllowed, RuleBroken, WrongEntry
from partner_compliance.library.rules import QuizQuestion, Wizard
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Worker
from partner_compliance.rulebooks import contents, lineage, operations, policy, queries, texts
from partner_compliance.rulebooks.models import Acknowledgement, Rulebook, RuleDraft, RuleEvent, RuleVersion
from partner_compliance.rulebooks.texts import Article
from partner_compliance.rulebooks.words import DecidedBy, EventKind, Way

#: A material change can ask for acknowledgement between so many days after it comes into force.
GRACE = (timedelta(days=7), timedelta(days=180))
#: A decision can be recorded so long after it was taken.
RECORDED_WITHIN = timedelta(days=366 * 3)


class NotReviewed(RuleBroken):
    """A draft is adopted only as somebody has reviewed it."""

    message = "この下書きは、まだ全体の確認が済んでいないか、確認の後に変わっています。"
    what_to_do = "下書きを開き、全体を読んで「確認した」を押してから、採択を記録してください。"


class NotInForce(RuleBroken):
    """Only a version in force is published, reviewed and acknowledged."""

    message = "この版は、いま効力のある版ではありません。"
    what_to_do = "規程の一覧に戻り、いまの版を開いてください。"


class AlreadyAcknowledged(RuleBroken):
    """The person has acknowledged the version before."""

    message = "この版は、もう確認が済んでいます。"
    what_to_do = "これ以上の操作は要りません。"


@dataclass(frozen=True)
class Decision:
    """Who decided what, when, and what it means for those who knew the rule before."""

    decided_by: DecidedBy
    decided_on: date
    in_force_from: date
    is_material: bool
    acknowledge_by: date | None
    change: str


def adopt(
    session: Session, library: Library, draft: RuleDraft, decision: Decision, *, by: Principal, now: datetime
) -> RuleVersion:
    """Record that a reviewed draft was decided on: it becomes a version, word for word, and the draft ends.

    Raises NotReviewed, StillOpen, WrongEntry for days that cannot be, NotAllowed, DraftEnded.
    """
    if not policy.may_write(by, draft):
        raise NotAllowed
    session.refresh(draft, with_for_update=True)
    if draft.ended_at is not None:
        raise operations.DraftEnded
    if draft.reviewed_revision != draft.revision:
        raise NotReviewed
    rulebook = session.get_one(Rulebook, (draft.organization_id, draft.rulebook_id))
    rows = queries.articles_of(session, draft)
    mandatory = operations.mandatory_of(library, rulebook.key, draft.answers, now)
    if found := operations.problems_of(draft, rows, mandatory):
        raise operations.StillOpen(found[0].message)
    before = queries.state_of(session, rulebook, today=local_date(now)).versions
    _refuse_days(decision, before, today=local_date(now))
    articles = [queries.as_article(row) for row in rows if not row.is_left_out]
    wizard = library.wizard_for(local_date(now))
    articles = [_marked(each, wizard, draft.answers) for each in articles]
    is_material = decision.is_material or not before
    made = RuleVersion(
        organization_id=draft.organization_id, id=uuid4(), rulebook_id=rulebook.id, key=rulebook.key,
        number=len(before) + 1, title=draft.title, answers=draft.answers,
        articles=[each.model_dump(mode="json") for each in articles],
        digest=texts.digest_of(draft.title, articles), is_complete=set(mandatory) <= {each.key for each in articles},
        decided_by=decision.decided_by, decided_on=decision.decided_on, in_force_from=decision.in_force_from,
        review_due_on=queries.year_after(decision.decided_on),
        is_material=is_material, acknowledge_by=decision.acknowledge_by if is_material and before else None,
        change=decision.change, recorded_at=now, recorded_on=local_date(now), recorded_by_id=by.user_id,
        recorded_by_name=by.name,
    )  # fmt: skip
    session.add(made)
    draft.ended_at = now
    session.flush()
    acts.record(
        session,
        Act(
            draft.organization_id, "rule.adopted", now, by.actor, object_kind="rule_version", object_id=made.id,
            content=contents.version_content(made),
            details={
                "rule": made.title, "version": made.number, "decided_by": made.decided_by.value,
                "in_force_from": made.in_force_from.isoformat(),
            },
        ),
    )  # fmt: skip
    return made


def _marked(article: Article, wizard: Wizard, answers: Mapping[str, str]) -> Article:
    """The article with a mark whether its text was changed from what its source says."""
    source = lineage.Source.from_json(article.source)
    if source is None:
        return article
    is_edited = article.text != lineage.filled(source.template, wizard, answers)
    return article.model_copy(update={"source": {**article.source, "is_edited": is_edited}})


def _refuse_days(decision: Decision, before: Sequence[RuleVersion], *, today: date) -> None:
    if decision.decided_on > today:
        raise WrongEntry("decided_on", "決めた日は、今日か、今日より前にしてください。")
    if decision.decided_on < today - RECORDED_WITHIN:
        raise WrongEntry("decided_on", "記録できるのは、3年前までに決めたものです。")
    if decision.in_force_from < decision.decided_on:
        raise WrongEntry("in_force_from", "効力の生じる日は、決めた日か、それより後にしてください。")
    if decision.in_force_from > today + timedelta(days=366):
        raise WrongEntry("in_force_from", "効力の生じる日は、1年先までにしてください。")
    if not before:
        return
    if decision.in_force_from < before[-1].in_force_from:
        raise WrongEntry("in_force_from", "前の版の効力が生じる日より、前の日にはできません。")
    if not decision.change:
        raise WrongEntry("change", "何を、なぜ変えたのかを入力してください。")
    if decision.is_material:
        first, last = (decision.in_force_from + days for days in GRACE)
        if decision.acknowledge_by is None or not first <= decision.acknowledge_by <= last:
            raise WrongEntry(
                "acknowledge_by", "確認の期限は、効力の生じる日の7日後から180日後までの間で決めてください。"
            )


# --- publishing and reviewing -----------------------------------------------------------------------------------


def _event(
    session: Session,
    version: RuleVersion,
    kind: EventKind,
    *,
    on: date,
    by: Principal,
    now: datetime,
    decided_by: DecidedBy | None = None,
    note: str = "",
) -> RuleEvent:
    made = RuleEvent(
        organization_id=version.organization_id, id=uuid4(), rulebook_id=version.rulebook_id, version_id=version.id,
        kind=kind, happened_on=on, review_due_on=queries.year_after(on) if kind is EventKind.REVIEWED else None,
        decided_by=decided_by, note=note, at=now, recorded_on=local_date(now), by_id=by.user_id,
        by_name=by.name,
    )  # fmt: skip
    session.add(made)
    session.flush()
    acts.record(
        session,
        Act(
            version.organization_id, f"rule.{kind.value}", now, by.actor, object_kind="rule_event", object_id=made.id,
            content=contents.event_content(made), details={"rule": version.title, "version": version.number},
        ),
    )  # fmt: skip
    return made


def _in_force(session: Session, version: RuleVersion, by: Principal, now: datetime) -> queries.State:
    if not policy.may_publish(by, version):
        raise NotAllowed
    rulebook = session.get_one(Rulebook, (version.organization_id, version.rulebook_id))
    session.refresh(rulebook, with_for_update=True)
    state = queries.state_of(session, rulebook, today=local_date(now))
    if state.current is None or state.current.id != version.id:
        raise NotInForce
    return state


def publish(session: Session, version: RuleVersion, *, by: Principal, now: datetime) -> None:
    """Let everyone read a version in force under the rule's permanent address; raises NotInForce."""
    state = _in_force(session, version, by, now)
    if state.published is None:
        _event(session, version, EventKind.PUBLISHED, on=local_date(now), by=by, now=now)


def unpublish(session: Session, version: RuleVersion, *, by: Principal, now: datetime) -> None:
    """Take a version from the public again; raises NotInForce."""
    state = _in_force(session, version, by, now)
    if state.published is not None:
        _event(session, version, EventKind.UNPUBLISHED, on=local_date(now), by=by, now=now)


def review_without_change(
    session: Session,
    version: RuleVersion,
    *,
    decided_by: DecidedBy,
    on: date,
    note: str,
    by: Principal,
    now: datetime,
) -> None:
    """Record the decision that a rule stays as it is (DOMAIN 4b); raises NotInForce, WrongEntry."""
    _in_force(session, version, by, now)
    today = local_date(now)
    if not version.decided_on <= on <= today:
        raise WrongEntry("on", "見直した日は、この版を決めた日から今日までの間にしてください。")
    if not note:
        raise WrongEntry("note", "見直した結果を入力してください（例: 法律と活動に変わりがないため、変えない）。")
    _event(session, version, EventKind.REVIEWED, on=on, by=by, now=now, decided_by=decided_by, note=note)


# --- knowing the rules ------------------------------------------------------------------------------------------


def wrong_of(questions: Sequence[QuizQuestion], given: Mapping[str, str]) -> list[QuizQuestion]:
    """The questions that were not answered rightly; an answer is the number of the choice."""
    return [each for each in questions if given.get(each.key) != str(each.right)]


def acknowledge(
    session: Session,
    version: RuleVersion,
    worker: Worker,
    *,
    asked: int,
    right_at_first: int,
    by: Principal,
    now: datetime,
) -> Acknowledgement:
    """Record that somebody has read a version and answered its questions rightly.

    Raises NotInForce, AlreadyAcknowledged, NotAllowed for somebody else.
    """
    if worker.id not in by.worker_ids or worker.organization_id != version.organization_id:
        raise NotAllowed
    way = Way.KIOSK if by.is_at_kiosk else Way.SCREEN
    return _acknowledge(session, version, worker, local_date(now), way, asked, right_at_first, by=by, now=now)


def enter_paper(
    session: Session, version: RuleVersion, worker: Worker, *, on: date, by: Principal, now: datetime
) -> Acknowledgement:
    """Record for somebody without a phone that they have read a version on paper, on the day written there.

    Raises WrongEntry for a day that cannot be, NotAllowed for one's own.
    """
    if not policy.may_enter_paper(by, worker) or worker.organization_id != version.organization_id:
        raise NotAllowed
    today = local_date(now)
    if not max(version.decided_on, worker.joined_on) <= on <= today:
        raise WrongEntry(
            "on", "紙に書かれた日は、この版を決めた日と、その方が加わった日より後、今日までにしてください。"
        )
    return _acknowledge(session, version, worker, on, Way.PAPER, 0, 0, by=by, now=now)


def _acknowledge(
    session: Session,
    version: RuleVersion,
    worker: Worker,
    on: date,
    way: Way,
    asked: int,
    right_at_first: int,
    *,
    by: Principal,
    now: datetime,
) -> Acknowledgement:
    rulebook = session.get_one(Rulebook, (version.organization_id, version.rulebook_id))
    state = queries.state_of(session, rulebook, today=local_date(now))
    if state.current is None or state.current.id != version.id:
        raise NotInForce
    session.refresh(worker, with_for_update=True)
    if _known(session, version, worker.id) is not None:
        raise AlreadyAcknowledged
    made = Acknowledgement(
        organization_id=version.organization_id, id=uuid4(), rulebook_id=rulebook.id, version_id=version.id,
        key=version.key, version_number=version.number, worker_id=worker.id, center_id=worker.center_id,
        acknowledged_on=on, way=way, name=worker.name, asked=asked, right_at_first=right_at_first, recorded_at=now,
        recorded_on=local_date(now), recorded_by_id=by.user_id, recorded_by_name=by.name, kiosk_id=by.kiosk_id,
    )  # fmt: skip
    session.add(made)
    session.flush()
    acts.record(
        session,
        Act(
            version.organization_id, "rule.acknowledged", now, by.actor, object_kind="acknowledgement",
            object_id=made.id, subject_id=worker.id, content=contents.acknowledgement_content(made),
            details={"rule": version.title, "version": version.number, "way": way.value},
        ),
    )  # fmt: skip
    return made


def _known(session: Session, version: RuleVersion, worker_id: UUID) -> Acknowledgement | None:
    return session.scalar(
        select(Acknowledgement).where(
            Acknowledgement.organization_id == version.organization_id,
            Acknowledgement.version_id == version.id,
            Acknowledgement.worker_id == worker_id,
        )
    )
