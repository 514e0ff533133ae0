"""Which questions are asked, in which order: pure arithmetic on keys, the same whenever it is asked again."""

import random
from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

from partner_compliance.library.courses import Course, Question


def draw(course: Course, seed: UUID, before: Collection[str] = ()) -> list[str]:
    """The keys of the questions of an attempt, in a mixed order.

    Those that were not asked `before` come first, so that whoever takes a course again meets other situations.
    """
    chance = random.Random(seed.int)  # noqa: S311 - a mixed order, not a secret
    fresh = [each.key for each in course.questions if each.key not in before]
    known = [each.key for each in course.questions if each.key in before]
    chance.shuffle(fresh)
    chance.shuffle(known)
    chosen = (fresh + known)[: course.asked]
    chance.shuffle(chosen)
    return chosen


def order_of_choices(question: Question, seed: UUID, try_number: int) -> list[int]:
    """In which order the choices stand at a try, by their places in the course."""
    places = list(range(len(question.choices)))
    random.Random(f"{seed.hex}:{question.key}:{try_number}").shuffle(places)  # noqa: S311
    return places


def next_question(asked: Sequence[str], tries: Mapping[str, int], right: Collection[str]) -> str | None:
    """The question to ask now: each once, then those that went wrong, until all were right; None when all were."""
    left = [key for key in asked if key not in right]
    return min(left, key=lambda key: (tries.get(key, 0), asked.index(key)), default=None)


def right_at_first(answers: Iterable[tuple[int, bool]]) -> int:
    """How many of the (try number, is right) were right at the first try."""
    return sum(1 for number, is_right in answers if number == 1 and is_right)
