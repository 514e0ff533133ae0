"""The roster as it is handed to a municipality: who stands on it, what each line says, what differs from the last.

Source: DOMAIN B03–B06, B10, C02, C03 (names of those responsible and of workers in writing, changes beforehand).
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from partner_compliance.clock import era_date
from partner_compliance.organizations.models import Engagement, Organization, Worker
from partner_compliance.roster.models import Post, Project, RosterSubmission, SubmissionScope
from partner_compliance.roster.queries import Row

NAME, KANA, KIND, POSTS, CENTERS, PROJECTS, HANDLER, PERIOD = LABELS = (
    "氏名", "フリガナ", "区分", "役職", "所属（作業場所）", "事業", "個人情報の取扱い", "従事期間",
)  # fmt: skip

Lines = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Draft:
    """A roster that could be submitted now, and what a page shows of it."""

    lines: Lines
    heading: dict[str, Any]

    @property
    def seal(self) -> str:
        """A word that stays the same as long as the draft says the same."""
        text = json.dumps([self.lines, self.heading], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def draft_of(
    rows: Sequence[Row],
    posts: Sequence[tuple[Post, str, str, date]],
    *,
    organization: Organization,
    engagement: Engagement,
    municipality: str,
    scope: SubmissionScope,
    project: Project | None = None,
) -> Draft:
    """What would be submitted of a roster's rows (everyone present) and posts (post, name, a head's center, since)."""
    chosen = [row for row in rows if stands_on_it(row, scope, project.id if project else None)]
    is_of_project = scope is SubmissionScope.PROJECT and project is not None
    heading: dict[str, Any] = {
        "municipality": municipality,
        "engagement": engagement.title,
        "organization": organization.name,
        "representative": organization.representative_name,
        "scope": scope.value,
        "scope_label": f"事業「{project.name}」に携わる方" if is_of_project and project else scope.label,
        "project": str(project.id) if is_of_project and project else "",
        "posts": [
            {"post": post.value, "label": post.label, "name": name, "center": center, "since": f"{era_date(since)}から"}
            for post, name, center, since in posts
        ],
    }
    return Draft({str(row.worker.id): line_of(row) for row in chosen}, heading)


def stands_on_it(row: Row, scope: SubmissionScope, project_id: UUID | None) -> bool:
    """Whether someone who is present on the roster stands on a submission of that scope."""
    if scope is SubmissionScope.EVERYONE:
        return True
    if scope is SubmissionScope.PROJECT:
        return project_id in row.project_ids
    return row.worker.is_handler or bool(row.posts)


def line_of(row: Row) -> dict[str, str]:
    """What the line of someone says: {label: text}."""
    worker = row.worker
    return {
        NAME: worker.name,
        KANA: worker.name_kana,
        KIND: worker.kind.label,
        POSTS: "、".join(row.post_texts),
        CENTERS: "、".join(row.centers),
        PROJECTS: "、".join(row.projects),
        HANDLER: "取扱者" if worker.is_handler else "取り扱わない",
        PERIOD: _period(worker),
    }


def _period(worker: Worker) -> str:
    until = f"{era_date(worker.left_on)}まで" if worker.left_on else ""
    return f"{era_date(worker.joined_on)}から{until}"


# --- what differs -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Changed:
    """Someone whose line says something else now: (label, before, after)."""

    name: str
    parts: Sequence[tuple[str, str, str]]


@dataclass(frozen=True)
class Differences:
    """What differs between two submissions: lines that came, went and changed, and the posts (label, before, after)."""

    added: Sequence[Mapping[str, str]] = ()
    gone: Sequence[Mapping[str, str]] = ()
    changed: Sequence[Changed] = ()
    posts: Sequence[tuple[str, str, str]] = ()
    #: Whom the lists are about, when that differs: who came and went may only be due to it.
    scope: tuple[str, str] | None = None

    def __bool__(self) -> bool:
        return bool(self.added or self.gone or self.changed or self.posts or self.scope)

    @property
    def in_brief(self) -> str:
        """The differences as counts."""
        counts = (("追加", self.added), ("外れた方", self.gone), ("変更", self.changed))
        told = [f"{label}{len(found)}人" for label, found in counts if found]
        if self.posts:
            told.append("役職の変更")
        if self.scope and not told:
            told.append("載せる方の範囲の変更")
        return "、".join(told) or "変更なし"


def differences(
    before: Mapping[str, Mapping[str, str]] | None,
    after: Mapping[str, Mapping[str, str]] | None,
    heading_before: Mapping[str, Any] | None = None,
    heading_after: Mapping[str, Any] | None = None,
) -> Differences:
    """What differs between the lines, and the headings, of two submissions; the same person is known by the id.

    A part that only one of two lines has (other releases may print other parts) is no difference.
    """
    old, new = before or {}, after or {}
    changed = []
    for key in new:
        if key in old:
            parts = [
                (label, old[key][label], text)
                for label, text in new[key].items()
                if label in old[key] and old[key][label] != text
            ]
            if parts:
                changed.append(Changed(new[key].get(NAME, ""), parts))
    return Differences(
        [line for key, line in new.items() if key not in old],
        [line for key, line in old.items() if key not in new],
        changed,
        *_of_headings(heading_before, heading_after),
    )


def _of_headings(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> tuple[list[tuple[str, str, str]], tuple[str, str] | None]:
    if not before or not after:
        return [], None
    old, new = _holders(before), _holders(after)
    labels = [*new, *(label for label in old if label not in new)]
    posts = [
        (label, "、".join(old.get(label, ())), "、".join(new.get(label, ())))
        for label in labels
        if old.get(label, []) != new.get(label, [])
    ]
    scopes = before.get("scope_label", ""), after.get("scope_label", "")
    return posts, scopes if scopes[0] != scopes[1] else None


def _holders(heading: Mapping[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in heading.get("posts") or ():
        found.setdefault(post_label(each), []).append(str(each.get("name", "")))
    return {label: sorted(names) for label, names in found.items()}


def post_label(each: Mapping[str, Any]) -> str:
    """A post of a heading in words, a head's with the center."""
    center = each.get("center")
    return f"{each.get('label', '')}（{center}）" if center else str(each.get("label", ""))


def post_holder(each: Mapping[str, Any]) -> str:
    """Who holds a post of a heading, and since when, where the heading says so."""
    since = each.get("since")
    return f"{each.get('name', '')}（{since}）" if since else str(each.get("name", ""))


def between(before: RosterSubmission | None, after: RosterSubmission) -> Differences | None:
    """What differs between two kept submissions; None where there is nothing to compare with any more."""
    if before is None or before.rows is None or after.rows is None:
        return None
    return differences(before.rows, after.rows, before.heading, after.heading)


def since(last: RosterSubmission, now: Draft) -> Differences | None:
    """What differs between a kept submission and what would be submitted now; None once the kept one is erased."""
    if last.rows is None:
        return None
    return differences(last.rows, now.lines, last.heading, now.heading)


def number_of(submission: RosterSubmission) -> str:
    """The number under which a printed roster is found again: eight characters of the record's public id."""
    return f"{submission.id.hex[:4]}-{submission.id.hex[4:8]}".upper()
