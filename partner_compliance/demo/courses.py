"""Courses in the demo: what is asked, who has taken it on a phone and who on paper, by the operations of the pages."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from sqlalchemy.orm import Session

from partner_compliance import clock
from partner_compliance.access import Role
from partner_compliance.demo.cast import Partner
from partner_compliance.demo.take_outs import Act, Move, Scene
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import WorkerKind
from partner_compliance.training import groups, operations, own_courses, queries
from partner_compliance.training.words import SourceKind, State

#: Every so many people one has not taken what is asked yet.
_SLOW = 7


def _holder(partner: Partner, role: Role) -> int:
    return next(at for at, person in enumerate(partner.people) if role in person.posts)


def moves_of(partner: Partner, library: Library, *, begins: datetime, now: datetime, seed: int) -> list[Move]:
    """What a partner with a story does: the first one everything, the second one half, the third one begins now."""
    random = Random(f"{seed}/courses/{partner.number}")  # noqa: S311 - a story, not a secret
    asked = {0: now - timedelta(days=50), 1: now - timedelta(days=70), 2: now - timedelta(days=4)}.get(partner.number)
    if asked is None or asked < begins:
        return []
    moves: list[Move] = [(asked, _assigns(library, partner, asked))]
    if partner.number < 2:
        moves += _takings(library, partner, asked, now, random)
        met = asked + timedelta(days=12)
        moves.append((met, _meets(library, partner, met)))
    if partner.number == 0:
        moves.append((now - timedelta(days=20), _adapts(library, partner, now - timedelta(days=20))))
        moves.append((now - timedelta(hours=2), _begins(library, partner, now - timedelta(hours=2))))
    return sorted((move for move in moves if begins <= move[0] <= now), key=lambda move: move[0])


def _assigns(library: Library, partner: Partner, at: datetime) -> Act:
    def assigns(session: Session, scene: Scene) -> None:
        by = scene.principal(session, _holder(partner, Role.PROTECTION_OFFICER), at)
        operations.assign_recommended(session, library, scene.organization, by=by, now=at)

    return assigns


def _takings(library: Library, partner: Partner, asked: datetime, now: datetime, random: Random) -> Iterator[Move]:
    for at, person in enumerate(partner.people):
        slow = at % _SLOW == _SLOW - 1 or (partner.number == 1 and at % 2)
        if slow or not person.login:
            continue
        day = max(clock.local_date(asked), person.joined_on) + timedelta(days=random.randint(1, 30))
        is_there = person.left_on is None or person.left_on > day
        if is_there and day <= clock.local_date(now):
            moment = clock.start_of(day) + timedelta(hours=random.randint(9, 19), minutes=random.randint(0, 59))
            yield moment, _takes(library, at, moment, leaves_last=person.login == "worker")


def _takes(library: Library, at: int, moment: datetime, *, leaves_last: bool) -> Act:
    """Take what is asked, every third one with a mistake; the demo's worker leaves one course for the visitor.

    One mistake is never too many: which questions are drawn is chance, and the story stays the same.
    """

    def takes(session: Session, scene: Scene) -> None:
        worker, by = scene.worker(at), scene.principal(session, at, moment)
        duties = queries.Duties(session, [worker], on=clock.local_date(moment)).of(worker)
        due = [duty for duty in duties if duty.state is not State.VALID]
        for duty in due[:-1] if leaves_last else due:
            attempt = operations.begin(session, library, worker, duty.course_key, by=by, now=moment)
            progress = queries.progress_of(session, library, attempt)
            for number in range(len(progress.course.lessons)):
                operations.read_lesson(session, library, attempt, number, by=by)
            hard = progress.attempt.asked[0]
            while (question := progress.question) is not None:
                first = progress.try_number == 1
                is_wrong = first and question.key == hard and at % 3 == 0
                choice = (question.right + 1) % len(question.choices) if is_wrong else question.right
                progress = operations.answer(
                    session, library, attempt, question.key, progress.try_number, choice, by=by, now=moment
                )  # fmt: skip

    return takes


def _meets(library: Library, partner: Partner, at: datetime) -> Act:
    """Those without an account take the course on joining together, with the officer, on paper."""

    def meets(session: Session, scene: Scene) -> None:
        officer = _holder(partner, Role.PROTECTION_OFFICER)
        by, today = scene.principal(session, officer, at), clock.local_date(at)
        for key, volunteers in (("volunteers", True), ("secrecy-basics", False)):
            there = [
                worker
                for place, worker in enumerate(scene.workers)
                if worker is not None
                and not partner.people[place].login
                and (worker.kind is WorkerKind.VOLUNTEER) is volunteers
                and worker.joined_on <= today
                and (worker.left_on is None or worker.left_on > today)
                and place % _SLOW != _SLOW - 1
            ]
            if not there:
                continue
            prepared = groups.prepare(session, library, scene.organization, key, None, by=by, now=at)
            wrong = {worker.id: prepared.asked[: place % 2] for place, worker in enumerate(there)}
            groups.record(
                session, library, prepared, held_on=today, minutes=40, led_by=partner.people[officer].name,
                people=there, wrong=wrong, by=by, now=at,
            )  # fmt: skip

    return meets


def _adapts(library: Library, partner: Partner, at: datetime) -> Act:
    def adapts(session: Session, scene: Scene) -> None:
        by = scene.principal(session, _holder(partner, Role.PROTECTION_OFFICER), at)
        course = library.course_for("take-out", clock.local_date(at))
        made = own_courses.begin(
            session, library, scene.organization, title=f"{course.title}（訪問の日）", of=course,
            kind=SourceKind.SHELF, by=by, now=at,
        )  # fmt: skip
        own_courses.publish(session, library, made, seen=made.revision, by=by, now=at)

    return adapts


def _begins(library: Library, partner: Partner, at: datetime) -> Act:
    """The demo's worker has read the first page of the course that is left."""

    def begins(session: Session, scene: Scene) -> None:
        place = next((at for at, person in enumerate(partner.people) if person.login == "worker"), None)
        if place is None:
            return
        worker, by = scene.worker(place), scene.principal(session, place, at)
        for duty in queries.Duties(session, [worker], on=clock.local_date(at)).of(worker):
            if duty.state is not State.VALID:
                attempt = operations.begin(session, library, worker, duty.course_key, by=by, now=at)
                operations.read_lesson(session, library, attempt, 0, by=by)
                return

    return begins
