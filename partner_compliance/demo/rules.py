"""Rules and starter kits in the demo, by the operations of the pages."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from partner_compliance import clock
from partner_compliance.access import Principal, Role
from partner_compliance.demo.cast import Partner
from partner_compliance.demo.take_outs import Act, Move, Scene
from partner_compliance.kits import operations as kits
from partner_compliance.kits import queries as shelf
from partner_compliance.kits.package import Tip
from partner_compliance.kits.words import Activity, Headcount, Part
from partner_compliance.library.rules import RULE_KEYS
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import LegalForm, Organization
from partner_compliance.rulebooks import adoption, operations, queries
from partner_compliance.rulebooks.models import RuleDraft, RuleVersion
from partner_compliance.rulebooks.words import DecidedBy

#: Every so many people one has not read the rules yet.
_SLOW = 6


def _answers(scene: Scene, *, size: str) -> dict[str, str]:
    is_group = scene.organization.legal_form is LegalForm.UNINCORPORATED_GROUP
    return {
        "organization": scene.organization.name, "edition": size, "we": "group" if is_group else "corporation",
        "board": "committee" if is_group else "board", "officer": "事務局長", "deputy": "副代表", "security": "same",
        "storage": "事務所の鍵付き書庫", "take-out": "allowed", "private-phones": "contact", "home-work": "forbidden",
        "chat": "none", "fax": "used", "cloud": "none", "ai": "without-personal-data", "entrusted": "entrusted",
        "council": "member", "window": "事務局（平日10時から16時）",
        "first-contact": "センター長、不在のときは事務局長",
        "municipality-contact": "汐見市こども家庭センター",
    }  # fmt: skip


def _officer(partner: Partner) -> int:
    return next(at for at, person in enumerate(partner.people) if Role.PROTECTION_OFFICER in person.posts)


def moves_of(partner: Partner, library: Library, *, begins: datetime, now: datetime, seed: int) -> list[Move]:
    """What a partner with a story decides: the first one everything, the third one both rules, the fourth a draft."""
    random = Random(f"{seed}/rules/{partner.number}")  # noqa: S311 - a story, not a secret
    moves: list[Move] = []
    if partner.number == 0:
        decided = begins + timedelta(days=20)
        moves.append((decided, _adopts(library, partner, "m", RULE_KEYS, decided)))
        moves += _reads(library, partner, decided, now, random)
        noted = now - timedelta(days=50)
        moves.append((noted, _notes(partner, noted)))
        if now - decided > timedelta(days=330):
            reviewed = now - timedelta(days=30)
            moves.append((reviewed, _reviews(partner, reviewed)))
    elif partner.number == 2:
        decided = max(begins, now - timedelta(days=345))
        moves.append((decided, _adopts(library, partner, "m", RULE_KEYS[:2], decided)))
    elif partner.number == 3:
        started = now - timedelta(days=5)
        moves.append((started, _drafts(library, partner, started)))
    return sorted((move for move in moves if begins <= move[0] <= now), key=lambda move: move[0])


def _adopted(session: Session, library: Library, draft: RuleDraft, by: Principal, at: datetime) -> RuleVersion:
    day = clock.local_date(at)
    operations.review(session, library, draft, seen=draft.revision, by=by, now=at)
    decision = adoption.Decision(DecidedBy.BOARD, day, day, False, None, "")
    return adoption.adopt(session, library, draft, decision, by=by, now=at)


def _adopts(library: Library, partner: Partner, size: str, keys: tuple[str, ...], at: datetime) -> Act:
    def adopts(session: Session, scene: Scene) -> None:
        by = scene.principal(session, _officer(partner), at)
        answers = _answers(scene, size=size)
        for draft in operations.begin(session, library, scene.organization, keys, answers, by=by, now=at):
            adoption.publish(session, _adopted(session, library, draft, by, at), by=by, now=at)

    return adopts


def _reads(library: Library, partner: Partner, decided: datetime, now: datetime, random: Random) -> Iterator[Move]:
    for at, person in enumerate(partner.people):
        if at % _SLOW == _SLOW - 1 or person.login == "worker":
            continue
        day = max(clock.local_date(decided), person.joined_on) + timedelta(days=random.randint(1, 25))
        if (person.left_on is None or person.left_on > day) and day <= clock.local_date(now):
            moment = clock.start_of(day) + timedelta(hours=random.randint(9, 17), minutes=random.randint(0, 59))
            yield moment, _reads_all(partner, at, moment)


def _reads_all(partner: Partner, at: int, moment: datetime) -> Act:
    def reads(session: Session, scene: Scene) -> None:
        worker, today = scene.worker(at), clock.local_date(moment)
        for due in queries.dues_of(session, [worker], today=today)[worker.id]:
            if partner.people[at].login:
                by = scene.principal(session, at, moment)
                adoption.acknowledge(session, due.version, worker, asked=3, right_at_first=2, by=by, now=moment)
            else:
                by = scene.principal(session, _officer(partner), moment)
                adoption.enter_paper(session, due.version, worker, on=today, by=by, now=moment)

    return reads


def _reviews(partner: Partner, at: datetime) -> Act:
    def reviews(session: Session, scene: Scene) -> None:
        by = scene.principal(session, _officer(partner), at)
        for version in queries.in_force_for(session, [scene.organization.id], today=clock.local_date(at)):
            adoption.review_without_change(
                session, version, decided_by=DecidedBy.BOARD, on=clock.local_date(at),
                note="法律と活動に変わりがないため、変えない。", by=by, now=at,
            )  # fmt: skip

    return reviews


def _notes(partner: Partner, at: datetime) -> Act:
    def notes(session: Session, scene: Scene) -> None:
        by = scene.principal(session, _officer(partner), at)
        tips = [
            Tip(item="1-2", text="台帳を玄関に置き、出る前に必ず目に入るようにしています。"),
            Tip(item="1-3", text="帰ったら、靴を脱ぐ前に書類の数を声に出して数えます。"),
            Tip(item="2-1", text="席を立つときは、書類を裏返さずに引き出しへ入れます。"),
        ]
        kits.keep_practice(
            session, scene.organization, ["送迎の車を降りる前に、座席とドアのポケットを見ましたか。"],
            [each.model_dump() | {"of": ""} for each in tips], seen=0, by=by, now=at,
        )  # fmt: skip

    return notes


def _drafts(library: Library, partner: Partner, at: datetime) -> Act:
    def drafts(session: Session, scene: Scene) -> None:
        by = scene.principal(session, _officer(partner), at)
        answers = _answers(scene, size="s")
        made = operations.begin(session, library, scene.organization, RULE_KEYS, answers, by=by, now=at)
        row = queries.article_of(session, made[0], "complaints")
        if row is not None:
            text = row.text.replace("事務局（平日10時から16時）", "【要記入：窓口の電話番号】")
            typed = operations.Typed(row.title, text, row.staff)
            operations.change_article(session, made[0], row, typed, seen=row.revision, by=by, now=at)
            operations.comment(session, made[0], row, "電話番号は、総会で決めてから書きます。", by=by, now=at)

    return drafts


def hand_on(session: Session, library: Library, first: Scene, second: Scene, *, now: datetime) -> None:
    """The first partner's kit in the second one's hands, once every partner's story is told.

    The second partner adopts both rules with a change of its own, and asks the first one about its procedure; then the
    first one changes an article and publishes it, which the second one finds as a proposal.
    """
    source = session.get_one(Organization, first.organization.id)
    taker = session.get_one(Organization, second.organization.id)
    giver = first.principal(session, _officer(first.partner), now)
    officer = second.principal(session, _officer(second.partner), now)
    facts = kits.Facts(
        "訪問と見守りをする団体のキット", "家庭を訪問する団体が、はじめから使える規程と工夫です。", Activity.VISITING,
        Headcount.SOME, courses=["市の動画「個人情報を守る10分」（市のホームページ）"],
    )  # fmt: skip
    edition = kits.publish(session, library, source, facts, list(Part), kit_id=None, by=giver, now=now)
    kit = shelf.on_shelf(session, taker.id, edition.id)
    if kit is None:
        return
    wanted = kits.Wanted(
        [Part.RULES, Part.EXTRAS, Part.TIPS], list(RULE_KEYS), _answers(second, size="m") | {"officer": "代表理事"}
    )
    _, drafts = kits.take_over(session, library, taker, kit, wanted, by=officer, now=now)
    for draft in drafts[:2]:
        row = queries.article_of(session, draft, "complaints")
        if row is not None:
            typed = operations.Typed(
                row.title, row.text + "\n\n子どもからの手紙は、開けずに代表理事に渡す。", row.staff
            )
            operations.change_article(session, draft, row, typed, seen=row.revision, by=officer, now=now)
        adoption.publish(session, _adopted(session, library, draft, officer, now), by=officer, now=now)
    opening = kits.open_to_mentor(session, drafts[2], source, by=officer, now=now)
    [opened] = shelf.opened_to(session, source.id, opening.id)
    article = queries.article_of(session, drafts[2], "contact-tree")
    if article is not None:
        kits.comment_as_mentor(
            session, source, opened, article, "私たちは、夜に電話がつながらない人を2番目にしないようにしています。",
            by=giver, now=now,
        )  # fmt: skip
    _changes(session, library, source, by=giver, now=now)
    new = replace(facts, note="苦情への答えを1週間以内にしました。")
    kits.publish(session, library, source, new, list(Part), kit_id=edition.kit_id, by=giver, now=now)


def _changes(session: Session, library: Library, organization: Organization, *, by: Principal, now: datetime) -> None:
    version = session.scalars(
        select(RuleVersion)
        .where(RuleVersion.organization_id == organization.id, RuleVersion.key == "privacy-rule")
        .order_by(RuleVersion.number.desc())
        .limit(1)
    ).one()
    draft = operations.begin_revision(session, organization, version, by=by, now=now)
    row = queries.article_of(session, draft, "complaints")
    if row is not None:
        text = row.text.replace("2週間以内", "1週間以内")
        operations.change_article(
            session, draft, row, operations.Typed(row.title, text, row.staff), seen=row.revision, by=by, now=now
        )
    day = clock.local_date(now)
    operations.review(session, library, draft, seen=draft.revision, by=by, now=now)
    decision = adoption.Decision(
        DecidedBy.BOARD,
        day,
        day,
        True,
        day + timedelta(days=30),
        "苦情への答えを、2週間以内から1週間以内に早めました。",
    )
    adoption.adopt(session, library, draft, decision, by=by, now=now)
