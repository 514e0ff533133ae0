"""Who there is in the demo: municipalities, partners, their centers and people. Nothing here touches a database."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from partner_compliance import clock
from partner_compliance.access import Role
from partner_compliance.demo.words import AREAS, PREFIXES, PROJECTS, THEMES, Names
from partner_compliance.organizations.models import EngagementBasis, LegalForm, WorkerKind

#: One password for all people of the demo; it is printed by `serve` and protects nothing.
PASSWORD = "tameshi-ni-haitte-miru"  # noqa: S105 - a demo's password is public

#: Prefecture number 99 is given to nobody; the sixth digit is the right check digit.
MUNICIPALITIES = (("992011", "汐見市"), ("993018", "緑が原町"))

_HEAD, _OFFICER, _REPRESENTATIVE = Role.CENTER_HEAD, Role.PROTECTION_OFFICER, Role.REPRESENTATIVE


@dataclass(frozen=True)
class Person:
    """Someone on a partner's roster; without a login name they have no account and hand in paper."""

    name: str
    kana: str
    kind: WorkerKind
    center: int
    posts: tuple[Role, ...] = ()
    login: str | None = None
    demo_label: str | None = None
    is_handler: bool = True
    joined_on: date = date(2020, 4, 1)
    left_on: date | None = None

    def files_in(self, month: str) -> bool:
        """Whether a sheet is asked of them for a month."""
        return (
            self.is_handler
            and self.joined_on <= clock.last_day(month)
            and (self.left_on is None or self.left_on >= clock.first_day(month))
        )


@dataclass(frozen=True)
class Pact:
    """An engagement with one of the municipalities, by its place in `MUNICIPALITIES`."""

    municipality: int
    basis: EngagementBasis
    title: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True)
class Partner:
    """A partner organization; `care` (0 to 1) says how well its months go."""

    number: int
    name: str
    legal_form: LegalForm
    corporate_number: str | None
    representative: str
    first_month: str
    care: float
    centers: tuple[str, ...]
    people: tuple[Person, ...]
    pacts: tuple[Pact, ...]

    def head_of(self, center: int) -> int:
        """The place of a center's head among the people."""
        return next(at for at, who in enumerate(self.people) if _HEAD in who.posts and who.center == center)

    def who_confirms(self, at: int) -> int:
        """The place of whoever signs off the sheet of the person at that place."""
        posts = self.people[at].posts
        if _OFFICER in posts:
            return self._holder(_REPRESENTATIVE)
        if _HEAD in posts:
            return self._holder(_OFFICER)
        return self.head_of(self.people[at].center)

    def _holder(self, role: Role) -> int:
        return next(at for at, who in enumerate(self.people) if role in who.posts)


def corporate_number(serial: int) -> str:
    """A 法人番号 with the right check digit; the registry office 9999 does not exist, so it is nobody's."""
    base = f"999905{serial:06d}"
    total = sum(int(digit) * (1 if place % 2 == 0 else 2) for place, digit in enumerate(reversed(base)))
    return f"{9 - total % 9}{base}"


@dataclass(frozen=True)
class _Sketch:
    """A partner before its people have names."""

    name: str
    legal_form: LegalForm
    centers: tuple[str, ...]
    size: int
    care: float
    months: int = 12
    demo: bool = False


_SIX = (
    _Sketch("NPO法人 しおみ子どもネット", LegalForm.NPO, ("本部", "北センター", "南センター"), 40, 0.93, demo=True),
    _Sketch("社会福祉法人 汐見あおぞら会", LegalForm.SOCIAL_WELFARE_CORPORATION, ("あおぞら児童館",), 24, 0.99),
    _Sketch("汐見市社会福祉協議会", LegalForm.SOCIAL_WELFARE_COUNCIL, ("地域福祉課", "東部支所"), 18, 0.96),
    _Sketch("一般社団法人 緑が原こども応援団", LegalForm.GENERAL_ASSOCIATION, ("応援団事務局",), 12, 0.82),
    _Sketch("緑が原おやこ見守り隊", LegalForm.UNINCORPORATED_GROUP, ("集会所",), 4, 0.75, months=6),
    _Sketch("学校法人 汐見学園", LegalForm.SCHOOL_CORPORATION, ("放課後学習室",), 8, 0.9),
)


def cast(*, partners: int, size: int | None, months: list[str], today: date, seed: int) -> Iterator[Partner]:
    """The partners of a demo: the six who have a story, then as many more as asked for, `size` people each."""
    for number, sketch in enumerate(_SIX):
        yield _partner(number, sketch, _pacts_of_six(today)[number], months, seed)
    for number in range(len(_SIX), partners):
        random = Random(f"{seed}/partner/{number}")  # noqa: S311 - a story, not a secret
        area = AREAS[number % len(AREAS)]
        theme, form = THEMES[number // len(AREAS) % len(THEMES)]
        sketch = _Sketch(
            f"{PREFIXES.get(form, '')}{area}{theme}",
            form,
            ("本部",),
            size or random.randint(8, 22),
            random.choice((0.99, 0.97, 0.95, 0.9, 0.85, 0.7)),
        )
        first = clock.first_day(months[0])
        pact = Pact(
            number % 2,
            random.choice((EngagementBasis.OUTSOURCING, EngagementBasis.SUBSIDY, EngagementBasis.AGREEMENT)),
            random.choice(PROJECTS),
            first - timedelta(days=200),
            today + timedelta(days=random.randint(60, 600)),
        )
        yield _partner(number, sketch, (pact,), months, seed)


def _pacts_of_six(today: date) -> tuple[tuple[Pact, ...], ...]:
    """Both municipalities have three partners today, one of them shared; one pact is over since yesterday, one is
    still to come."""
    long_ago, later = today - timedelta(days=500), today + timedelta(days=400)
    next_month = clock.first_day(clock.month_after(clock.month_of(today)))
    outsourcing, agreement = EngagementBasis.OUTSOURCING, EngagementBasis.AGREEMENT
    return (
        (
            Pact(0, outsourcing, "子どもの見守り強化事業", long_ago, later),
            Pact(1, agreement, "子育て家庭訪問支援事業", long_ago, later),
        ),
        (Pact(0, EngagementBasis.DESIGNATED_MANAGER, "児童館の管理運営", long_ago, later),),
        (Pact(0, outsourcing, "地域の居場所づくり事業", long_ago, later),),
        (
            Pact(1, EngagementBasis.SUBSIDY, "学習・生活支援事業", long_ago, later),
            Pact(0, outsourcing, "学習・生活支援事業", next_month, next_month + timedelta(days=364)),
        ),
        (Pact(1, agreement, "登下校の見守り活動", long_ago + timedelta(days=300), later),),
        (Pact(0, outsourcing, "放課後学習支援事業", long_ago, today - timedelta(days=1)),),
    )


def _partner(number: int, sketch: _Sketch, pacts: tuple[Pact, ...], months: list[str], seed: int) -> Partner:
    random = Random(f"{seed}/people/{number}")  # noqa: S311 - a story, not a secret
    people = _people(number, sketch, random, months)
    if sketch.demo:
        people = _with_demo_people(people, sketch)
    has_number = sketch.legal_form is not LegalForm.UNINCORPORATED_GROUP
    return Partner(
        number,
        sketch.name,
        sketch.legal_form,
        corporate_number(number + 1) if has_number else None,
        people[0].name,
        months[-sketch.months],
        sketch.care,
        sketch.centers,
        tuple(people),
        pacts,
    )


def _people(number: int, sketch: _Sketch, random: Random, months: list[str]) -> list[Person]:
    """Representative, protection officer and the heads come first, then everyone else."""
    names = Names(random)
    posts: list[tuple[tuple[Role, ...], int, WorkerKind]] = [
        ((_REPRESENTATIVE,), 0, WorkerKind.OFFICER),
        ((_OFFICER,), 0, WorkerKind.REGULAR),
        *(((_HEAD,), center, WorkerKind.REGULAR) for center in range(len(sketch.centers))),
    ]
    begins = clock.first_day(months[0])
    people = []
    for at in range(sketch.size):
        name, kana = names.next()
        joined = begins - timedelta(days=random.randint(60, 2500))
        login = f"p{number + 1:03d}-{at + 1:02d}"
        if at < len(posts):
            held, center, kind = posts[at]
            people.append(Person(name, kana, kind, center, held, login, joined_on=joined))
            continue
        kind = _kind(random)
        has_account = kind not in (WorkerKind.VOLUNTEER, WorkerKind.TRAINEE) or random.random() < 0.35
        person = Person(
            name, kana, kind, at % len(sketch.centers), (), login if has_account else None, joined_on=joined
        )
        people.append(_comes_or_goes(person, random, months))
    return people


def _kind(random: Random) -> WorkerKind:
    kinds = (WorkerKind.REGULAR, WorkerKind.PART_TIME, WorkerKind.VOLUNTEER, WorkerKind.TRAINEE, WorkerKind.DISPATCHED)
    return random.choices(kinds, (30, 28, 34, 4, 4))[0]


def _comes_or_goes(person: Person, random: Random, months: list[str]) -> Person:
    """Some join within the year, some leave, and some never touch personal data."""
    luck = random.random()
    if luck < 0.07:
        return replace(
            person, joined_on=clock.first_day(random.choice(months[1:-1])).replace(day=random.randint(1, 20))
        )
    if luck < 0.12:
        return replace(person, left_on=clock.first_day(random.choice(months[2:-1])).replace(day=random.randint(25, 28)))
    if luck < 0.15:
        return replace(person, is_handler=False)
    return person


def _with_demo_people(people: list[Person], sketch: _Sketch) -> list[Person]:
    """The people whom the sign-in page of a demo offers; the story has something for each of them to do."""

    def label(at: int, title: str, login: str) -> None:
        place = sketch.centers[people[at].center]
        people[at] = replace(people[at], login=login, demo_label=f"{title}（{sketch.name} {place}）")

    def anew(at: int, kind: WorkerKind) -> None:
        people[at] = replace(
            people[at], kind=kind, center=0, is_handler=True, left_on=None, joined_on=people[2].joined_on
        )

    first = 2 + len(sketch.centers)
    anew(first, WorkerKind.PART_TIME)
    anew(first + 1, WorkerKind.VOLUNTEER)
    label(first, "従事者", "worker")
    label(first + 1, "ボランティア", "volunteer")
    label(2, "センター長", "head")
    label(1, "個人情報責任者", "officer")
    label(0, "代表者", "representative")
    return people
