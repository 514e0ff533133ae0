"""How engagements are put into words: terms line by line, what a change changes, what happened when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from partner_compliance import clock
from partner_compliance.engagements.queries import Story, terms_of
from partner_compliance.engagements.words import DataClass, Mode
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import EngagementBasis
from partner_compliance.roster.models import Post


def terms_in_words(terms: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The terms of an engagement as (label, text); what is not said is left out."""
    further = "、".join(EngagementBasis(each).label for each in terms["further_bases"])
    category = terms["council_category"]
    shares = "、".join(
        f"{each.value}（{'・'.join(Mode(mode).label for mode in terms['shares'][each.value])}）"
        for each in DataClass
        if terms["shares"].get(each.value)
    )
    rows = [
        ("事業の名前", terms["title"]),
        ("期間", period(terms["starts_on"], terms["ends_on"])),
        ("いちばんの根拠", terms["basis"].label),
        ("そのほかの根拠", further),
        ("根拠の説明", terms["basis_note"]),
        ("児童福祉法第25条の5の区分", category.label if category else ""),
        ("再委託元の団体", terms["re_entrusted_by"]),
        ("共有を予定している情報", shares),
        ("D8を共有する理由", terms["protected_reason"]),
    ]
    return [(label, text) for label, text in rows if text]


def period(starts_on: Any, ends_on: Any) -> str:
    """From one day to another, both counted."""
    return f"{clock.era_date(starts_on)} から {clock.era_date(ends_on)} まで"


class Change(NamedTuple):
    """One line of terms that a proposed version would change."""

    label: str
    before: str
    after: str


def changes_in(story: Story) -> list[Change]:
    """What the waiting version would change of the terms in force; empty when nothing is in force or nothing waits."""
    waiting = story.waiting
    if waiting is None or story.engagement.accepted_at is None:
        return []
    before = dict(terms_in_words(terms_of(story.in_force or story.engagement)))
    after = dict(terms_in_words(terms_of(waiting)))
    return [
        Change(label, before.get(label, ""), after.get(label, ""))
        for label in {**before, **after}
        if before.get(label, "") != after.get(label, "")
    ]


def share_rows(terms: Mapping[str, Any]) -> list[tuple[str, str, list[bool]]]:
    """(class, what belongs to it, whether each mode is foreseen) for the classes of which anything is foreseen."""
    return [
        (f"{each.value} {each.label}", each.example, [mode.value in terms["shares"][each.value] for mode in Mode])
        for each in DataClass
        if terms["shares"].get(each.value)
    ]


@dataclass(frozen=True)
class Event:
    """Something that happened to an engagement: when, what, by whom, and what was said about it."""

    at: datetime
    what: str
    by: str
    text: str = ""


def events_of(story: Story) -> list[Event]:
    """Everything that happened to an engagement, newest first."""
    engagement = story.engagement
    found = [
        Event(each.proposed_at, _what_was_proposed(each.number, story), each.proposed_by_name, each.reason)
        for each in story.versions
    ]
    found += [
        Event(each.at, f"{each.kind.label}（第{each.number}版）", each.by_name, each.reason)
        for each in story.replies.values()
    ]
    found += [Event(each.at, "担当の登録", each.by_name) for each in story.assignments]
    found += [Event(each.at, f"条項の記録（{each.number}回目）", each.by_name, each.note) for each in story.records]
    if engagement.accepted_at is not None and (not story.versions or story.versions[0].number == 0):
        found.append(Event(engagement.accepted_at, "登録", engagement.accepted_by_name or "はじめからの登録"))
    if engagement.cancelled_at is not None:
        found.append(
            Event(
                engagement.cancelled_at, "途中終了", engagement.cancelled_by_name or "", engagement.cancel_reason or ""
            )
        )
    return sorted(found, key=lambda event: event.at, reverse=True)


def _what_was_proposed(number: int, story: Story) -> str:
    if number == 0:
        return "控えの作成"
    return "提案" if number == story.versions[0].number else f"変更の提案（第{number}版）"


def assignment_in_words(story: Story) -> list[tuple[str, str]]:
    """Which centers, posts and project are concerned, as (label, text); empty when nobody has said it."""
    if not story.assignments:
        return []
    last = story.assignments[-1]
    return [
        ("担当する拠点", "、".join(story.centers.get(each, "") for each in last.centers) or "選んでいません"),
        ("関わる役職", "、".join(Post(each).label for each in last.posts) or "選んでいません"),
        ("団体の事業", story.project or "選んでいません"),
    ]


class ClauseLine(NamedTuple):
    """A clause as the overview shows it: `said` is empty when nobody has recorded it."""

    title: str
    kind: str
    text: str
    said: str
    was: str


def clause_sections(story: Story, library: Library) -> list[tuple[str, list[ClauseLine]]]:
    """The list of clauses with what the newest record says, and what the one before said where that differs."""
    if not story.records:
        return []
    record = story.records[-1]
    earlier = story.records[-2].variants if len(story.records) > 1 else record.variants
    clauses = library.clauses(record.edition)
    return [
        (
            section.title,
            [
                ClauseLine(
                    clause.title,
                    clause.kind.label,
                    clause.text,
                    clause.said(record.variants.get(clause.key)),
                    clause.said(earlier.get(clause.key)) or "記録なし"
                    if earlier.get(clause.key) != record.variants.get(clause.key)
                    else "",
                )
                for clause in section.clauses
            ],
        )
        for section in clauses.sections
    ]
