"""What can be done about engagements: propose, accept, decline, change, end, say who is concerned, record clauses."""

import secrets
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from partner_compliance import acts
from partner_compliance.accounts import operations as accounts
from partner_compliance.acts import Act, Actor
from partner_compliance.clock import local_date
from partner_compliance.engagements import queries
from partner_compliance.engagements.models import (
    Assignment,
    ClauseAgreement,
    EngagementReply,
    EngagementVersion,
    PartnerCode,
)
from partner_compliance.engagements.words import CouncilCategory, DataClass, EngagementState, Mode, Reply, state_on
from partner_compliance.errors import InvalidInput, RuleBroken
from partner_compliance.library.clauses import NOT_AGREED, ClauseList
from partner_compliance.organizations.models import (
    Center,
    Engagement,
    EngagementBasis,
    LegalForm,
    Municipality,
    Organization,
)
from partner_compliance.organizations.operations import cancel_engagement
from partner_compliance.roster.models import Post, Project
from partner_compliance.web import control_characters

#: Characters that nobody takes for another, read aloud or written by hand.
_CODE_ALPHABET = "23456789BCDFGHJKMNPQRSTVWXYZ"
_CODE_LENGTH = 8
#: How many codes may be tried within an hour: by one person, and by all officers of one municipality.
_TRIES_OF_ONE, _TRIES_OF_ALL, _TRIES_WITHIN = 10, 40, timedelta(hours=1)
#: How long an engagement may last, from its first day to its last.
_LONGEST = timedelta(days=366 * 10)
LONGEST_TITLE, LONGEST_NOTE, LONGEST_NAME, LONGEST_REASON = 200, 300, 200, 1000


class UnknownCode(InvalidInput):
    message = "この連携コードの団体は見つかりませんでした。"
    what_to_do = "団体の個人情報責任者に、いまの連携コードを確かめてください。"


class AlreadyProposed(RuleBroken):
    message = "同じ内容の提案が、すでに承諾を待っています。"
    what_to_do = "連携関係の一覧で確認してください。"


class ChangeAlreadyProposed(RuleBroken):
    message = "承諾を待っている変更の提案が、すでにあります。"
    what_to_do = "団体の返事を待つか、前の提案を取り下げてから、もう一度提案してください。"


class NothingToAnswer(RuleBroken):
    message = "返事を待っている提案はありません。"
    what_to_do = "すでに返事をしたか、自治体が取り下げています。最新の状態を確認してください。"


class ChangedMeanwhile(RuleBroken):
    message = "画面を開いたあとに、ほかの方が内容を変えました。"
    what_to_do = "最新の内容を確認してから、もう一度お試しください。"


class NothingChanged(RuleBroken):
    message = "いまの内容と同じです。変わったところがありません。"
    what_to_do = "変えたいところを直してから、もう一度送信してください。"


class NotInForce(RuleBroken):
    message = "この連携関係は、まだ承諾されていないか、すでに終わっています。"
    what_to_do = "新しい連携関係として提案してください。"


class PeriodOver(RuleBroken):
    message = "提案された期間は、すでに終わっています。"
    what_to_do = "辞退し、期間を直して提案し直すよう自治体に伝えてください。"


class WrongTerms(InvalidInput):
    """Terms that cannot be proposed; `faults` says in which field, and what to do."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(" ".join(faults.values()))
        self.faults = dict(faults)


@dataclass(frozen=True)
class Terms:
    """What a municipality proposes to an organization: on what basis, for how long, and what it means to share."""

    title: str
    basis: EngagementBasis
    starts_on: date
    ends_on: date
    further_bases: frozenset[EngagementBasis] = frozenset()
    council_category: CouncilCategory | None = None
    basis_note: str = ""
    re_entrusted_by: str = ""
    shares: Mapping[DataClass, frozenset[Mode]] = field(default_factory=dict)
    protected_reason: str = ""

    @property
    def bases(self) -> frozenset[EngagementBasis]:
        """The main basis and the further ones."""
        return self.further_bases | {self.basis}

    def facts(self) -> dict[str, Any]:
        """The same as columns of a version."""
        return {
            "title": self.title,
            "basis": self.basis,
            "further_bases": sorted(basis.value for basis in self.further_bases - {self.basis}),
            "council_category": self.council_category,
            "basis_note": self.basis_note,
            "re_entrusted_by": self.re_entrusted_by,
            "starts_on": self.starts_on,
            "ends_on": self.ends_on,
            "shares": {
                each.value: [mode.value for mode in Mode if mode in modes]
                for each in DataClass
                if (modes := self.shares.get(each))
            },
            "protected_reason": self.protected_reason,
        }


def faults_in(terms: Terms, legal_form: LegalForm) -> dict[str, str]:
    """What is wrong with the terms for an organization of that legal form: {field: what to do}; empty when all is well.

    Sources: 個人情報保護法66条2項 (bases), 児童福祉法25条の5 (category of a council's member), DOMAIN §4–5.
    """
    found: dict[str, str] = {}
    for name, text, what, longest, is_needed in (
        ("title", terms.title, "事業の名前", LONGEST_TITLE, True),
        ("basis_note", terms.basis_note, "根拠の説明", LONGEST_NOTE, bool(terms.bases & _BASES_TO_EXPLAIN)),
        (
            "re_entrusted_by",
            terms.re_entrusted_by,
            "再委託元",
            LONGEST_NAME,
            EngagementBasis.SUBCONTRACT in terms.bases,
        ),
        ("protected_reason", terms.protected_reason, "D8を共有する理由", LONGEST_REASON, _shares_protected(terms)),
    ):
        if fault := _fault_in_text(text, what, longest, is_needed=is_needed, lines=name == "protected_reason"):
            found[name] = fault
    if EngagementBasis.UNRECORDED in terms.bases:
        found["basis"] = "区分を1つ選んでください。"
    if EngagementBasis.CONSENT_ONLY in terms.bases and len(terms.bases) > 1:
        found["further_bases"] = "「本人同意のみ」は、ほかの区分と一緒には選べません。"
    is_member = EngagementBasis.COUNCIL_MEMBER in terms.bases
    if is_member and terms.council_category is None:
        found["council_category"] = "要対協の構成員のときは、児童福祉法第25条の5の何号にあたるかを選んでください。"
    elif not is_member and terms.council_category is not None:
        found["council_category"] = "要対協の構成員でないときは、選ばないでください。"
    elif terms.council_category is CouncilCategory.CORPORATION and legal_form is LegalForm.UNINCORPORATED_GROUP:
        found["council_category"] = "任意団体は法人ではないため、二号にはなりません。三号を選んでください。"
    if any(each.is_refused and modes for each, modes in terms.shares.items()):
        found["share_D9"] = "犯罪事実確認記録は、このシステムでは扱いません。選択を外してください。"
    found |= _faults_in_days(terms.starts_on, terms.ends_on)
    return found


_BASES_TO_EXPLAIN = frozenset({EngagementBasis.OTHER, EngagementBasis.STATUTORY_SECRECY})


def _shares_protected(terms: Terms) -> bool:
    return any(each.is_protected and modes for each, modes in terms.shares.items())


def _faults_in_days(starts_on: date, ends_on: date) -> dict[str, str]:
    if ends_on < starts_on:
        return {"ends_on": "終わりの日は、始まりの日以降にしてください。"}
    if ends_on - starts_on > _LONGEST:
        return {"ends_on": "期間は10年以内にしてください。"}
    return {}


def _fault_in_text(text: str, what: str, longest: int, *, is_needed: bool, lines: bool = False) -> str:
    if is_needed and not text.strip():
        return f"{what}を入力してください。"
    if len(text) > longest:
        return f"{what}は{longest}文字以内にしてください（いま{len(text)}文字です）。"
    if control_characters(text, allow_lines=lines):
        return f"{what}に、使えない制御文字が含まれています。文字を入力し直してください。"
    return ""


def _refuse_unusable_reason(reason: str, what: str = "理由") -> None:
    if fault := _fault_in_text(reason, what, LONGEST_REASON, is_needed=True, lines=True):
        raise InvalidInput(fault)


# --- the code ---------------------------------------------------------------------------------------------------


def renew_code(session: Session, organization: Organization, *, by: Actor, now: datetime) -> PartnerCode:
    """Give an organization a new code (連携コード); an earlier one no longer finds it."""
    taken = True
    while taken:
        code = "".join(secrets.choice(_CODE_ALPHABET) for _ in range(_CODE_LENGTH))
        taken = session.scalar(select(PartnerCode.code).where(PartnerCode.code == code)) is not None
    kept = session.get(PartnerCode, organization.id, with_for_update=True)
    if kept is None:
        kept = PartnerCode(organization_id=organization.id, code=code, made_at=now)
        session.add(kept)
    kept.code, kept.made_at = code, now
    session.flush()
    acts.record(
        session,
        Act(
            organization.id, "engagement.code_made", now, by, object_kind="organization", object_id=organization.id
        ),
    )  # fmt: skip
    return kept


def organization_by_code(
    session: Session, municipality: Municipality, typed: str, *, by: Actor, now: datetime
) -> Organization:
    """The organization with a code; raises UnknownCode alike for a wrong and an unreadable one.

    Every try counts (the caller keeps the count also when it refuses): raises TooMany after ten in an hour by one
    person, or forty by all officers of the municipality.
    """
    accounts.refuse_too_many(
        session, f"partner-code:{accounts.digest(str(by.user_id))}", limit=_TRIES_OF_ONE, within=_TRIES_WITHIN, now=now
    )
    accounts.refuse_too_many(
        session,
        f"partner-code:{accounts.digest(str(municipality.id))}",
        limit=_TRIES_OF_ALL,
        within=_TRIES_WITHIN,
        now=now,
    )
    code = "".join(char for char in unicodedata.normalize("NFKC", typed).upper() if char.isalnum())
    found = session.scalar(
        select(Organization)
        .join(PartnerCode, PartnerCode.organization_id == Organization.id)
        .where(PartnerCode.code == code)
    )  # fmt: skip
    if found is None:
        raise UnknownCode
    return found


# --- proposals --------------------------------------------------------------------------------------------------


def propose_engagement(
    session: Session, municipality: Municipality, organization: Organization, terms: Terms, *, by: Actor, now: datetime
) -> Engagement:
    """Propose an engagement to an organization; it opens nothing until the organization accepts it.

    Raises WrongTerms, and AlreadyProposed for the same once more. Both sides' histories tell of it.
    """
    if faults := faults_in(terms, organization.legal_form):
        raise WrongTerms(faults)
    if terms.ends_on < local_date(now):
        raise WrongTerms({"ends_on": "終わりの日がもう過ぎています。日付を確かめてください。"})
    twin = session.scalar(
        select(Engagement.id).where(
            Engagement.organization_id == organization.id,
            Engagement.municipality_id == municipality.id,
            Engagement.title == terms.title,
            Engagement.starts_on == terms.starts_on,
            Engagement.ends_on == terms.ends_on,
            Engagement.proposed_at.is_not(None),
            Engagement.accepted_at.is_(None),
            Engagement.declined_at.is_(None),
            Engagement.withdrawn_at.is_(None),
        )
    )
    if twin is not None:
        raise AlreadyProposed
    made = Engagement(
        organization_id=organization.id,
        id=uuid4(),
        municipality_id=municipality.id,
        basis=terms.basis,
        title=terms.title,
        starts_on=terms.starts_on,
        ends_on=terms.ends_on,
        proposed_at=now,
        proposed_by_name=by.name,
    )
    session.add(made)
    session.flush()
    _keep_version(session, made, terms.facts(), 1, reason="", by=by, now=now, name="engagement.proposed")
    return made


def _keep_version(
    session: Session,
    engagement: Engagement,
    facts: Mapping[str, Any],
    number: int,
    *,
    reason: str,
    by: Actor,
    now: datetime,
    name: str,
) -> EngagementVersion:
    version = EngagementVersion(
        organization_id=engagement.organization_id,
        id=uuid4(),
        engagement_id=engagement.id,
        municipality_id=engagement.municipality_id,
        number=number,
        proposed_at=now,
        proposed_by_id=by.user_id,
        proposed_by_name=by.name,
        reason=reason,
        **facts,
    )
    session.add(version)
    session.flush()
    details = {
        "basis": version.basis.value,
        "starts_on": version.starts_on.isoformat(),
        "ends_on": version.ends_on.isoformat(),
        "version": number,
    }
    _tell_both(
        session, engagement, name, by, now=now, kind="engagement_version", row_id=version.id,
        content=queries.version_content(version), details=details,
    )  # fmt: skip
    return version


def accept(session: Session, engagement: Engagement, *, number: int | None = None, by: Actor, now: datetime) -> None:
    """Accept what the municipality has proposed (version `number`, when it is said which one was read).

    From now on the engagement holds on the proposed terms. Raises NothingToAnswer, ChangedMeanwhile, PeriodOver.
    """
    version = _waiting_version(session, engagement, number)
    if version.ends_on < local_date(now):
        raise PeriodOver
    is_first = engagement.accepted_at is None
    engagement.title, engagement.basis = version.title, version.basis
    engagement.starts_on, engagement.ends_on = version.starts_on, version.ends_on
    engagement.terms_number = version.number
    if is_first:
        engagement.accepted_at, engagement.accepted_by_name = now, by.name
    _reply(
        session, engagement, version.number, Reply.ACCEPTED, "", by=by, now=now,
        name="engagement.accepted" if is_first else "engagement.changed",
    )  # fmt: skip


def decline(
    session: Session, engagement: Engagement, *, reason: str, number: int | None = None, by: Actor, now: datetime
) -> None:
    """Decline what the municipality has proposed, and say why; what was agreed before stays in force.

    Raises NothingToAnswer, ChangedMeanwhile, and InvalidInput for a reason that is missing or too long.
    """
    version = _waiting_version(session, engagement, number)
    _refuse_unusable_reason(reason, "辞退の理由")
    if engagement.accepted_at is None:
        engagement.declined_at = now
    _reply(session, engagement, version.number, Reply.DECLINED, reason, by=by, now=now, name="engagement.declined")


def withdraw(session: Session, engagement: Engagement, *, by: Actor, now: datetime, reason: str = "") -> None:
    """Take back a proposal that nobody has answered yet; raises NothingToAnswer."""
    version = _waiting_version(session, engagement, None)
    if engagement.accepted_at is None:
        engagement.withdrawn_at = now
    _reply(session, engagement, version.number, Reply.WITHDRAWN, reason, by=by, now=now, name="engagement.withdrawn")


def _waiting_version(session: Session, engagement: Engagement, number: int | None) -> EngagementVersion:
    session.refresh(engagement, with_for_update=True)
    version = queries.waiting_version(session, engagement)
    if version is None:
        raise NothingToAnswer
    if number is not None and number != version.number:
        raise ChangedMeanwhile
    return version


def _reply(
    session: Session,
    engagement: Engagement,
    number: int,
    kind: Reply,
    reason: str,
    *,
    by: Actor,
    now: datetime,
    name: str,
) -> None:
    reply = EngagementReply(
        organization_id=engagement.organization_id,
        id=uuid4(),
        engagement_id=engagement.id,
        municipality_id=engagement.municipality_id,
        number=number,
        kind=kind,
        reason=reason,
        at=now,
        by_id=by.user_id,
        by_name=by.name,
    )
    session.add(reply)
    session.flush()
    _tell_both(
        session, engagement, name, by, now=now, kind="engagement_reply", row_id=reply.id,
        content=queries.reply_content(reply), details={"version": number},
    )  # fmt: skip


def _tell_both(
    session: Session,
    engagement: Engagement,
    name: str,
    by: Actor,
    *,
    now: datetime,
    kind: str,
    row_id: UUID,
    content: Mapping[str, Any],
    details: Mapping[str, str | int | bool | None],
) -> None:
    """Let both histories tell of an act; the organization's binds the facts, whose rows stand under its key."""
    acts.record(
        session,
        Act(
            engagement.organization_id, name, now, by, object_kind=kind, object_id=row_id, content=content,
            details=details,
        ),
    )  # fmt: skip
    acts.record(
        session,
        Act(
            engagement.municipality_id, name, now, by, object_kind="engagement", object_id=engagement.id,
            details=details,
        ),
    )  # fmt: skip


# --- changes ----------------------------------------------------------------------------------------------------


def propose_change(
    session: Session, engagement: Engagement, terms: Terms, *, reason: str, by: Actor, now: datetime
) -> EngagementVersion:
    """Propose other terms for an engagement in force, and say why; they hold once the organization accepts them.

    Raises NotInForce, ChangeAlreadyProposed, NothingChanged, WrongTerms, and InvalidInput for the reason.
    """
    session.refresh(engagement, with_for_update=True)
    today = local_date(now)
    if not state_on(engagement, today).is_agreed or engagement.cancelled_on is not None:
        raise NotInForce
    if queries.waiting_version(session, engagement) is not None:
        raise ChangeAlreadyProposed
    organization = session.get_one(Organization, engagement.organization_id)
    if faults := faults_in(terms, organization.legal_form):
        raise WrongTerms(faults)
    if terms.ends_on < today:
        raise WrongTerms(
            {"ends_on": "終わりの日がもう過ぎています。早く終えるときは「途中で終える」を使ってください。"}
        )
    _refuse_unusable_reason(reason, "変更の理由")
    before = queries.terms_in_force(session, engagement)
    if queries.terms_of(before) == terms.facts():
        raise NothingChanged
    if engagement.terms_number is None:
        # It was registered as agreed: what held until now is kept as version 0, so that nothing gets lost.
        _keep_version(
            session, engagement, queries.terms_of(before), 0, reason="はじめに登録された内容の控え", by=by, now=now,
            name="engagement.kept",
        )  # fmt: skip
        engagement.terms_number = 0
    newest = queries.newest_number(session, engagement)
    return _keep_version(
        session, engagement, terms.facts(), newest + 1, reason=reason, by=by, now=now, name="engagement.change_proposed"
    )


def end_early(
    session: Session, engagement: Engagement, *, cancelled_on: date, reason: str, by: Actor, now: datetime
) -> None:
    """End an engagement early, and say why: `cancelled_on` is the first day on which it no longer holds.

    A change that still waits falls with it. Raises NotInForce, AlreadyCancelled, and InvalidInput for the reason, a day
    outside the engagement, or one that has passed.
    """
    if not state_on(engagement, local_date(now)).is_agreed:
        raise NotInForce
    _refuse_unusable_reason(reason)
    if cancelled_on < local_date(now):
        raise InvalidInput("途中終了の日は、今日以降の日にしてください。")
    if queries.waiting_version(session, engagement) is not None:
        withdraw(session, engagement, by=by, now=now, reason="途中で終えるため")
    cancel_engagement(session, engagement, cancelled_on=cancelled_on, reason=reason, by=by, now=now)


# --- who is concerned -------------------------------------------------------------------------------------------


def assign(
    session: Session,
    engagement: Engagement,
    *,
    centers: Iterable[UUID],
    posts: Iterable[Post],
    project_id: UUID | None = None,
    by: Actor,
    now: datetime,
) -> Assignment:
    """Say which centers, posts and project of the organization are concerned with an engagement.

    Raises NotInForce, NothingChanged, and InvalidInput for a center or project of somebody else.
    """
    session.refresh(engagement, with_for_update=True)
    if not state_on(engagement, local_date(now)).is_open:
        raise NotInForce
    wanted = sorted(str(each) for each in set(centers))
    known = session.scalars(select(Center.id).where(Center.organization_id == engagement.organization_id))
    if set(wanted) - {str(each) for each in known}:
        raise InvalidInput("この団体にない拠点が選ばれています。選び直してください。")
    if project_id is not None and session.get(Project, (engagement.organization_id, project_id)) is None:
        raise InvalidInput("この団体にない事業が選ばれています。選び直してください。")
    last = queries.newest_assignment(session, engagement)
    facts = (wanted, sorted({post.value for post in posts}), project_id)
    if last is not None and (last.centers, last.posts, last.project_id) == facts:
        raise NothingChanged
    made = Assignment(
        organization_id=engagement.organization_id,
        id=uuid4(),
        engagement_id=engagement.id,
        municipality_id=engagement.municipality_id,
        number=last.number + 1 if last else 1,
        centers=facts[0],
        posts=facts[1],
        project_id=project_id,
        at=now,
        by_id=by.user_id,
        by_name=by.name,
    )
    session.add(made)
    session.flush()
    _tell_both(
        session, engagement, "engagement.assigned", by, now=now, kind="assignment", row_id=made.id,
        content=queries.assignment_content(made), details={"version": made.number},
    )  # fmt: skip
    return made


# --- clauses ----------------------------------------------------------------------------------------------------


def record_clauses(
    session: Session,
    engagement: Engagement,
    clauses: ClauseList,
    variants: Mapping[str, str],
    *,
    note: str = "",
    based_on: int,
    by: Actor,
    now: datetime,
) -> ClauseAgreement:
    """Record which clauses the contract holds in which variant; `based_on` is the number of the record that was read.

    Raises NotInForce, ChangedMeanwhile, NothingChanged, and InvalidInput for a clause or variant that there is not, or
    when nothing was answered.
    """
    session.refresh(engagement, with_for_update=True)
    state = state_on(engagement, local_date(now))
    if state not in (EngagementState.PROPOSED, EngagementState.COMING, EngagementState.CURRENT):
        raise NotInForce
    if fault := _fault_in_text(note, "メモ", LONGEST_REASON, is_needed=False, lines=True):
        raise InvalidInput(fault)
    said = {key: variant for key, variant in variants.items() if variant}
    for key, variant in said.items():
        clause = clauses.clauses.get(key)
        if clause is None or (variant != NOT_AGREED and variant not in clause.labels):
            raise InvalidInput("一覧にない条項か選択肢が送られました。ページを開き直してください。")
    if not said:
        raise InvalidInput("契約書の条項を、1つ以上選んでください。")
    last = queries.newest_clauses(session, engagement)
    if based_on != (last.number if last else 0):
        raise ChangedMeanwhile
    if last is not None and (last.edition, last.variants, last.note) == (clauses.edition, said, note):
        raise NothingChanged
    made = ClauseAgreement(
        organization_id=engagement.organization_id,
        id=uuid4(),
        engagement_id=engagement.id,
        municipality_id=engagement.municipality_id,
        number=last.number + 1 if last else 1,
        edition=clauses.edition,
        variants=said,
        note=note,
        at=now,
        by_id=by.user_id,
        by_name=by.name,
    )
    session.add(made)
    session.flush()
    _tell_both(
        session, engagement, "clauses.recorded", by, now=now, kind="clause_agreement", row_id=made.id,
        content=queries.clauses_content(made), details={"version": made.number, "count": len(said)},
    )  # fmt: skip
    return made
