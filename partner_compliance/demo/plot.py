"""What happens to every sheet of the demo: a list of steps in time, made without touching a database."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum, auto
from random import Random

from partner_compliance import clock
from partner_compliance.access import Role
from partner_compliance.demo import words
from partner_compliance.demo.cast import Partner, Person
from partner_compliance.library.checklists import Answer, Checklist
from partner_compliance.sheets.models import ExcuseReason
from partner_compliance.sheets.operations import OPENING_DAY, Filled, Given


class Kind(Enum):
    """What a step does; each is one operation."""

    DRAFT = auto()
    SUBMIT = auto()
    PAPER = auto()
    VIEW = auto()
    RETURN = auto()
    SIGN_OFF = auto()
    EXCUSE = auto()
    MEND = auto()
    CLOSE = auto()


@dataclass(frozen=True)
class Step:
    """One step: when, what, by whom (a place among the partner's people), and on whose sheet or at which center."""

    at: datetime
    kind: Kind
    month: str
    by: int
    whose: int = -1
    center: int = -1
    filled: Filled = field(default_factory=Filled)
    text: str = ""
    excuse: ExcuseReason | None = None
    signed_on: date | None = None
    item: str = ""


def opens_at(month: str) -> datetime:
    """The moment at which the sheets of a month open."""
    return clock.start_of(clock.first_day(month).replace(day=OPENING_DAY))


def newest_month(now: datetime) -> str:
    """The month whose sheets opened last."""
    today = clock.local_date(now)
    month = clock.month_of(today)
    return month if today.day >= OPENING_DAY else clock.month_after(month, -1)


def year_of(now: datetime) -> list[str]:
    """The twelve months that a demo tells of, oldest first."""
    newest = newest_month(now)
    return clock.months_between(clock.month_after(newest, -11), newest)


def steps_of(partner: Partner, month: str, checklist: Checklist, *, now: datetime, seed: int) -> list[Step]:
    """Everything that happens to a partner's sheets of one month until `now`, in the order in which it happens."""
    if month < partner.first_month:
        return []
    steps: list[Step] = []
    finished = dict.fromkeys(range(len(partner.centers)), True)
    is_newest = month == newest_month(now)
    for at, person in enumerate(partner.people):
        if not person.files_in(month):
            continue
        random = Random(f"{seed}/{partner.number}/{at}/{month}")  # noqa: S311 - a story, not a secret
        sheet = _Sheet(partner, at, month, checklist, random, now)
        told = list(sheet.lately() if is_newest else sheet.formerly())
        finished[person.center] &= any(step.kind in (Kind.SIGN_OFF, Kind.EXCUSE) for step in told)
        steps += told
    steps.sort(key=lambda step: step.at)
    if not is_newest:
        steps += list(_closings(partner, month, steps, [center for center, is_done in finished.items() if is_done]))
        steps.sort(key=lambda step: step.at)
    return steps


def _closings(partner: Partner, month: str, steps: list[Step], centers: list[int]) -> Iterator[Step]:
    for center in centers:
        moments = [step.at for step in steps if partner.people[step.whose].center == center]
        if moments:
            yield Step(max(moments) + timedelta(minutes=20), Kind.CLOSE, month, partner.head_of(center), center=center)


class _Sheet:
    """The story of one sheet."""

    def __init__(
        self, partner: Partner, at: int, month: str, checklist: Checklist, random: Random, now: datetime
    ) -> None:
        self.partner, self.at, self.month, self.now = partner, at, month, now
        self.person = partner.people[at]
        self.checklist = checklist
        self.random = random
        #: The same in every version of the sheet, as the ledger says it too.
        self.no_take_out = random.random() < 0.45
        self.confirmer = partner.who_confirms(at)
        self.opened = opens_at(month)
        after = clock.month_after(month)
        self.due_on = clock.nth_business_day(after, 5)
        self.sign_off_on = clock.nth_business_day(after, 10)
        #: Before the next month opens, whatever there was to do for this one is done.
        self.ends = opens_at(after) - timedelta(hours=1)

    # --- months gone by

    def formerly(self) -> Iterator[Step]:
        """A sheet of an earlier month: mostly on time, with the plausible exceptions."""
        random, person = self.random, self.person
        slack = 1 - self.partner.care
        if person.left_on is not None and clock.month_of(person.left_on) == self.month:
            yield self._excuse(self._day(self.due_on, 0), ExcuseReason.LEFT)
            return
        luck = random.random()
        is_plain = not person.posts and person.demo_label is None
        if is_plain and luck < 0.03:
            reason = ExcuseReason.NO_ACTIVITY if person.login is None else ExcuseReason.LEAVE
            reason = ExcuseReason.OTHER if random.random() < 0.15 else reason
            yield self._excuse(self._day(self.due_on, random.randint(-2, 3)), reason)
            return
        if is_plain and luck < 0.03 + slack * 0.12:
            return  # never came, and the month stays open
        is_late = random.random() < 0.02 + slack * 0.5 and person.demo_label is None
        if is_late:
            submitted = self._between(self.due_on + timedelta(days=1), self.sign_off_on)
        else:
            submitted = self._between(clock.local_date(self.opened), self.due_on)
        yield from self._course(submitted, returned=random.random() < 0.05, corrected=random.random() < 0.02)

    def _course(self, submitted: datetime, *, returned: bool, corrected: bool) -> Iterator[Step]:
        random = self.random
        filled = self._filled()
        yield self._submit(submitted, filled)
        at = submitted
        if returned:
            sent_back = self._next_day(at)
            yield self._confirm(sent_back - timedelta(minutes=random.randint(2, 6)), Kind.VIEW)
            yield self._confirm(sent_back, Kind.RETURN, text=random.choice(words.RETURNS))
            at = self._next_day(sent_back)
            filled = self._filled(careful=True)
            yield self._submit(at, filled)
        signed = max(self._review(), at + timedelta(minutes=random.randint(30, 300)))
        yield self._confirm(signed - timedelta(minutes=random.randint(1, 5)), Kind.VIEW)
        yield self._confirm(signed, Kind.SIGN_OFF)
        if corrected and self.person.login is not None and signed < self.ends - timedelta(days=2):
            at = signed + timedelta(minutes=random.randint(60, 900))
            filled = self._filled(careful=True)
            yield self._submit(at, replace(filled, reason=random.choice(words.CORRECTIONS)))
            signed = at + timedelta(minutes=random.randint(60, 600))
            yield self._confirm(signed - timedelta(minutes=2), Kind.VIEW)
            yield self._confirm(signed, Kind.SIGN_OFF)
        yield from self._mends(filled, signed)

    def _mends(self, filled: Filled, signed: datetime) -> Iterator[Step]:
        random = self.random
        for item, given in filled.answers.items():
            if given.answer not in (Answer.NOT_OK, Answer.UNSURE) or random.random() > 0.75:
                continue
            told = (words.IMPROVEMENTS if given.answer is Answer.NOT_OK else words.DOUBTS)[item]
            outcome = next(done for note, done in told if note == given.note)
            mended = signed + timedelta(minutes=random.randint(10, 1200))
            if mended < self.ends:
                yield Step(mended, Kind.MEND, self.month, self._mender(), self.at, item=item, text=outcome)

    def _mender(self) -> int:
        head = self.partner.head_of(self.person.center)
        return self.confirmer if head == self.at else head

    def _review(self) -> datetime:
        """When the one who confirms sits down to read: in the days before sign-off is due, sometimes after them."""
        random = self.random
        review = Random(f"{self.partner.number}/{self.confirmer}/{self.month}")  # noqa: S311 - a story
        is_late = review.random() < (1 - self.partner.care) * 0.6
        day = (
            self.sign_off_on + timedelta(days=2) if is_late else self.sign_off_on - timedelta(days=review.randint(0, 3))
        )
        return _moment(day, 9, 0) + timedelta(minutes=random.randint(0, 420))

    # --- the month that is on

    def lately(self) -> Iterator[Step]:
        """A sheet of the month that opened last: about half are in, and someone waits for everybody in the demo."""
        random, person = self.random, self.person
        fate = random.random()
        if person.demo_label is not None or (self.partner.number == 0 and person.posts):
            fate = self._destiny()
        elif person.left_on is not None and clock.month_of(person.left_on) == self.month:
            fate = 0.98
        first, second, third = (
            self._lately(random.uniform(*span)) for span in ((0.02, 0.5), (0.5, 0.75), (0.75, 0.98))
        )
        if fate < (0.18 if self.partner.number == 0 else 0.30):
            yield self._submit(first, self._filled())
            yield self._confirm(second, Kind.VIEW)
            yield self._confirm(third, Kind.SIGN_OFF)
        elif fate < 0.58:
            yield self._submit(second, self._filled())
        elif fate < 0.64 and person.login is not None:
            yield self._submit(first, self._filled())
            yield self._confirm(second, Kind.VIEW)
            yield self._confirm(third, Kind.RETURN, text=random.choice(words.RETURNS))
        elif fate < 0.74 and person.login is not None:
            yield Step(second, Kind.DRAFT, self.month, self.at, self.at, filled=self._begun())
        elif fate >= 0.97 and not person.posts:
            yield self._excuse(second, ExcuseReason.LEFT if person.left_on else ExcuseReason.LEAVE)

    def _destiny(self) -> float:
        """The worker and the head have still to begin, the volunteer's was returned, the officers' wait above them."""
        posts = self.person.posts
        if Role.PROTECTION_OFFICER in posts or (Role.CENTER_HEAD in posts and self.person.center > 0):
            return 0.5
        if Role.REPRESENTATIVE in posts:
            return 0.2
        is_volunteer = not posts and self.person.kind.value == "volunteer"
        return 0.6 if is_volunteer else 0.9

    def _lately(self, share: float) -> datetime:
        """A moment at a share of the time since the month opened, by day where there were days."""
        end = min(self.now, clock.start_of(self.sign_off_on))
        at = self.opened + (end - self.opened) * share
        here = clock.local(at)
        by_day = _moment(here.date(), 9, 0) + timedelta(minutes=share * 720)
        return by_day if self.opened < by_day < end - timedelta(days=1) else at

    # --- parts of the story

    def _submit(self, at: datetime, filled: Filled) -> Step:
        if self.person.login is not None:
            return Step(at, Kind.SUBMIT, self.month, self.at, self.at, filled=filled)
        signed_on = max(clock.first_day(self.month), clock.local_date(at) - timedelta(days=self.random.randint(0, 4)))
        head = self.partner.head_of(self.person.center)
        return Step(at, Kind.PAPER, self.month, head, self.at, filled=filled, signed_on=signed_on)

    def _confirm(self, at: datetime, kind: Kind, text: str = "") -> Step:
        return Step(at, kind, self.month, self.confirmer, self.at, text=text)

    def _excuse(self, at: datetime, reason: ExcuseReason) -> Step:
        text = self.random.choice(words.OTHER_EXCUSES) if reason is ExcuseReason.OTHER else ""
        return Step(at, Kind.EXCUSE, self.month, self.confirmer, self.at, text=text, excuse=reason)

    def _between(self, first: date, last: date) -> datetime:
        return _moment(first + timedelta(days=self.random.randint(0, (last - first).days)), 9, 0) + timedelta(
            minutes=self.random.randint(0, 720)
        )

    def _day(self, day: date, later: int) -> datetime:
        return _moment(day + timedelta(days=later), 10, self.random.randint(0, 59))

    def _next_day(self, at: datetime) -> datetime:
        day = min(clock.local_date(at) + timedelta(days=1), clock.local_date(self.ends) - timedelta(days=3))
        return max(_moment(day, 9, 30), at) + timedelta(minutes=self.random.randint(10, 400))

    # --- what is filled in

    def _items(self) -> list[str]:
        return list(self.checklist.items_for(Role.CENTER_HEAD in self.person.posts))

    def _filled(self, *, careful: bool = False) -> Filled:
        random = self.random
        covered = self.checklist.no_take_out.items if self.no_take_out else ()
        answers = {item: Given(Answer.OK) for item in self._items() if item not in covered}
        if "1-10" in answers and random.random() < 0.5:
            answers["1-10"] = Given(Answer.NOT_APPLICABLE)
        luck = random.random() * (2 if careful else 1)
        slack = 1 - self.partner.care
        if luck < 0.03 + slack * 0.12:
            self._note(answers, Answer.NOT_OK, words.IMPROVEMENTS)
        elif luck > 0.985 and not careful:
            self._note(answers, Answer.UNSURE, words.DOUBTS)
        return Filled(answers, self.no_take_out)

    def _note(self, answers: dict[str, Given], answer: Answer, notes: dict[str, list[tuple[str, str]]]) -> None:
        item = self.random.choice([item for item in notes if item in answers])
        note, _ = self.random.choice(notes[item])
        answers[item] = Given(answer, note)

    def _begun(self) -> Filled:
        items = self._items()
        return Filled({item: Given(Answer.OK) for item in items[: self.random.randint(3, len(items) - 2)]})


def _moment(day: date, hour: int, minute: int) -> datetime:
    return datetime.combine(day, time(hour, minute), clock.TOKYO).astimezone(UTC)


def joins_at(person: Person) -> datetime:
    """The moment at which a person who joins within the year is put on the roster."""
    return _moment(person.joined_on, 10, 0)
