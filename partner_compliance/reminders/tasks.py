"""A thing to do, as the home page shows it."""

from dataclasses import dataclass
from datetime import date


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
