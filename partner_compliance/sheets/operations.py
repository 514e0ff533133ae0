"""What can be done with a month's sheets, and when the rules refuse it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, NoReturn
from uuid import UUID, uuid4

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from partner_compliance import acts, clock
from partner_compliance.access import Principal, Role
from partner_compliance.acts import SYSTEM, Act
from partner_compliance.errors import InvalidInput, NotAllowed, RuleBroken
from partner_compliance.library.checklists import Answer, Checklist
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Center, Organization, Worker
from partner_compliance.sheets import contents, mending, policy, queries, reconciliation, spot_checks
from partner_compliance.sheets.models import (
    BinderJob,
    CheckSheet,
    EventKind,
    ExcuseReason,
    MonthClosure,
    MonthTally,
    SheetDraft,
    SheetEvent,
    SheetState,
    SheetVersion,
)

CHECKLIST_KEY = "take-out"
NOTE_LIMIT = 1000
#: Sheets for month M open on this day of M.
OPENING_DAY = 25
#: Months that `open_months` catches up on when it has not run for a while.
CATCH_UP_MONTHS = 12
#: How long a finished binder can be fetched.
BINDERS_KEPT = timedelta(days=7)


class AlreadySubmitted(RuleBroken):
    message = "このチェックシートは、すでに提出されています。"
    what_to_do = "内容を直したいときは、シートの画面から「訂正版を提出する」を選び、理由を書いてください。"


class AlreadySignedOff(RuleBroken):
    message = "このチェックシートは、すでに確認済みです。"
    what_to_do = "最新の状態を確認してください。内容を直すには、本人が理由を添えて訂正版を提出します。"


class NotSubmitted(RuleBroken):
    message = "このチェックシートは、まだ提出されていないか、すでに差し戻されています。"
    what_to_do = "最新の状態を確認してください。"


class NewerVersion(RuleBroken):
    message = "画面を開いたあとに、新しい版が提出されました。"
    what_to_do = "新しい版の内容を確認してから、もう一度操作してください。"


class ChangedMeanwhile(RuleBroken):
    message = "別の画面（またはほかの人）が先に保存したため、まだ保存していません。"
    what_to_do = (
        "下に残っている入力内容を確かめて、もう一度保存してください。そのまま保存すると、この画面の内容になります。"
    )


class NotYourLine(NotAllowed):
    message = "このチェックシートを確認する立場にありません。自分のシートを自分で確認することはできません。"
    what_to_do = "センター長のシートは個人情報責任者が、個人情報責任者のシートは別の責任者または代表者が確認します。"


class AlreadyClosed(RuleBroken):
    message = "この月は、すでに締められています。"
    what_to_do = "最新の状態を確認してください。"


class NotEveryoneAccountedFor(RuleBroken):
    message = "まだ確認が済んでいない人がいるため、この月を締められません。"
    what_to_do = "一覧の上にある人から順に、確認・差し戻し・対象外の登録をしてください。"


class HeadSectionMissing(RuleBroken):
    message = "第5節「研修、啓発」（センター長の欄）がまだ提出されていないため、この月を締められません。"
    what_to_do = "センター長がご自分のチェックシートを提出し、個人情報責任者の確認を受けてください。"


class SpotCheckMissing(RuleBroken):
    message = "抜き打ち確認の結果がまだ記録されていないため、この月を締められません。"
    what_to_do = "「抜き打ち確認」で選ばれた台帳の記録と保管場所を確かめて、結果を記録してください。"


class HasAccount(RuleBroken):
    message = "この方はご自分のアカウントで提出できるため、紙からの代理入力はできません。"
    what_to_do = "ご本人に、サインインして提出するよう伝えてください。"


class NotOpenYet(RuleBroken):
    message = "この月のチェックシートは、まだ始まっていません。"
    what_to_do = "チェックシートは、その月の25日から記入できます。"


class NothingToBind(RuleBroken):
    message = "この月には、まだ提出されたシートがありません。"
    what_to_do = "提出されてから、もう一度作成してください。"


@dataclass(frozen=True)
class Given:
    """One answer as given: the word, None while open, and the note beside it."""

    answer: Answer | None = None
    note: str = ""


@dataclass(frozen=True)
class Filled:
    """A sheet as filled in so far."""

    answers: Mapping[str, Given] = field(default_factory=dict)
    no_take_out: bool = False
    reason: str = ""
    #: Why an answer differs from the ledger of take-outs: {item number: text}.
    explanations: Mapping[str, str] = field(default_factory=dict)

    def as_kept(self) -> dict[str, Any]:
        """The answers as the database keeps them."""
        return {
            number: {"answer": given.answer.value if given.answer else "", "note": given.note}
            for number, given in self.answers.items()
            if given.answer or given.note
        }


def as_filled(
    kept: Mapping[str, Any] | None,
    *,
    no_take_out: bool,
    reason: str = "",
    explanations: Mapping[str, str] | None = None,
) -> Filled:
    """The answers of a draft or version, as a form shows them."""
    return Filled(
        {
            number: Given(Answer(given["answer"]) if given["answer"] else None, given["note"])
            for number, given in (kept or {}).items()
        },
        no_take_out,
        reason,
        explanations or {},
    )


def settle(filled: Filled, checklist: Checklist, *, head: bool) -> Filled:
    """The sheet with the month-level switch applied: 「今月は持ち出しがなかった」 answers its items with 該当なし.

    What was answered 要改善 or わからない stays, so that `shortcomings` can ask which of the two is meant
    (DOMAIN §2, oddity 4).
    """
    answers = {number: filled.answers.get(number, Given()) for number in checklist.items_for(head)}
    if filled.no_take_out:
        for number in checklist.no_take_out.items:
            if number in answers and answers[number].answer not in (Answer.NOT_OK, Answer.UNSURE):
                answers[number] = Given(Answer.NOT_APPLICABLE, answers[number].note)
    return replace(filled, answers=answers)


def shortcomings(filled: Filled, checklist: Checklist, *, head: bool) -> dict[str, str]:
    """What keeps a settled sheet from being submitted: {item number: what to do}, in the sheet's order."""
    missing = {}
    for number, item in checklist.items_for(head).items():
        given = filled.answers.get(number, Given())
        covered = filled.no_take_out and number in checklist.no_take_out.items
        if given.answer is None:
            missing[number] = "答えを1つ選んでください。"
        elif covered and given.answer is not Answer.NOT_APPLICABLE:
            missing[number] = (
                f"「{checklist.no_take_out.label}」と「{given.answer.label}」が食い違っています。どちらかを直してください。"
            )
        elif item.requires_note(given.answer) and not given.note:
            missing[number] = f"「{given.answer.label}」のときは、気づいたことを短く書いてください。"
    return missing | too_long(filled)


def too_long(filled: Filled) -> dict[str, str]:
    """The notes that are longer than can be kept: {item number: what to do}."""
    return {
        number: f"{NOTE_LIMIT}文字以内で書いてください（いま{len(given.note)}文字です）。"
        for number, given in filled.answers.items()
        if len(given.note) > NOTE_LIMIT
    }


class Incomplete(InvalidInput):
    """The sheet cannot be submitted yet; `missing` names each item and what to do."""

    message = "まだ提出できません。"

    def __init__(self, missing: Mapping[str, str]) -> None:
        super().__init__(f"まだ提出できません。確認が必要な項目が{len(missing)}つあります。")
        self.missing = missing


class ContradictsLedger(Incomplete):
    """Answers that contradict the ledger of take-outs: `missing` names each item and what to do."""

    def __init__(self, missing: Mapping[str, str]) -> None:
        super().__init__(missing)
        self.message = "持ち出し管理台帳と食い違う答えがあるため、まだ提出できません。"


# --- months open by themselves ----------------------------------------------------------------------------------


def open_months(session: Session, library: Library, *, now: datetime, catch_up: int = CATCH_UP_MONTHS) -> int:
    """Open every sheet that is due to be open at `now`; returns how many. Running it again opens nothing twice.

    Looks at the last `catch_up` months, so that a scheduler that was away for a while misses none.

    Sheets for month M open on the 25th of M (Japan), for every worker obliged to file who belonged to the organization
    on some day of M and was on the roster before M's sign-off day; a month already closed stays as it is.
    """
    today = clock.local_date(now)
    latest = clock.month_of(today)
    if today.day < OPENING_DAY:
        latest = clock.month_after(latest, -1)
    opened = 0
    for month in clock.months_between(clock.month_after(latest, 1 - catch_up), latest):
        opened += _open_month(session, library.edition_for(CHECKLIST_KEY, month), month, now=now)
    return opened


def _open_month(session: Session, checklist: Checklist, month: str, *, now: datetime) -> int:
    after = clock.month_after(month)
    missing = session.execute(queries.workers_without_sheet(month)).all()
    rows: list[dict[str, Any]] = []
    counts: dict[tuple[UUID, UUID], int] = {}
    for worker in missing:
        sign_off_due = clock.nth_business_day(after, worker.sign_off_business_day)
        if clock.local_date(worker.registered_at) > sign_off_due:
            continue
        place = (worker.organization_id, worker.center_id)
        counts[place] = counts.get(place, 0) + 1
        rows.append(
            {
                "organization_id": worker.organization_id,
                "id": uuid4(),
                "center_id": worker.center_id,
                "worker_id": worker.id,
                "month": month,
                "checklist_key": checklist.key,
                "edition": checklist.edition,
                "opened_at": now,
                "due_on": clock.nth_business_day(after, worker.submission_business_day),
                "sign_off_due_on": sign_off_due,
            }
        )
    if not rows:
        return 0
    session.execute(insert(CheckSheet), rows)
    for (organization_id, center_id), count in counts.items():
        refresh_tally(session, organization_id, center_id, month)
        acts.record(
            session,
            Act(
                organization_id, "month.opened", now, SYSTEM, object_kind="center", object_id=center_id,
                details={"month": month, "sheets": count},
            ),
        )  # fmt: skip
    return len(rows)


# --- the worker's part ------------------------------------------------------------------------------------------


def save_draft(
    session: Session, sheet: CheckSheet, filled: Filled, *, by: Principal, based_on: int, now: datetime
) -> SheetDraft:
    """Keep an unfinished sheet; `based_on` is the revision the form was opened with (0: none yet).

    Raises AlreadySubmitted, ChangedMeanwhile, and InvalidInput for a note that is too long.
    """
    if too_long(filled):
        raise Incomplete(too_long(filled))
    _lock(session, sheet)
    state = queries.state_of(session, sheet)
    if state in (SheetState.SUBMITTED, SheetState.SIGNED_OFF) and not filled.reason:
        raise AlreadySubmitted
    draft = _present_draft(session, sheet)
    if (draft.revision if draft else 0) != based_on:
        raise ChangedMeanwhile
    if draft is None:
        draft = SheetDraft(organization_id=sheet.organization_id, sheet_id=sheet.id, revision=0)
        session.add(draft)
    draft.answers = filled.as_kept()
    draft.no_take_out = filled.no_take_out
    draft.reason = filled.reason
    draft.explanations = {number: text for number, text in filled.explanations.items() if text}
    draft.revision += 1
    draft.saved_at = now
    return draft


def submit(
    session: Session,
    sheet: CheckSheet,
    checklist: Checklist,
    filled: Filled,
    *,
    by: Principal,
    now: datetime,
    based_on: int | None = None,
    seen: int | None = None,
) -> SheetVersion:
    """Submit a complete sheet: a first version, a mended one after a return, or a correction with a reason.

    `based_on` is the draft's revision and `seen` the number of the sheet's last event when the page was opened.
    Raises Incomplete, AlreadySubmitted (a second press, or a correction without a reason), ChangedMeanwhile.
    """
    return _new_version(
        session, sheet, checklist, filled, by=by, now=now, based_on=based_on, seen=seen, paper_signed_on=None
    )


def enter_from_paper(
    session: Session,
    sheet: CheckSheet,
    checklist: Checklist,
    filled: Filled,
    *,
    signed_on: date,
    by: Principal,
    now: datetime,
    seen: int | None = None,
) -> SheetVersion:
    """Enter the sheet of a worker without an own account from paper; kept as what it is, with who entered it and when.

    Raises HasAccount for a worker who can submit, InvalidInput for an impossible date, else as `submit`.
    """
    worker = session.get_one(Worker, (sheet.organization_id, sheet.worker_id))
    has_account = queries.has_account(session, worker)
    if not policy.takes_paper_from(by, sheet, worker, clock.local_date(now), has_account=has_account):
        raise HasAccount
    if not clock.first_day(sheet.month) <= signed_on <= clock.local_date(now):
        raise InvalidInput("紙に書かれた記入日は、対象の月の初日から今日までの日付にしてください。")
    return _new_version(
        session, sheet, checklist, filled, by=by, now=now, based_on=None, seen=seen, paper_signed_on=signed_on
    )


def _new_version(
    session: Session,
    sheet: CheckSheet,
    checklist: Checklist,
    filled: Filled,
    *,
    by: Principal,
    now: datetime,
    based_on: int | None,
    seen: int | None,
    paper_signed_on: date | None,
) -> SheetVersion:
    _lock(session, sheet)
    last = queries.last_event(session, sheet)
    is_correction = last is not None and last.kind in (EventKind.SUBMITTED, EventKind.SIGNED_OFF)
    if is_correction and not filled.reason:
        raise AlreadySubmitted
    if seen is not None and seen != (last.number if last else 0):
        raise ChangedMeanwhile
    draft = _present_draft(session, sheet)
    if based_on is not None and (draft.revision if draft else 0) != based_on:
        raise ChangedMeanwhile
    head = Role.CENTER_HEAD in queries.posts_of(session, sheet.organization_id, sheet.worker_id)
    settled = settle(filled, checklist, head=head)
    if missing := shortcomings(settled, checklist, head=head):
        raise Incomplete(missing)
    # What is entered from paper is entered as it stands; the head sees what contradicts the ledger.
    differing = _contradictions(session, sheet, checklist, settled, now=now)
    if paper_signed_on is None and (
        unexplained := {each.item: each.what_to_do for each in differing if not filled.explanations.get(each.item)}
    ):
        raise ContradictsLedger(unexplained)
    previous = queries.last_version(session, sheet) if last else None
    version = SheetVersion(
        organization_id=sheet.organization_id,
        id=uuid4(),
        sheet_id=sheet.id,
        number=previous.number + 1 if previous else 1,
        with_head_section=head,
        no_take_out=settled.no_take_out,
        answers=settled.as_kept(),
        submitted_at=now,
        submitted_by_id=by.user_id,
        submitted_by_name=by.name,
        paper_signed_on=paper_signed_on,
        reason=filled.reason if is_correction else "",
        kiosk_id=by.kiosk_id,
    )
    session.add(version)
    if draft is not None:
        session.delete(draft)
    session.flush()
    for each in differing:
        if text := filled.explanations.get(each.item):
            reconciliation.explain(session, sheet, each, text, by=by, now=now)
    mending.close_replaced(session, version, by=by, now=now)
    wanting = [number for number, each in settled.answers.items() if each.answer in (Answer.NOT_OK, Answer.UNSURE)]
    mending.open_for(session, version, wanting, now=now)
    before = last.kind.state if last else SheetState.DRAFT if draft else SheetState.NOT_BEGUN
    role = Role.NETWORK_OFFICE if policy.acts_for_network(by, sheet) else None
    _append_event(session, sheet, last, EventKind.SUBMITTED, by=by, now=now, version=version, role=role)
    name = "sheet.corrected" if is_correction else "sheet.resubmitted" if previous else "sheet.submitted"
    acts.record(
        session,
        Act(
            sheet.organization_id,
            "sheet.entered_from_paper" if paper_signed_on else name,
            now,
            by.actor,
            subject_id=sheet.worker_id,
            object_kind="sheet_version",
            object_id=version.id,
            content=contents.version_content(version),
            before=before.value,
            details={
                "month": sheet.month,
                "version": version.number,
                "late": clock.local_date(now) > sheet.due_on,
                **_for_network(by, sheet),
            },
        ),
    )
    refresh_tally(session, sheet.organization_id, sheet.center_id, sheet.month)
    return version


def _contradictions(
    session: Session, sheet: CheckSheet, checklist: Checklist, settled: Filled, *, now: datetime
) -> list[reconciliation.Found]:
    """What of the answers contradicts the ledger and is not explained yet."""
    items = reconciliation.items_of(checklist)
    if items is None:
        return []
    facts = reconciliation.facts_of(session, sheet.organization_id, [sheet.worker_id], sheet.month)[sheet.worker_id]
    found = reconciliation.contradictions(
        settled.as_kept(), facts, items, no_take_out=settled.no_take_out, today=clock.local_date(now)
    )
    if not found:
        return []
    notes = reconciliation.notes_of(session, sheet.organization_id, [sheet.id]).get(sheet.id, [])
    return [each for each in found if not reconciliation.is_explained(each, notes)]


# --- the head's part --------------------------------------------------------------------------------------------


def sign_off(session: Session, sheet: CheckSheet, *, version_number: int, by: Principal, now: datetime) -> SheetEvent:
    """Sign off the version that was opened and read.

    Raises NotYourLine, AlreadySignedOff (naming who did it), NotSubmitted, NewerVersion.
    """
    return _confirm(session, sheet, EventKind.SIGNED_OFF, version_number, by=by, now=now, comment="")


def return_for_changes(
    session: Session, sheet: CheckSheet, *, version_number: int, comment: str, by: Principal, now: datetime
) -> SheetEvent:
    """Send a submitted version back with a comment that says what to mend; raises as `sign_off`."""
    if not comment:
        raise InvalidInput("差し戻すときは、直してほしいことを書いてください。")
    if len(comment) > NOTE_LIMIT:
        raise InvalidInput(f"コメントは{NOTE_LIMIT}文字以内で書いてください。")
    return _confirm(session, sheet, EventKind.RETURNED, version_number, by=by, now=now, comment=comment)


def _confirm(
    session: Session,
    sheet: CheckSheet,
    kind: EventKind,
    version_number: int,
    *,
    by: Principal,
    now: datetime,
    comment: str,
) -> SheetEvent:
    role = policy.confirms(by, sheet, queries.posts_of(session, sheet.organization_id, sheet.worker_id))
    if role is None:
        raise NotYourLine
    _lock(session, sheet)
    last = queries.last_event(session, sheet)
    if last is not None and last.kind is EventKind.SIGNED_OFF:
        _say_who_signed(last)
    if last is None or last.kind is not EventKind.SUBMITTED:
        raise NotSubmitted
    version = queries.last_version(session, sheet)
    if version is None or version.number != version_number:
        raise NewerVersion
    event = _append_event(session, sheet, last, kind, by=by, now=now, version=version, role=role, comment=comment)
    _record_event(session, sheet, event, by=by, now=now, before=SheetState.SUBMITTED, version=version.number)
    refresh_tally(session, sheet.organization_id, sheet.center_id, sheet.month)
    return event


def _say_who_signed(event: SheetEvent) -> NoReturn:
    raise AlreadySignedOff(
        f"このチェックシートは、{clock.screen_moment(event.at)}に{event.by_name}さんが確認済みにしました。"
    )


def excuse(
    session: Session, sheet: CheckSheet, *, reason: ExcuseReason, text: str, by: Principal, now: datetime
) -> SheetEvent:
    """Record why no sheet is asked of this worker this month; a submitted sheet is answered, not excused.

    Raises NotYourLine for the own sheet, InvalidInput when 「その他」 comes without words.
    """
    if reason is ExcuseReason.OTHER and not text:
        raise InvalidInput("「その他」のときは、理由を書いてください。")
    if len(text) > NOTE_LIMIT:
        raise InvalidInput(f"理由は{NOTE_LIMIT}文字以内で書いてください。")
    role = policy.excuses(by, sheet, queries.posts_of(session, sheet.organization_id, sheet.worker_id))
    if role is None:
        raise NotYourLine
    _lock(session, sheet)
    last = queries.last_event(session, sheet)
    if last is not None and last.kind is EventKind.SIGNED_OFF:
        _say_who_signed(last)
    if last is not None and last.kind in (EventKind.SUBMITTED, EventKind.EXCUSED):
        raise AlreadySubmitted(
            "このチェックシートは、すでに提出または対象外の登録がされています。", "最新の状態を確認してください。"
        )
    event = _append_event(
        session, sheet, last, EventKind.EXCUSED, by=by, now=now, version=None, role=role, comment=text, reason=reason
    )
    before = last.kind.state if last else SheetState.NOT_BEGUN
    _record_event(session, sheet, event, by=by, now=now, before=before, version=None)
    refresh_tally(session, sheet.organization_id, sheet.center_id, sheet.month)
    return event


def close_month(session: Session, center: Center, month: str, *, by: Principal, now: datetime) -> MonthClosure:
    """Close a center's month: only when everyone is accounted for and section 5 is answered.

    Raises NotOpenYet, AlreadyClosed, NotEveryoneAccountedFor, HeadSectionMissing.
    """
    tally = session.get(
        MonthTally, (center.organization_id, center.id, month), with_for_update=True, populate_existing=True
    )
    if tally is None:
        raise NotOpenYet
    closure = queries.closure_of(session, center, month)
    if closure is not None:
        raise AlreadyClosed(
            f"この月は、{clock.screen_moment(closure.closed_at)}に{closure.closed_by_name}さんが締めました。"
        )
    if tally.signed_off + tally.excused < tally.sheets:
        waiting = tally.sheets - tally.signed_off - tally.excused
        raise NotEveryoneAccountedFor(f"まだ確認が済んでいない人が{waiting}人いるため、この月を締められません。")
    if not queries.head_section_is_answered(session, center, month):
        raise HeadSectionMissing
    if _lacks_spot_check(session, center, month):
        raise SpotCheckMissing
    closure = MonthClosure(
        organization_id=center.organization_id,
        id=uuid4(),
        center_id=center.id,
        month=month,
        closed_at=now,
        closed_by_id=by.user_id,
        closed_by_name=by.name,
    )
    session.add(closure)
    try:
        session.flush()
    except IntegrityError:
        raise AlreadyClosed from None
    tally.is_closed = True
    acts.record(
        session,
        Act(
            center.organization_id,
            "month.closed",
            now,
            by.actor,
            object_kind="month_closure",
            object_id=closure.id,
            content=contents.closure_content(closure),
            details={"month": month, "sheets": tally.sheets, "excused": tally.excused},
        ),
    )
    return closure


def _lacks_spot_check(session: Session, center: Center, month: str) -> bool:
    drawn = spot_checks.drawn_for(session, center, month)
    return drawn.result is None if drawn is not None else spot_checks.is_asked(session, center, month)


def request_binder(session: Session, center: Center, month: str, *, by: Principal, now: datetime) -> BinderJob:
    """Ask for the center's month in one PDF, made in the background; raises NothingToBind."""
    total = len(queries.bindable_sheets(session, center, month))
    if not total:
        raise NothingToBind
    job = BinderJob(
        organization_id=center.organization_id,
        id=uuid4(),
        center_id=center.id,
        month=month,
        requested_at=now,
        requested_by_id=by.user_id,
        requested_by_name=by.name,
        total=total,
    )
    session.add(job)
    acts.record(
        session,
        Act(
            center.organization_id, "binder.requested", now, by.actor, object_kind="binder", object_id=job.id,
            details={"month": month, "sheets": total},
        ),
    )  # fmt: skip
    return job


def record_look(session: Session, sheet: CheckSheet, *, by: Principal, now: datetime, name: str) -> None:
    """Record that someone other than the worker looked at (or printed) an individual's sheet."""
    if sheet.worker_id in by.worker_ids:
        return
    acts.record(
        session,
        Act(
            sheet.organization_id, name, now, by.actor, subject_id=sheet.worker_id,
            object_kind="check_sheet", object_id=sheet.id,
            details={"month": sheet.month, **_for_network(by, sheet)}, is_look=True,
        ),
    )  # fmt: skip


def set_deadlines(
    session: Session, organization: Organization, *, submission: int, sign_off: int, by: Principal, now: datetime
) -> None:
    """Set earlier days (business days of the following month) for months that open from now on.

    Raises InvalidInput unless 1 ≤ submission ≤ 5 and submission ≤ sign-off ≤ 10.
    """
    if not 1 <= submission <= 5 or not submission <= sign_off <= 10:
        raise InvalidInput("提出期限は1〜5営業日、確認期限は提出期限以降で10営業日までの間で選んでください。")
    if (submission, sign_off) == (organization.submission_business_day, organization.sign_off_business_day):
        return
    before = f"{organization.submission_business_day}/{organization.sign_off_business_day}"
    organization.submission_business_day = submission
    organization.sign_off_business_day = sign_off
    acts.record(
        session,
        Act(
            organization.id, "settings.changed", now, by.actor, object_kind="organization", object_id=organization.id,
            before=before, details={"submission": submission, "sign_off": sign_off},
        ),
    )  # fmt: skip


# --- shared -----------------------------------------------------------------------------------------------------


def refresh_tally(session: Session, organization_id: UUID, center_id: UUID, month: str) -> MonthTally:
    """Count a center's month anew from the facts; the row is locked first, so that two at once count one by one."""
    key = (organization_id, center_id, month)
    tally = session.get(MonthTally, key, with_for_update=True, populate_existing=True)
    session.flush()
    counts = queries.counts_anew(session, organization_id, center_id, month)
    if tally is None:
        tally = MonthTally(organization_id=organization_id, center_id=center_id, month=month, **counts)
        session.add(tally)
        session.flush()
        return tally
    for name, value in counts.items():
        setattr(tally, name, value)
    return tally


def _for_network(by: Principal, sheet: CheckSheet) -> dict[str, str]:
    """What an entry adds when a network's office acts for the organization."""
    name = policy.acts_for_network(by, sheet)
    return {"network": name} if name else {}


_locked = (
    select(CheckSheet.id)
    .where(CheckSheet.organization_id == bindparam("organization_id"), CheckSheet.id == bindparam("sheet_id"))
    .with_for_update()
)


def _lock(session: Session, sheet: CheckSheet) -> None:
    """Hold the sheet's row until the commit, so that of two at once one sees what the other did."""
    session.execute(_locked, {"organization_id": sheet.organization_id, "sheet_id": sheet.id})


def _present_draft(session: Session, sheet: CheckSheet) -> SheetDraft | None:
    """The draft as it is now that the sheet is locked, whatever the page had read before."""
    return session.get(SheetDraft, (sheet.organization_id, sheet.id), populate_existing=True)


def _append_event(
    session: Session,
    sheet: CheckSheet,
    last: SheetEvent | None,
    kind: EventKind,
    *,
    by: Principal,
    now: datetime,
    version: SheetVersion | None,
    role: Role | None = None,
    comment: str = "",
    reason: ExcuseReason | None = None,
) -> SheetEvent:
    event = SheetEvent(
        organization_id=sheet.organization_id,
        id=uuid4(),
        sheet_id=sheet.id,
        number=last.number + 1 if last else 1,
        kind=kind,
        version_id=version.id if version else None,
        at=now,
        happened_on=clock.local_date(now),
        by_id=by.user_id,
        by_name=by.name,
        by_role=role,
        comment=comment,
        excuse=reason,
    )
    session.add(event)
    session.flush()
    return event


def _record_event(
    session: Session,
    sheet: CheckSheet,
    event: SheetEvent,
    *,
    by: Principal,
    now: datetime,
    before: SheetState,
    version: int | None,
) -> None:
    details: dict[str, str | int | bool | None] = {"month": sheet.month, **_for_network(by, sheet)}
    if version is not None:
        details["version"] = version
    if event.excuse is not None:
        details["reason"] = event.excuse.value
    acts.record(
        session,
        Act(
            sheet.organization_id, f"sheet.{event.kind.value}", now, by.actor, subject_id=sheet.worker_id,
            object_kind="sheet_event", object_id=event.id, content=contents.event_content(event),
            before=before.value, details=details,
        ),
    )  # fmt: skip


def forget_binders(session: Session, *, now: datetime) -> None:
    """Throw away binders a week after they were made: they hold a whole center's answers, and can be made anew."""
    session.execute(
        delete(BinderJob).where(BinderJob.finished_at < now - BINDERS_KEPT),
        execution_options={"synchronize_session": False},
    )
