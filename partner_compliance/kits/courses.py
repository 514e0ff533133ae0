"""An organization's own courses in a kit: made general when it is published, begun as drafts where it is taken over."""

import json
import re
from collections.abc import Callable, Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy.orm import Session

from partner_compliance.access import Principal
from partner_compliance.errors import WrongEntry
from partner_compliance.kits import queries
from partner_compliance.kits.package import MOST_OWN_COURSES, BrokenKit, Known, Package, require_course
from partner_compliance.library import courses as shapes
from partner_compliance.library.courses import Course
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Organization
from partner_compliance.training import own_courses
from partner_compliance.training import queries as training
from partner_compliance.training.words import SourceKind

#: As for rules: a shorter name would be found inside other words.
_SHORTEST_NAME = 2
_LONGEST_TITLE = 100
_TO_DO = "講座を直して公開し直すか、この講座を終えるか、「研修で使う題材と、団体の講座」を外してください。"


# --- publishing -------------------------------------------------------------------------------------------------


def packaged(
    session: Session, organization: Organization, names: Collection[str], known: Known, *, today: date
) -> tuple[Course, ...]:
    """The own courses that a kit hands on: of each that can be begun, the newest edition, without the own names.

    Raises WrongEntry, naming the course, when there are too many or one cannot be used without the names.
    """
    offered = training.own_offered(session, [organization.id], on=today).get(organization.id, {})
    if len(offered) > MOST_OWN_COURSES:
        raise WrongEntry(
            "parts",
            f"キットに入れられる団体の講座は{MOST_OWN_COURSES}までです（いま{len(offered)}）。"
            "使わない講座を終えるか、「研修で使う題材と、団体の講座」を外してください。",
        )
    found = []
    for each in offered.values():
        try:
            course = general(each.course, names)
            require_course(course, known)
        except ValidationError as error:
            reason = " ".join(str(each["ctx"]["error"]) if "ctx" in each else each["msg"] for each in error.errors())
            raise WrongEntry(
                "parts", f"講座「{each.course.title}」の団体の名前を {{organization}} に置きかえると: {reason}{_TO_DO}"
            ) from None
        except BrokenKit as error:
            raise WrongEntry("parts", f"{error.message}{_TO_DO}") from None
        found.append(course)
    return tuple(found)


def general(course: Course, names: Collection[str]) -> Course:
    """A course in which an organization's names have given way to `{organization}`, the longest first.

    Raises ValidationError where a text becomes too long by it.
    """
    longest_first = sorted({each for each in names if len(each) >= _SHORTEST_NAME}, key=lambda each: (-len(each), each))
    # What stands in braces comes first, so that nobody's name is found inside of it.
    pattern = re.compile("|".join([r"\{[^{}\n]*\}", *(re.escape(each) for each in longest_first)]))

    def said(text: str) -> str:
        return pattern.sub(lambda found: found[0] if found[0].startswith("{") else "{organization}", text)

    told = course.model_dump(mode="json")
    readings = told.pop("readings")
    told |= {name: said(told[name]) for name in ("title", "summary", "handout", "discussion")}
    told["lessons"] = [{**each, "title": said(each["title"]), "text": said(each["text"])} for each in told["lessons"]]
    told["questions"] = [_said_of(each, said) for each in told["questions"]]
    everything = json.dumps({name: text for name, text in told.items() if name != "source"}, ensure_ascii=False)
    return Course.model_validate(
        {**told, "readings": {word: read for word, read in readings.items() if word in everything}}
    )


def _said_of(question: dict[str, Any], said: Callable[[str], str]) -> dict[str, Any]:
    choices = [{**each, "text": said(each["text"]), "because": said(each["because"])} for each in question["choices"]]
    return {**question, **{name: said(question[name]) for name in ("topic", "situation", "ask")}, "choices": choices}


# --- taking over ------------------------------------------------------------------------------------------------


def take(
    session: Session,
    library: Library,
    organization: Organization,
    made: Package,
    adoption_id: UUID,
    *,
    by: Principal,
    now: datetime,
) -> None:
    """Begin a draft of each course of a kit that is not here yet, in this edition; raises WrongEntry for too many.

    In the texts `{organization}` stays, and says the adopter's name wherever they are read; title and summary, which
    lists show as they stand, get it at once.
    """
    session.refresh(organization, with_for_update=True)
    held = {
        (each.source["key"], each.source["edition"])
        for each in queries.courses_from(session, organization.id, made.kit_id)
    }
    own = {each.key for each in training.own_courses(session, organization.id)}
    for course in made.own_courses:
        if (course.key, course.edition) in held or course.key in own:
            continue
        title = shapes.fill(course.title, organization.name, {})[:_LONGEST_TITLE].strip()
        named = course.model_copy(
            update={"title": title, "summary": shapes.fill(course.summary, organization.name, {})}
        )
        try:
            draft = own_courses.begin(
                session, library, organization, title=title, of=named, kind=SourceKind.KIT, by=by, now=now
            )
        except WrongEntry as error:
            raise WrongEntry("parts", error.message) from None
        taken = {"kit": str(made.kit_id), "adoption": str(adoption_id), "of": made.publisher.name}
        draft.source = {**draft.source, **taken}
    session.flush()
