"""Take-outs, hand-overs and spot checks in the demo, by the operations of the pages, in keeping with the sheets."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from partner_compliance import clock
from partner_compliance.access import Principal
from partner_compliance.accounts import queries as account_queries
from partner_compliance.accounts.models import User
from partner_compliance.demo.cast import Partner
from partner_compliance.demo.plot import Kind, Step
from partner_compliance.engagements.words import DataClass
from partner_compliance.organizations.models import Center, Engagement, Organization, Worker
from partner_compliance.organizations.queries import is_valid_on
from partner_compliance.receipts import operations as receipts
from partner_compliance.receipts.models import Receipt
from partner_compliance.receipts.words import Direction, Ending, Method, Side
from partner_compliance.sheets import spot_checks
from partner_compliance.sheets.models import Finding
from partner_compliance.takeouts import keeping, operations
from partner_compliance.takeouts.models import TakeOut
from partner_compliance.takeouts.operations import Facts
from partner_compliance.takeouts.words import ON_LEAVING, ON_RETURN, Medium, Protection, Reason, Shift

#: The partners that keep their ledger here, by number: a large one, one with two centers, a small one.
KEEPERS = (0, 2, 5)
#: For how many of the last months; before, the ledger was on paper.
MONTHS = 2

_CHECKS = frozenset(check.key for listed in (ON_LEAVING, ON_RETURN) for checks in listed.values() for check in checks)
_LOCKED = frozenset({Protection.ENCRYPTED, Protection.SCREEN_LOCK})
#: What goes out: medium, class, what it is, why, what for, where to.
_THINGS = (
    (Medium.PAPER, DataClass.D4, "訪問記録", Reason.VISIT, "前回の約束を確かめながら訪問する", "東地区の訪問先"),
    (Medium.PAPER, DataClass.D3, "見守り名簿", Reason.VISIT, "見守りの道順を確かめる", "西地区の訪問先"),
    (Medium.PAPER, DataClass.D5, "会議の資料", Reason.MEETING, "個別ケース検討会議で説明する", "市役所 3階会議室"),
    (Medium.COMPUTER, DataClass.D4, "記録用ノートパソコン", Reason.VISIT, "訪問先で記録を書く", "東地区の訪問先"),
    (Medium.PHONE, DataClass.D1, "連絡用スマートフォン", Reason.EVENT, "行事のあいだの連絡", "中央公園"),
    (Medium.STICK, DataClass.D4, "記録用USBメモリー", Reason.NO_NETWORK, "通信のない会場で記録を書く", "東部集会所"),
)


@dataclass(frozen=True)
class Scene:
    """Where the moves of a partner take place: its rows in the database."""

    partner: Partner
    organization: Organization
    centers: Sequence[Center]
    workers: Sequence[Worker | None]
    users: Sequence[User | None]

    def principal(self, session: Session, at: int, now: datetime) -> Principal:
        """Whoever acts, as the door would know them on that day."""
        user = self.users[at]
        if user is None:
            raise ValueError(f"{self.partner.people[at].name} has no account")
        return account_queries.principal_of(session, user, strength="password", today=clock.local_date(now))

    def worker(self, at: int) -> Worker:
        """The roster row of someone who is there by now."""
        worker = self.workers[at]
        if worker is None:
            raise ValueError(f"{self.partner.people[at].name} is not there yet")
        return worker


Act = Callable[[Session, Scene], None]
Move = tuple[datetime, Act]


def moves_of(partner: Partner, steps: Iterable[Step], *, now: datetime, seed: int) -> list[Move]:
    """What a partner takes out and brings back, in the order in which it happens; nothing for those on paper.

    Whoever says in a sheet that things were taken out has rows in that month, permitted before and back in time.
    """
    if partner.number not in KEEPERS:
        return []
    random = Random(f"{seed}/take-outs/{partner.number}")  # noqa: S311 - a story, not a secret
    moves: list[Move] = []
    seen: set[tuple[int, str]] = set()
    for step in steps:
        if step.kind not in (Kind.SUBMIT, Kind.PAPER) or (step.whose, step.month) in seen:
            continue
        seen.add((step.whose, step.month))
        if not step.filled.no_take_out:
            moves += _trip(partner, step, random)
    if partner.number == 0:
        moves += _scenes_of_today(partner, now)
    return sorted((move for move in moves if move[0] <= now), key=lambda move: move[0])


def _trip(partner: Partner, step: Step, random: Random) -> list[Move]:
    first = max(clock.first_day(step.month), partner.people[step.whose].joined_on) + timedelta(days=1)
    last = min(clock.last_day(step.month), clock.local_date(step.at) - timedelta(days=1))
    if first > last:
        leaves = step.at - timedelta(hours=3)
        lasts = timedelta(hours=2)
    else:
        day = first + timedelta(days=random.randint(0, (last - first).days))
        leaves, lasts = _moment(day, random.randint(9, 14)), timedelta(hours=random.randint(2, 4))
    things = _THINGS[random.choices(range(len(_THINGS)), weights=(9, 5, 3, 2, 2, 2))[0]]
    return _way(partner, step.whose, things, random.randint(1, 4), leaves, lasts)


def _moment(day: date, hour: int) -> datetime:
    return clock.start_of(day) + timedelta(hours=hour)


def _facts(
    things: tuple[Medium, DataClass, str, Reason, str, str], count: int, leaves: datetime, lasts: timedelta
) -> Facts:
    medium, data_class, what, reason, purpose, destination = things
    is_single = medium is not Medium.PAPER
    return Facts(
        medium, 1 if is_single else count, data_class, what if is_single else f"{what} {count}件", reason, purpose,
        destination, leaves, leaves + lasts + timedelta(hours=1), companions="同じ拠点の職員 1名",
        protections=_LOCKED if medium.is_electronic else frozenset(),
    )  # fmt: skip


def _way(
    partner: Partner,
    whose: int,
    things: tuple[Medium, DataClass, str, Reason, str, str],
    count: int,
    leaves: datetime,
    lasts: timedelta,
    *,
    is_back: bool = True,
    is_out: bool = True,
    is_permitted: bool = True,
    ahead: timedelta = timedelta(minutes=50),
) -> list[Move]:
    """Asked for some time `ahead`, permitted, taken and returned; by the head for those who have no account."""
    row: dict[str, TakeOut] = {}
    writes = whose if partner.people[whose].login else partner.head_of(partner.people[whose].center)
    facts = _facts(things, count, leaves, lasts)

    def asked(session: Session, scene: Scene) -> None:
        now = leaves - ahead
        by = scene.principal(session, writes, now)
        row["it"] = operations.ask(session, scene.worker(whose), facts, by=by, now=now, request_key=uuid4())

    def permitted(session: Session, scene: Scene) -> None:
        now = leaves - ahead + timedelta(minutes=15)
        by = scene.principal(session, partner.who_confirms(whose), now)
        operations.permit(session, row["it"], comment="", by=by, now=now)

    def left(session: Session, scene: Scene) -> None:
        by = scene.principal(session, writes, leaves)
        operations.depart(session, row["it"], count=facts.count, checks=_CHECKS, comment="", by=by, now=leaves)

    def back(session: Session, scene: Scene) -> None:
        now = leaves + lasts
        by = scene.principal(session, writes, now)
        operations.come_back(session, row["it"], count=facts.count, checks=_CHECKS, comment="", by=by, now=now)

    moves: list[Move] = [(leaves - ahead, asked)]
    if is_permitted:
        moves.append((leaves - ahead + timedelta(minutes=15), permitted))
    if is_out:
        moves.append((leaves, left))
    if is_back:
        moves.append((leaves + lasts, back))
    return moves


# --- what there is to see today ---------------------------------------------------------------------------------


def _scenes_of_today(partner: Partner, now: datetime) -> list[Move]:
    """Something outside, waiting, overdue and written afterwards; labels, a standing permission, receipts."""
    who = {person.login: at for at, person in enumerate(partner.people) if person.login}
    worker, head, officer = who["worker"], who["head"], who["officer"]
    others = [
        at
        for at, person in enumerate(partner.people)
        if person.login and person.center == 0 and not person.posts and person.demo_label is None
        and person.left_on is None and person.joined_on <= clock.local_date(now) - timedelta(days=40)
    ]  # fmt: skip
    hour = timedelta(hours=1)
    moves = _way(partner, worker, _THINGS[0], 3, now - 2 * hour, 5 * hour, is_back=False)
    moves += _way(
        partner, worker, _THINGS[2], 2, now + 20 * hour, 3 * hour, is_back=False, is_out=False, ahead=22 * hour
    )
    moves += _way(
        partner, worker, _THINGS[1], 1, now + timedelta(minutes=40), 2 * hour, is_back=False, is_out=False,
        is_permitted=False,
    )  # fmt: skip
    moves += _way(partner, others[0], _THINGS[3], 1, now - timedelta(days=6), 3 * hour, is_back=False)

    def written_afterwards(session: Session, scene: Scene) -> None:
        at = now - timedelta(minutes=70)
        facts, by = _facts(_THINGS[5], 1, now - timedelta(days=1), 3 * hour), scene.principal(session, others[1], at)
        operations.write_afterwards(
            session, scene.worker(others[1]), facts, returned_at=facts.returns_at,
            explanation="会場の通信が使えず、急いで持ち出しました。", by=by, now=at, request_key=uuid4(),
        )  # fmt: skip

    def labelled(session: Session, scene: Scene) -> None:
        at = now - timedelta(days=20)
        by = scene.principal(session, head, at)
        for name, medium in (
            ("青いかばん 1", Medium.PAPER),
            ("訪問ファイル A", Medium.PAPER),
            ("記録用PC 2", Medium.COMPUTER),
        ):
            keeping.make_label(session, scene.centers[0], name=name, medium=medium, by=by, now=at)
        facts = keeping.StandingFacts(
            Medium.PAPER, DataClass.D3, 2, Reason.EVENT, "弁当配布の名簿", "配布の会場", frozenset(Shift),
            clock.local_date(at), keeping.last_day_of_standing(clock.local_date(at)),
            frozenset({scene.worker(worker).id, scene.worker(others[0]).id}), companions="同じ拠点の職員 1名",
        )  # fmt: skip
        people = [each for each in scene.workers if each is not None]
        keeping.grant_standing(session, scene.centers[0], facts, people, by=by, now=at, request_key=uuid4())

    moves += [(now - timedelta(minutes=70), written_afterwards), (now - timedelta(days=20), labelled)]
    return moves + _hand_overs(worker, others[0], officer, now)


def _hand_overs(worker: int, colleague: int, officer: int, now: datetime) -> list[Move]:
    """Received from the city and partly returned; waiting for the city; and between two people."""
    records = receipts.Item(
        Medium.PAPER, DataClass.D4, 5, "相談記録の写し 5件", Ending.RETURN, clock.local_date(now) + timedelta(days=20)
    )
    made: dict[str, UUID] = {}

    def engagement(session: Session, scene: Scene, day: date) -> Engagement:
        return session.scalars(
            select(Engagement)
            .where(Engagement.organization_id == scene.organization.id, is_valid_on(day))
            .order_by(Engagement.title)
            .limit(1)
        ).one()

    def write(session: Session, scene: Scene, at: datetime, facts: receipts.Facts, side: Side, by: int) -> UUID:
        principal = scene.principal(session, by, at)
        found = receipts.write(session, scene.organization, facts, side=side, by=principal, now=at, request_key=uuid4())
        return found.id

    def received(session: Session, scene: Scene) -> None:
        at = now - timedelta(days=12)
        day = clock.local_date(at)
        facts = receipts.Facts(
            Direction.FROM_MUNICIPALITY, day, "見守り訪問の準備", [records], receiver=scene.worker(officer),
            engagement=engagement(session, scene, day),
        )  # fmt: skip
        made["received"] = write(session, scene, at, facts, Side.RECEIVER, officer)

    def confirmed(session: Session, scene: Scene) -> None:
        at = now - timedelta(days=11)
        user = session.scalars(select(User).where(User.login_name == "shiomi")).one()
        city = account_queries.principal_of(session, user, strength="password", today=clock.local_date(at))
        receipts.confirm(session, _receipt(session, made["received"]), by=city, now=at)

    def returned(session: Session, scene: Scene) -> None:
        at = now - timedelta(days=2)
        end = receipts.End(2, Method.BY_HAND, clock.local_date(at), "小川 千尋", backups_gone=True, note="窓口で返却")
        by = scene.principal(session, officer, at)
        receipts.end(session, _receipt(session, made["received"]), 1, end, by=by, now=at)

    def handed_in(session: Session, scene: Scene) -> None:
        at = now - timedelta(hours=4)
        day = clock.local_date(at)
        report = receipts.Item(
            Medium.PAPER, DataClass.D4, 1, "今月の訪問報告 1冊", Ending.DESTROY, day + timedelta(days=365)
        )
        facts = receipts.Facts(
            Direction.TO_MUNICIPALITY, day, "月次の報告", [report], giver=scene.worker(officer),
            engagement=engagement(session, scene, day),
        )  # fmt: skip
        write(session, scene, at, facts, Side.GIVER, officer)

    def passed_on(session: Session, scene: Scene) -> None:
        at = now - timedelta(hours=3)
        day = clock.local_date(at)
        lists = receipts.Item(Medium.PAPER, DataClass.D3, 1, "見守り名簿 1枚", Ending.RETURN, day + timedelta(days=7))
        facts = receipts.Facts(
            Direction.INSIDE,
            day,
            "担当の引き継ぎ",
            [lists],
            giver=scene.worker(colleague),
            receiver=scene.worker(worker),
        )
        write(session, scene, at, facts, Side.GIVER, colleague)

    return [
        (now - timedelta(days=12), received),
        (now - timedelta(days=11), confirmed),
        (now - timedelta(days=2), returned),
        (now - timedelta(hours=4), handed_in),
        (now - timedelta(hours=3), passed_on),
    ]


def _receipt(session: Session, receipt_id: UUID) -> Receipt:
    return session.scalars(select(Receipt).where(Receipt.id == receipt_id)).one()


# --- before a month is closed -----------------------------------------------------------------------------------


def spot_check(session: Session, center: Center, month: str, *, by: Principal, now: datetime) -> None:
    """The spot check of a center's month, where there is anything to look at; all was as it should be."""
    if not spot_checks.is_asked(session, center, month):
        return
    drawn = spot_checks.draw(session, center, month, by=by, now=now)
    spot_checks.record_result(
        session, drawn, row=Finding.FINE if drawn.take_out else None, place=Finding.FINE if drawn.place else None,
        note="", by=by, now=now,
    )  # fmt: skip
