"""A thing to do, as the home page shows it."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from sqlalchemy.orm import Session

from partner_compliance.access import Principal


@dataclass(frozen=True)
class Task:
    """One thing to do: words, where to do it, and how pressing it is (`urgent` or `normal`)."""

    title: str
    text: str
    button: str
    endpoint: str
    values: dict[str, object]
    due_on: date | None = None
    tone: str = "normal"


class TasksOf(Protocol):
    """Says what else a reader has to do on a day."""

    def __call__(self, session: Session, principal: Principal, *, today: date) -> list[Task]:
        """The tasks, in no order."""
        ...
