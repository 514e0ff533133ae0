"""What can be done with pledges, and when the rules refuse it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from partner_compliance import acts, yearly
from partner_compliance.access import Principal, Role
from partner_compliance.accounts.models import OutgoingMail, User
from partner_compliance.accounts.operations import write_mail
from partner_compliance.acts import Act
from partner_compliance.clock import local_date
from partner_compliance.errors import NotAllowed, RuleBroken
from partner_compliance.errors import WrongEntry as WrongEntry
from partner_compliance.library.pledges import Occasion
from partner_compliance.library.shelf import Library, UnknownEdition
from partner_compliance.organizations.models import Center, Organization, Worker
from partner_compliance.people import leaving
from partner_compliance.people import operations as people
from partner_compliance.people.models import JoiningRecord, JoiningStep, Manner
from partner_compliance.people.queries import leaving_of, steps_of
from partner_compliance.pledges import contents, names, policy, queries, scans
from partner_compliance.pledges.models import (
    Briefing,
    BriefingPerson,
    OwnWording,
    Pledge,
    PledgeCancellation,
    PledgeScan,
    PledgeSettings,
    PledgeText,
)
from partner_compliance.pledges.queries import YEARLY, Asked, ToldOf, Wanted
from partner_compliance.pledges.words import Told, Way

#: How long before the first day a pledge on joining can be signed.
EARLIEST = timedelta(days=90)
#: Paragraphs that an organization can add to a pledge, and how long each may be.
MOST_PARAGRAPHS, LONGEST_PARAGRAPH = 10, 300
#: The shortest and the longest time in which everyone signs a materially changed text again.
GRACE = (timedelta(days=7), timedelta(days=180))
#: Nobody is reminded twice within so long.
REMIND_AGAIN = timedelta(days=3)


class NotYourPledge(NotAllowed):
    message = "ほかの方の代わりに署名することはできません。"
    what_to_do = "本人が署名してください。紙に署名したときは、センター長か個人情報責任者が入力します。"


class OwnPaper(NotAllowed):
    message = "自分の紙の誓約は、自分では入力できません。"
    what_to_do = "ほかの責任者に入力してもらうか、画面で署名してください。"


class TextChanged(RuleBroken):
    message = "画面を開いた後に、誓約の文面が変わりました。まだ署名していません。"
    what_to_do = "新しい文面を読んでから、もう一度署名してください。"


class NotToldYet(RuleBroken):
    message = "説明を受けた記録がまだないため、署名できません。"
    what_to_do = "センター長か個人情報責任者から説明を受けてください。説明した方が記録すると、署名できます。"


class AlreadySigned(RuleBroken):
    message = "この誓約には、すでに署名しています。"
    what_to_do = "署名した内容は「誓約」の一覧から確認できます。"


class NotAsked(RuleBroken):
    message = "いま、この誓約に署名する必要はありません。"
    what_to_do = "署名が必要になると、ホームに表示されます。"


class NoLastDay(RuleBroken):
    message = "最終日がまだ登録されていないため、活動を終えるときの誓約はできません。"
    what_to_do = "センター長か個人情報責任者が、先に最終日を登録してください。"


class NobodyMissing(RuleBroken):
    message = "署名していない方はいません。"
    what_to_do = "名簿に、活動中の方が登録されているかを確かめてください。"


class AlreadyCancelled(RuleBroken):
    message = "この誓約の記録は、すでに取り消されています。"
    what_to_do = "最新の状態を確認してください。"


@dataclass(frozen=True)
class Signing:
    """What a signer sends: the name as typed, the digest of the text on the page, and the form's own key."""

    typed_name: str
    digest: str
    request_key: UUID


@dataclass(frozen=True)
class Paper:
    """A pledge signed on paper, as somebody else enters it; days are days in Japan."""

    signed_on: date
    request_key: UUID
    told: ToldOf | None = None
    scan: bytes | None = None


# --- signing ----------------------------------------------------------------------------------------------------


def told_since(worker: Worker, asked: Asked, month: int, *, today: date) -> date:
    """The first day of a briefing that still stands for a pledge that is signed today."""
    if asked.occasion in (Occasion.JOINING, Occasion.LEAVING):
        return worker.joined_on - EARLIEST
    if asked.occasion is Occasion.ENGAGEMENT:
        return worker.joined_on - EARLIEST
    return yearly.opens_on(yearly.year_signed_for(today, month), month)


def sign(
    session: Session,
    library: Library,
    worker: Worker,
    asked: Asked,
    signing: Signing,
    *,
    by: Principal,
    now: datetime,
) -> Pledge:
    """Sign a pledge oneself, at an own device or a shared tablet (DOMAIN E03–E06, E09).

    The same `request_key` finds the pledge of an earlier sending. Raises NotYourPledge, NotAsked or AlreadySigned,
    NoLastDay, NotToldYet on joining and for engagements, TextChanged when the page showed another text, and WrongEntry
    for a name that is not the one on the roster.
    """
    if (found := queries.pledge_of_request(session, worker.organization_id, signing.request_key)) is not None:
        return found
    if not policy.is_own(by, worker):
        raise NotYourPledge
    today = local_date(now)
    session.refresh(worker, with_for_update=True)
    people.refuse_left(worker, today=today)
    _refuse_unasked(session, library, worker, asked, today=today)
    organization = session.get_one(Organization, worker.organization_id)
    month = queries.month_of(session, organization.id)
    told = queries.told_of(session, worker, asked, since=told_since(worker, asked, month, today=today))
    if told is None and asked.occasion in (Occasion.JOINING, Occasion.ENGAGEMENT):
        raise NotToldYet
    wanted = queries.text_for(session, library, organization, worker.kind, asked, today)
    if wanted.text.digest != signing.digest:
        raise TextChanged
    if said := names.difference(signing.typed_name, worker.name):
        raise WrongEntry("typed_name", said)
    way = Way.KIOSK if by.kiosk_id is not None else Way.OWN_DEVICE
    return _keep(
        session, worker, asked, wanted, signed_on=today, way=way, typed_name=signing.typed_name, told=told,
        request_key=signing.request_key, by=by, now=now,
    )  # fmt: skip


def _refuse_unasked(session: Session, library: Library, worker: Worker, asked: Asked, *, today: date) -> None:
    dues = queries.dues_of(session, library, [worker], today=today)[worker.id]
    for due in dues:
        if due.asked.occasion is asked.occasion and due.asked.engagement is asked.engagement:
            return
    if asked.occasion is Occasion.LEAVING and worker.left_on is None:
        raise NoLastDay
    signed = queries.pledges_of(session, [worker]).get(worker.id, [])
    if any(
        (each.occasion in YEARLY and asked.occasion in YEARLY)
        or (each.occasion is asked.occasion and each.engagement_id == (asked.engagement and asked.engagement.id))
        for each in signed
    ):
        raise AlreadySigned
    raise NotAsked


def enter_paper(
    session: Session, library: Library, worker: Worker, asked: Asked, paper: Paper, *, by: Principal, now: datetime
) -> Pledge:
    """Enter a pledge that somebody signed on paper, with the scan if there is one; never the own one.

    Raises OwnPaper, NoLastDay, AlreadySigned, WrongEntry for a day that cannot be and NotAScan for a file that is none.
    """
    if (found := queries.pledge_of_request(session, worker.organization_id, paper.request_key)) is not None:
        return found
    if not policy.may_look_after(by, worker):
        raise OwnPaper
    today = local_date(now)
    kind = scans.media_type(paper.scan) if paper.scan is not None else ""
    session.refresh(worker, with_for_update=True)
    _refuse_day(worker, asked, paper, today=today)
    signed = queries.pledges_of(session, [worker]).get(worker.id, [])
    same = (asked.occasion, asked.engagement.id if asked.engagement else None)
    if any((each.occasion, each.engagement_id) == same and each.signed_on == paper.signed_on for each in signed):
        raise AlreadySigned
    organization = session.get_one(Organization, worker.organization_id)
    try:
        wanted = queries.text_for(session, library, organization, worker.kind, asked, paper.signed_on)
    except UnknownEdition:
        raise WrongEntry("signed_on", "その日に使われていた文面がありません。日付を確かめてください。") from None
    pledge = _keep(
        session, worker, asked, wanted, signed_on=paper.signed_on, way=Way.PAPER, typed_name=None, told=paper.told,
        request_key=paper.request_key, by=by, now=now,
    )  # fmt: skip
    if paper.scan is not None:
        _keep_scan(session, pledge, paper.scan, kind, by=by, now=now)
    return pledge


def _refuse_day(worker: Worker, asked: Asked, paper: Paper, *, today: date) -> None:
    if paper.signed_on > today:
        raise WrongEntry("signed_on", "署名した日は、今日か、今日より前にしてください。")
    if paper.signed_on < worker.joined_on - EARLIEST:
        raise WrongEntry("signed_on", "署名した日が、活動を始めた日より3か月以上前です。日付を確かめてください。")
    if asked.occasion is Occasion.LEAVING and worker.left_on is None:
        raise NoLastDay
    if asked.occasion is not Occasion.LEAVING and worker.left_on is not None and paper.signed_on > worker.left_on:
        raise WrongEntry("signed_on", "署名した日が、最終日より後です。日付を確かめてください。")
    if asked.engagement is not None and paper.signed_on < asked.engagement.starts_on - timedelta(days=366):
        raise WrongEntry("signed_on", "署名した日が、連携の始まりより1年以上前です。日付を確かめてください。")
    if paper.told is not None and paper.told.on > paper.signed_on:
        raise WrongEntry("told_on", "説明した日は、署名した日か、それより前にしてください。")


def _keep(
    session: Session,
    worker: Worker,
    asked: Asked,
    wanted: Wanted,
    *,
    signed_on: date,
    way: Way,
    typed_name: str | None,
    told: ToldOf | None,
    request_key: UUID,
    by: Principal,
    now: datetime,
) -> Pledge:
    text, month = wanted.text, queries.month_of(session, worker.organization_id)
    if session.get(PledgeText, (worker.organization_id, text.digest)) is None:
        session.add(
            PledgeText(organization_id=worker.organization_id, digest=text.digest, text=text.model_dump(mode="json"))
        )
        session.flush()
    until = None
    if asked.occasion in YEARLY:
        until = yearly.counts_until(signed_on, month, joined_on=worker.joined_on)
    record = _settle_step(session, worker, asked, text.title, signed_on, way, told, by=by, now=now)
    pledge = Pledge(
        organization_id=worker.organization_id, id=uuid4(), worker_id=worker.id, center_id=worker.center_id,
        occasion=asked.occasion, engagement_id=asked.engagement.id if asked.engagement else None,
        key=wanted.wording.key, edition=wanted.wording.edition, own_number=wanted.own_number,
        text_digest=text.digest, signed_on=signed_on, counts_until=until, way=way, name=worker.name,
        typed_name=typed_name, post=queries.posts_on(session, [worker], on=signed_on)[worker.id],
        told_on=told.on if told else None, told_how=told.how if told else None, told_by=told.by if told else None,
        joining_record_id=record.id if record else None, request_key=request_key, recorded_at=now,
        recorded_on=local_date(now), recorded_by_id=by.user_id, recorded_by_name=by.name,
        recorded_by_role=_role(by, worker) if way is Way.PAPER else None, kiosk_id=by.kiosk_id,
    )  # fmt: skip
    session.add(pledge)
    try:
        session.flush()
    except IntegrityError:  # the same form, sent twice at the same moment
        raise AlreadySigned from None
    acts.record(
        session,
        Act(
            worker.organization_id, "pledge.entered" if way is Way.PAPER else "pledge.signed", now, by.actor,
            object_kind="pledge", object_id=pledge.id, subject_id=worker.id, content=contents.pledge_content(pledge),
            details={"occasion": asked.occasion.value, "way": way.value, "edition": f"{pledge.key} {pledge.edition}"},
        ),
    )  # fmt: skip
    if asked.occasion is Occasion.LEAVING:
        leaving.settle_pledge(session, worker, on=signed_on, by=by.actor, now=now)
    return pledge


def _role(by: Principal, worker: Worker) -> Role:
    for role in (Role.PROTECTION_OFFICER, Role.REPRESENTATIVE):
        if by.is_(role, worker.organization_id):
            return role
    return Role.CENTER_HEAD


def _settle_step(
    session: Session,
    worker: Worker,
    asked: Asked,
    title: str,
    signed_on: date,
    way: Way,
    told: ToldOf | None,
    *,
    by: Principal,
    now: datetime,
) -> JoiningRecord | None:
    """Who pledges for the first time has done that step of joining with it (people)."""
    if asked.occasion not in YEARLY or JoiningStep.PLEDGE in steps_of(session, worker):
        return None
    if worker.left_on is not None and worker.left_on < local_date(now):
        return None
    manner = Manner.GROUP if told is not None and told.how is Told.GROUP else Manner.ALONE
    facts = people.StepFacts(
        JoiningStep.PLEDGE, signed_on, Manner.PAPER if way is Way.PAPER else manner, subject=title,
        by_whom=told.by if told else "",
    )  # fmt: skip
    return people.record_step(session, worker, facts, by=by.actor, now=now)


def _keep_scan(
    session: Session, pledge: Pledge, content: bytes, media_type: str, *, by: Principal, now: datetime
) -> None:
    scan = PledgeScan(
        organization_id=pledge.organization_id, id=uuid4(), pledge_id=pledge.id, media_type=media_type,
        size=len(content), sha256=hashlib.sha256(content).hexdigest(), content=content,
    )  # fmt: skip
    session.add(scan)
    session.flush()
    acts.record(
        session,
        Act(
            pledge.organization_id, "pledge.scanned", now, by.actor, object_kind="pledge_scan", object_id=scan.id,
            subject_id=pledge.worker_id, content=contents.scan_content(scan), details={"bytes": len(content)},
        ),
    )  # fmt: skip


def cancel(session: Session, pledge: Pledge, *, reason: str, by: Principal, now: datetime) -> PledgeCancellation:
    """Say that a record was a mistake: it counts no more and stays readable, and so does what came with it.

    Raises WrongEntry without a reason, NotAllowed for one's own, AlreadyCancelled.
    """
    if not policy.may_cancel(by, pledge):
        raise NotAllowed
    if not reason:
        raise WrongEntry("reason", "取り消す理由を入力してください。")
    worker = session.get_one(Worker, (pledge.organization_id, pledge.worker_id))
    session.refresh(worker, with_for_update=True)
    if queries.record_of(session, pledge).cancellation is not None:
        raise AlreadyCancelled
    made = PledgeCancellation(
        organization_id=pledge.organization_id, id=uuid4(), pledge_id=pledge.id, reason=reason, at=now,
        happened_on=local_date(now), by_id=by.user_id, by_name=by.name,
    )  # fmt: skip
    session.add(made)
    session.flush()
    acts.record(
        session,
        Act(
            pledge.organization_id, "pledge.cancelled", now, by.actor, object_kind="pledge_cancellation",
            object_id=made.id, subject_id=pledge.worker_id, content=contents.cancellation_content(made),
            details={"occasion": pledge.occasion.value},
        ),
    )  # fmt: skip
    step = steps_of(session, worker).get(JoiningStep.PLEDGE)
    if step is not None and step.id == pledge.joining_record_id:
        people.withdraw_step(session, step, reason=reason, by=by.actor, now=now)
    story = leaving_of(session, worker)
    if pledge.occasion is Occasion.LEAVING and story is not None and story.is_open:
        leaving.reopen_pledge(session, worker, note=reason, by=by.actor, now=now)
    return made


# --- telling people ---------------------------------------------------------------------------------------------


def brief(
    session: Session,
    organization: Organization,
    asked: Asked,
    people_told: Sequence[Worker],
    told: ToldOf,
    *,
    center: Center | None,
    by: Principal,
    now: datetime,
    request_key: UUID,
) -> Briefing:
    """Record that people were told what a pledge means (DOMAIN A10, E05, E06).

    The same `request_key` finds the briefing of an earlier sending. Raises WrongEntry without people, without a name of
    who told, or for a day that cannot be.
    """
    found = session.scalar(
        select(Briefing).where(Briefing.organization_id == organization.id, Briefing.request_key == request_key)
    )
    if found is not None:
        return found
    today = local_date(now)
    if not people_told:
        raise WrongEntry("people", "説明を受けた方を選んでください。")
    if not told.by:
        raise WrongEntry("told_by", "説明した方の氏名を入力してください。")
    if told.on > today:
        raise WrongEntry("held_on", "説明した日は、今日か、今日より前にしてください。")
    if told.on < today - timedelta(days=366):
        raise WrongEntry("held_on", "記録できるのは、1年前までの説明です。")
    made = Briefing(
        organization_id=organization.id, id=uuid4(), occasion=asked.occasion,
        engagement_id=asked.engagement.id if asked.engagement else None, center_id=center.id if center else None,
        held_on=told.on, how=told.how, told_by=told.by, request_key=request_key, recorded_at=now, recorded_on=today,
        recorded_by_id=by.user_id, recorded_by_name=by.name,
    )  # fmt: skip
    session.add(made)
    session.flush()
    session.add_all(
        BriefingPerson(organization_id=organization.id, briefing_id=made.id, worker_id=worker.id)
        for worker in people_told
    )
    session.flush()
    acts.record(
        session,
        Act(
            organization.id, "pledge.told", now, by.actor, object_kind="briefing", object_id=made.id,
            content=contents.briefing_content(made),
            details={"occasion": asked.occasion.value, "how": told.how.value, "people": len(people_told)},
        ),
    )  # fmt: skip
    return made


# --- wordings and the year --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Additions:
    """What an organization adds to a pledge, from when, and what that means for those who have signed."""

    paragraphs: Sequence[str]
    from_on: date
    is_material: bool
    reason: str
    sign_again_by: date | None = None


def change_wording(
    session: Session,
    organization: Organization,
    key: str,
    additions: Additions,
    *,
    seen: int,
    by: Principal,
    now: datetime,
) -> OwnWording:
    """Change what the organization adds to a pledge; the core on the shelf stays as it is.

    `seen` is the number of the additions that the page showed. Raises TextChanged when somebody else was faster, and
    WrongEntry for days, paragraphs or a reason that cannot be.
    """
    today = local_date(now)
    session.refresh(organization, with_for_update=True)
    last = queries.own_wordings(session, [organization.id]).get((organization.id, key), [])
    if (last[-1].number if last else 0) != seen:
        raise TextChanged(
            "画面を開いた後に、ほかの方が文面を変えました。", "新しい文面を確かめてから、もう一度入力してください。"
        )
    _refuse_additions(additions, last[-1] if last else None, today=today)
    made = OwnWording(
        organization_id=organization.id, id=uuid4(), key=key, number=seen + 1, paragraphs=list(additions.paragraphs),
        from_on=additions.from_on, is_material=additions.is_material,
        sign_again_by=additions.sign_again_by if additions.is_material else None, reason=additions.reason,
        made_at=now, made_on=today, by_id=by.user_id, by_name=by.name,
    )  # fmt: skip
    session.add(made)
    session.flush()
    acts.record(
        session,
        Act(
            organization.id, "pledge.wording_changed", now, by.actor, object_kind="own_wording", object_id=made.id,
            content=contents.wording_content(made),
            details={"pledge": key, "material": made.is_material, "from": made.from_on.isoformat()},
        ),
    )  # fmt: skip
    return made


def _refuse_additions(additions: Additions, last: OwnWording | None, *, today: date) -> None:
    if len(additions.paragraphs) > MOST_PARAGRAPHS:
        raise WrongEntry("paragraphs", f"追加できるのは{MOST_PARAGRAPHS}個までです。")
    if any(len(each) > LONGEST_PARAGRAPH for each in additions.paragraphs):
        raise WrongEntry("paragraphs", f"1つの約束は{LONGEST_PARAGRAPH}文字までにしてください。")
    if list(additions.paragraphs) == (last.paragraphs if last else []):
        raise WrongEntry("paragraphs", "追加の約束が、いまの文面と同じです。変えるところを入力してください。")
    if additions.from_on < today:
        raise WrongEntry("from_on", "使い始める日は、今日か、今日より後にしてください。")
    if additions.from_on > today + timedelta(days=366):
        raise WrongEntry("from_on", "使い始める日は、1年先までにしてください。")
    if last is not None and additions.from_on < last.from_on:
        raise WrongEntry("from_on", "前に決めた変更の使い始める日より、前の日にはできません。")
    if not additions.reason:
        raise WrongEntry("reason", "なぜ変えるのかを入力してください。")
    if additions.is_material:
        by, first = additions.sign_again_by, additions.from_on + GRACE[0]
        if by is None or not first <= by <= additions.from_on + GRACE[1]:
            raise WrongEntry(
                "sign_again_by", "署名し直す期限は、使い始める日の7日後から180日後までの間で決めてください。"
            )


def choose_month(session: Session, organization: Organization, month: int, *, by: Principal, now: datetime) -> None:
    """Let the organization's year of pledges begin with another month; what is signed counts as long as it said.

    Raises WrongEntry for a month that is none.
    """
    if not 1 <= month <= 12:
        raise WrongEntry("month", "1月から12月までの月を選んでください。")
    before = queries.month_of(session, organization.id)
    settings = session.get(PledgeSettings, organization.id)
    if settings is None:
        session.add(PledgeSettings(organization_id=organization.id, anniversary_month=month))
    else:
        settings.anniversary_month = month
    session.flush()
    if month != before:
        acts.record(
            session,
            Act(
                organization.id, "pledge.year_chosen", now, by.actor, object_kind="organization",
                object_id=organization.id, details={"before": before, "month": month},
            ),
        )  # fmt: skip


# --- reminding --------------------------------------------------------------------------------------------------


def remind(
    session: Session,
    organization: Organization,
    rows: Sequence[queries.Row],
    *,
    address: str,
    by: Principal,
    now: datetime,
) -> tuple[int, int]:
    """Write a mail to everyone who is missing and has an address; (how many mails, how many have no address).

    Nobody gets a second mail within three days. Raises NobodyMissing.
    """
    if not rows:
        raise NobodyMissing
    accounts_of = [row.worker.user_id for row in rows if row.worker.user_id is not None]
    found = {user.id: user for user in session.scalars(select(User).where(User.id.in_(sorted(accounts_of))))}
    subject = f"誓約の署名のお願い（{organization.name}）"
    reached = {user.id: user.email for user in found.values() if user.email and user.deactivated_at is None}
    lately = set(
        session.scalars(
            select(OutgoingMail.recipient).where(
                OutgoingMail.subject == subject,
                OutgoingMail.written_at > now - REMIND_AGAIN,
                OutgoingMail.recipient.in_(sorted(set(reached.values()))),
            )
        )
    )
    wanted = {user_id: email for user_id, email in reached.items() if email not in lately}
    for user_id, email in wanted.items():
        body = (
            f"{found[user_id].name} 様\n\n{organization.name}の誓約に、まだ署名をいただいていません。\n"
            f"次のページを開いて、文面を読み、署名してください。2分ほどで終わります。\n\n{address}\n\n"
            "紙での署名を希望する方は、センター長にお伝えください。\n"
            "このメールは、民間団体の情報保護システムから自動で送っています。\n"
        )
        write_mail(session, to=email, subject=subject, body=body, now=now)
    session.flush()
    acts.record(
        session,
        Act(
            organization.id, "pledge.reminded", now, by.actor, object_kind="organization", object_id=organization.id,
            details={"mails": len(wanted), "without_address": len(rows) - len(reached)},
        ),
    )  # fmt: skip
    return len(wanted), len(rows) - len(reached)
