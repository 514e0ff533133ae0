"""What can be decided about sharing, and what becomes of a decision; when the rules refuse it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from partner_compliance import acts
from partner_compliance.access import Principal
from partner_compliance.acts import Act
from partner_compliance.clock import local_date
from partner_compliance.engagements.words import Mode
from partner_compliance.errors import NotAllowed, RuleBroken, WrongEntry
from partner_compliance.gate import contents, policy, queries
from partner_compliance.gate.checking import Answer, Question, check
from partner_compliance.gate.models import DecisionEvent, ShareDecision
from partner_compliance.gate.requiring import NotEngaged
from partner_compliance.gate.words import (
    HANDS_OVER,
    LATEST_END,
    LONGEST_ACCEPTANCE,
    NAMED,
    REVIEW_WITHIN,
    EventKind,
    Outcome,
    State,
    Subject,
    Verdict,
)
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Engagement, Municipality, Organization, Worker
from partner_compliance.readiness.snapshots import frozen
from partner_compliance.receipts import operations as receipts
from partner_compliance.receipts.words import Direction, Ending, Side
from partner_compliance.takeouts.words import MOST, Medium


class Changed(RuleBroken):
    """Level, requirement or a recipient changed after the page was opened: told, and asked again."""

    message = "画面を開いた後に、この団体の状況か条件が変わりました。まだ記録していません。"
    what_to_do = "新しい判定を確かめて、もう一度決めてください。入力した内容は残しています。"


class NotNeeded(RuleBroken):
    message = "団体から自治体への情報提供には、共有の判断は要りません。"
    what_to_do = "団体に、いつでも知らせてよいことを伝えてください。"


class Over(RuleBroken):
    message = "この共有は、すでに終わっているか、止められています。"
    what_to_do = "最新の状態を確認してください。"


class AlreadyReviewed(RuleBroken):
    message = "この緊急の共有は、すでに事後の確認が済んでいます。"
    what_to_do = "最新の状態を確認してください。"


class OwnDecision(NotAllowed):
    message = "ご自分が決めた緊急の共有は、ご自分では確かめられません。"
    what_to_do = "同じ自治体の、ほかの担当者に頼んでください。"


@dataclass(frozen=True)
class Said:
    """A decision as an officer writes it down."""

    question: Question
    outcome: Outcome
    basis_note: str = ""
    reason: str = ""
    items: str = ""
    count: int | None = None
    ending: Ending | None = None
    until_on: date | None = None
    #: That the conditions have been told to the partner.
    agreed: bool = False
    #: What the page showed (`seal_of`).
    seal: str = ""


def seal_of(answer: Answer) -> str:
    """A word that stays the same as long as the gate says the same on the same records."""
    text = json.dumps(
        [
            answer.verdict.value, [each.as_data() for each in answer.reasons], answer.required.as_data(),
            frozen(answer.ground.assessment)[1],
        ],
        ensure_ascii=False, sort_keys=True,
    )  # fmt: skip
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def decide(
    session: Session,
    library: Library,
    municipality: Municipality,
    organization: Organization,
    said: Said,
    *,
    by: Principal,
    now: datetime,
    request_key: UUID,
) -> ShareDecision:
    """Keep an officer's decision with what the gate said and with the whole assessment of that moment.

    Opens a line in the register of hand-overs where something is handed over. The same `request_key` finds the row of
    an earlier sending. Raises NotAllowed, NotEngaged, NotNeeded, Changed where the page no longer says what holds, and
    WrongEntry for what is missing: a reason where it is not what the gate says, the recipients, the least that is
    needed, and until when (DESIGN §1, move 4).
    """
    if not policy.may_run(by, municipality):
        raise NotAllowed
    found = session.scalar(
        select(ShareDecision).where(
            ShareDecision.organization_id == organization.id, ShareDecision.request_key == request_key
        )
    )
    if found is not None:
        return found
    session.refresh(organization, with_for_update=True)
    today = local_date(now)
    question = said.question
    if question.data_class.is_refused:
        raise WrongEntry("outcome", f"「{question.data_class.label}」は、このシステムでは扱いません。")
    if question.purpose.is_inbound:
        raise NotNeeded
    if question.purpose.is_urgent and said.outcome is Outcome.SHARE:
        raise WrongEntry("outcome", "この目的では、「緊急のため、先に共有する」か「共有しない」を選んでください。")
    # What the page showed was asked without the people, whom the officer chose on it.
    shown = queries.answer(
        session, library, municipality.id, organization.id,
        Question(question.data_class, question.mode, question.purpose), today,
    )  # fmt: skip
    if not shown.ground.engagements:
        raise NotEngaged
    if seal_of(shown) != said.seal:
        raise Changed
    answer = check(question, shown.ground) if question.recipients else shown
    _refuse_wrong(said, answer, today)
    engagement = shown.ground.engagements[0]
    names = {each.worker_id: each.name for each in shown.ground.known or ()}
    people = {str(each): names[each] for each in question.recipients or ()}
    gives = said.outcome.gives
    receipt_id = _hand_over(session, organization, engagement, said, by=by, now=now, key=request_key)
    data, digest = frozen(answer.ground.assessment)
    made = ShareDecision(
        organization_id=organization.id, id=uuid4(), municipality_id=municipality.id, engagement_id=engagement.id,
        data_class=question.data_class, mode=question.mode, purpose=question.purpose, verdict=answer.verdict,
        outcome=said.outcome, basis=engagement.basis, basis_note=said.basis_note, reason=said.reason,
        items=said.items if gives else "", count=said.count if gives and question.mode in HANDS_OVER else None,
        recipients=people if gives else {}, conditions=list(answer.conditions) if gives else [],
        ending=said.ending if gives and question.mode in HANDS_OVER else None,
        until_on=said.until_on if gives else None,
        required=answer.required.as_data(), reasons=[each.as_data() for each in answer.reasons],
        level=answer.ground.assessment.level, assessment=data, assessment_digest=digest, receipt_id=receipt_id,
        review_due_at=now + REVIEW_WITHIN if said.outcome is Outcome.EMERGENCY else None, request_key=request_key,
        decided_at=now, decided_on=today, by_id=by.user_id, by_name=by.name,
    )  # fmt: skip
    session.add(made)
    session.flush()
    details: dict[str, str | int | bool | None] = {
        "class": question.data_class.value, "outcome_of_sharing": said.outcome.value, "people": len(people) or None
    }  # fmt: skip
    acts.record(
        session,
        Act(
            organization.id, "sharing.decided", now, by.actor, object_kind="share_decision", object_id=made.id,
            content=contents.decision_content(made), details=details,
        ),
    )  # fmt: skip
    acts.record(session, Act(municipality.id, "sharing.decided", now, by.actor, details=details))
    return made


def _refuse_wrong(said: Said, answer: Answer, today: date) -> None:
    question, outcome = said.question, said.outcome
    known = {each.worker_id for each in answer.ground.known or ()}
    if any(each not in known for each in question.recipients or ()):
        raise WrongEntry("recipients", "選んだ方が、提出された名簿にいません。選び直してください。")
    if outcome is Outcome.REFUSE:
        if answer.verdict in (Verdict.OPEN, Verdict.CONDITIONAL) and not said.reason:
            raise WrongEntry("reason", "判定では共有できるため、共有しない理由を書いてください。団体も読みます。")
        return
    if outcome is Outcome.EMERGENCY and not said.reason:
        raise WrongEntry("reason", "緊急と判断した理由を書いてください（子どもや家庭の名前は書かないでください）。")
    if outcome is Outcome.SHARE and answer.verdict is Verdict.CLOSED and not said.reason:
        if all(each.subject is Subject.RECIPIENT for each in answer.blocking):
            raise WrongEntry("recipients", "".join(each.text + each.mend for each in answer.blocking))
        raise WrongEntry("reason", "判定では共有できないため、それでも共有する理由を書いてください。")
    if not question.recipients and question.data_class in NAMED and outcome is not Outcome.EMERGENCY:
        raise WrongEntry("recipients", "受け取る方を、1人以上選んでください。")
    if not said.items:
        raise WrongEntry(
            "items", "渡すもの（必要最小限の項目）を書いてください（例: 訪問先の住所と連絡先。名前は書きません）。"
        )
    if answer.conditions and not said.agreed:
        raise WrongEntry("agreed", "守ってもらうことを団体に伝え、チェックを入れてください。")
    _refuse_wrong_end(said, today)


def _refuse_wrong_end(said: Said, today: date) -> None:
    mode = said.question.mode
    if mode in HANDS_OVER:
        if said.count is None or not 1 <= said.count <= MOST:
            raise WrongEntry("count", f"数は、1から{MOST}までの数字で入力してください。")
        if said.ending is None:
            raise WrongEntry("ending", "使い終わった後にどうするかを選んでください。")
    if said.until_on is None:
        if mode is Mode.ORAL:
            return
        raise WrongEntry("until_on", "いつまでか（返却・廃棄の期日、または利用の終わりの日）を入力してください。")
    if not today <= said.until_on <= today + LATEST_END:
        raise WrongEntry("until_on", "期日は、今日から10年以内の日にしてください。")


_MEDIA = {Mode.PAPER_COLLECTED: Medium.PAPER, Mode.PAPER_KEPT: Medium.PAPER, Mode.FILE: Medium.OTHER}


def _hand_over(
    session: Session,
    organization: Organization,
    engagement: Engagement,
    said: Said,
    *,
    by: Principal,
    now: datetime,
    key: UUID,
) -> UUID | None:
    """Open a line in the partner's register for what is handed over; the partner confirms there that it came."""
    question = said.question
    if not said.outcome.gives or question.mode not in HANDS_OVER:
        return None
    if said.count is None or said.ending is None or said.until_on is None:
        return None
    people: Sequence[UUID] = question.recipients or ()
    receiver = session.get_one(Worker, (organization.id, people[0])) if len(people) == 1 else None
    item = receipts.Item(_MEDIA[question.mode], question.data_class, said.count, said.items, said.ending, said.until_on)
    facts = receipts.Facts(
        Direction.FROM_MUNICIPALITY, local_date(now), question.purpose.label, [item], receiver=receiver,
        engagement=engagement,
    )  # fmt: skip
    made = receipts.write(session, organization, facts, side=Side.GIVER, by=by, now=now, request_key=key)
    return made.id


# --- what becomes of it -----------------------------------------------------------------------------------------


def take_note(session: Session, decision: ShareDecision, *, by: Principal, now: datetime) -> DecisionEvent:
    """The partner takes note of a decision; a second time changes nothing. Raises NotAllowed."""
    if not policy.speaks_for_partner(by, decision):
        raise NotAllowed
    story = _lock(session, decision)
    seen = next((each for each in story.events if each.kind is EventKind.SEEN), None)
    return seen or _append(session, story, EventKind.SEEN, by=by, now=now)


def review(
    session: Session, decision: ShareDecision, *, fit: bool, text: str, by: Principal, now: datetime
) -> DecisionEvent:
    """Look at what was shared in an emergency, as another officer of the municipality.

    Raises NotAllowed, OwnDecision, AlreadyReviewed, WrongEntry without words.
    """
    if not policy.is_municipal(by, decision):
        raise NotAllowed
    if not policy.may_review(by, decision):
        raise OwnDecision
    if not text:
        raise WrongEntry("text", "確かめたことを書いてください（緊急だったか、渡したものは必要最小限だったか）。")
    story = _lock(session, decision)
    if decision.outcome is not Outcome.EMERGENCY or story.review is not None:
        raise AlreadyReviewed
    kind = EventKind.REVIEWED_FIT if fit else EventKind.REVIEWED_UNFIT
    return _append(session, story, kind, reason=text, by=by, now=now)


def keep_on(
    session: Session, decision: ShareDecision, *, reason: str, until_on: date | None, by: Principal, now: datetime
) -> DecisionEvent:
    """Decide that sharing goes on although the gate says no today, until a day within 90 days.

    Raises NotAllowed, Over, WrongEntry.
    """
    story = _municipal(session, decision, by, reason)
    today = local_date(now)
    if until_on is None or not today <= until_on < today + LONGEST_ACCEPTANCE:
        last = today + LONGEST_ACCEPTANCE - timedelta(days=1)
        raise WrongEntry("until_on", f"次に見直す日は、今日から{last.isoformat()}までの間にしてください。")
    if story.state is not State.CURRENT:
        raise Over
    return _append(session, story, EventKind.KEPT, reason=reason, until_on=until_on, by=by, now=now)


def pause(session: Session, decision: ShareDecision, *, reason: str, by: Principal, now: datetime) -> DecisionEvent:
    """Stop what is shared for now; the partner sees it at once. Raises NotAllowed, Over, WrongEntry."""
    story = _municipal(session, decision, by, reason)
    if story.state is not State.CURRENT:
        raise Over
    return _append(session, story, EventKind.PAUSED, reason=reason, by=by, now=now)


def resume(session: Session, decision: ShareDecision, *, reason: str, by: Principal, now: datetime) -> DecisionEvent:
    """Let what was stopped go on. Raises NotAllowed, Over, WrongEntry without a reason."""
    story = _municipal(session, decision, by, reason)
    if story.state is not State.PAUSED:
        raise Over
    return _append(session, story, EventKind.RESUMED, reason=reason, by=by, now=now)


def end(session: Session, decision: ShareDecision, *, reason: str, by: Principal, now: datetime) -> DecisionEvent:
    """Record that nothing of it is with the partner any more: returned, destroyed, or the access has ended.

    Raises NotAllowed, Over, WrongEntry without words.
    """
    story = _municipal(session, decision, by, reason)
    if not story.state.is_open:
        raise Over
    return _append(session, story, EventKind.ENDED, reason=reason, by=by, now=now)


def _municipal(session: Session, decision: ShareDecision, by: Principal, reason: str) -> queries.Story:
    if not policy.is_municipal(by, decision):
        raise NotAllowed
    if not reason:
        raise WrongEntry("reason", "理由か、確かめたことを書いてください。団体も読みます。")
    return _lock(session, decision)


def _lock(session: Session, decision: ShareDecision) -> queries.Story:
    session.refresh(decision, with_for_update=True)
    return queries.story_of(session, decision)


def _append(
    session: Session,
    story: queries.Story,
    kind: EventKind,
    *,
    by: Principal,
    now: datetime,
    reason: str = "",
    until_on: date | None = None,
) -> DecisionEvent:
    decision = story.decision
    made = DecisionEvent(
        organization_id=decision.organization_id, id=uuid4(), municipality_id=decision.municipality_id,
        decision_id=decision.id, number=len(story.events) + 1, kind=kind, reason=reason, until_on=until_on, at=now,
        by_id=by.user_id, by_name=by.name,
    )  # fmt: skip
    session.add(made)
    session.flush()
    name = f"sharing.{kind.value}"
    acts.record(
        session,
        Act(
            decision.organization_id, name, now, by.actor, object_kind="decision_event", object_id=made.id,
            content=contents.event_content(made),
        ),
    )  # fmt: skip
    acts.record(session, Act(decision.municipality_id, name, now, by.actor))
    return made
