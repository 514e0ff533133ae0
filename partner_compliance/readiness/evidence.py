"""What stands behind the counts of an assessment: record numbers, dates and counts, never the name of a person."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from partner_compliance import clock
from partner_compliance.engagements.models import Place
from partner_compliance.library.readiness import Measure
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Engagement, Municipality
from partner_compliance.organizations.queries import is_valid_on
from partner_compliance.people.models import Leaving
from partner_compliance.people.queries import leaver_rows
from partner_compliance.pledges.models import Pledge, PledgeCancellation
from partner_compliance.pledges.queries import YEARLY
from partner_compliance.pledges.queries import record_number as pledge_number
from partner_compliance.readiness.assessment import Assessment, Finding
from partner_compliance.readiness.measures import Asked, is_past
from partner_compliance.receipts.words import Direction
from partner_compliance.roster.models import PostHolding, RosterConfirmation
from partner_compliance.rulebooks import measures as rulebooks
from partner_compliance.rulebooks.models import RuleEvent, RuleVersion
from partner_compliance.rulebooks.words import EventKind
from partner_compliance.sheets import measures as sheets
from partner_compliance.sheets.models import CorrectiveAction, MonthClosure
from partner_compliance.takeouts.queries import LEFT
from partner_compliance.training.models import CourseCancellation, CourseResult

#: So many record numbers of one kind are printed; of the others only how many there are.
MOST = 300


@dataclass(frozen=True)
class Evidence:
    """Some records in words, one a line, and how many more there are."""

    title: str
    lines: tuple[str, ...]
    more: int = 0
    #: Record numbers are set side by side, lines one below the other.
    are_numbers: bool = False


@dataclass(frozen=True)
class _Of:
    session: Session
    organization_id: UUID
    asked: Asked

    @property
    def end(self) -> Any:
        """The moment at which the day is over."""
        return clock.start_of(self.asked.as_of + timedelta(days=1))


def evidence_for(
    session: Session, library: Library, organization_id: UUID, found: Assessment
) -> dict[str, list[Evidence]]:
    """{criterion: what its counts rest on}, of one organization on the day of an assessment; what several rest on is
    told with the first of them."""
    day = found.as_of
    of = _Of(session, organization_id, Asked(library, day, [organization_id], is_past(session, day)))
    told: dict[Callable[[_Of], Evidence], tuple[str, Evidence]] = {}

    def collected(finding: Finding) -> list[Evidence]:
        asked = dict.fromkeys(each for result in finding.results for each in _BEHIND.get(result.test.measure, ()))
        parts = []
        for each in asked:
            if each in told:
                where, part = told[each]
                if part.lines:
                    parts.append(Evidence(part.title, (f"基準 {where} のところに載せています。",)))
                continue
            told[each] = finding.criterion.id, each(of)
            if told[each][1].lines:
                parts.append(told[each][1])
        return parts

    return {finding.criterion.id: collected(finding) for finding in found.findings}


def _evidence(title: str, lines: Sequence[str], *, are_numbers: bool = False) -> Evidence:
    return Evidence(title, tuple(lines[:MOST]), max(len(lines) - MOST, 0), are_numbers)


def _short(key: UUID, letters: str) -> str:
    """A record number as on screens: two letters and ten characters of the record's public id."""
    return f"{letters}-{key.hex[:10].upper()}"


def _posts(of: _Of) -> Evidence:
    rows = of.session.scalars(
        select(PostHolding)
        .where(
            PostHolding.organization_id == of.organization_id,
            PostHolding.from_on <= of.asked.as_of,
            PostHolding.recorded_at < of.end,
        )
        .order_by(PostHolding.post, PostHolding.from_on, PostHolding.id)
    )
    held = [row for row in rows if row.until_on is None or row.until_on >= of.asked.as_of]
    return _evidence(
        "役職の登録",
        [f"{each.post.label}　{clock.era_date(each.from_on)}から　{_short(each.id, 'PH')}" for each in held],
    )


def _confirmations(of: _Of) -> Evidence:
    rows = of.session.scalars(
        select(RosterConfirmation)
        .where(RosterConfirmation.organization_id == of.organization_id, RosterConfirmation.at < of.end)
        .order_by(RosterConfirmation.at.desc())
        .limit(4)
    )
    return _evidence(
        "名簿の確認（新しい順に4回まで）",
        [
            f"{clock.era_date(each.confirmed_on)}　従事者{each.workers}人、取扱者{each.handlers}人、"
            f"書きもれ{each.incomplete}件　{_short(each.id, 'RF')}"
            for each in rows
        ],
    )


def _engagements(of: _Of) -> Evidence:
    rows = of.session.execute(
        select(Engagement, Municipality.name)
        .join(Municipality, Municipality.id == Engagement.municipality_id)
        .where(Engagement.organization_id == of.organization_id, is_valid_on(of.asked.as_of))
        .order_by(Municipality.name, Engagement.starts_on, Engagement.id)
    )
    return _evidence(
        "連携の根拠",
        [
            f"{name}　{each.title}　{each.basis.label}　{clock.era_date(each.starts_on)}から"
            f"{clock.era_date(each.ends_on)}まで　{_short(each.id, 'EN')}"
            for each, name in rows
        ],
    )


def _places(of: _Of) -> Evidence:
    rows = of.session.scalars(
        select(Place)
        .where(Place.organization_id == of.organization_id, Place.from_on <= of.asked.as_of)
        .order_by(Place.name, Place.id)
    )
    used = [each for each in rows if each.until_on is None or each.until_on >= of.asked.as_of]
    return _evidence(
        "場所の届け",
        [
            f"{each.name}　{each.kind.label}　{'鍵がかかる' if each.is_lockable else '鍵がかからない'}　"
            f"{clock.era_date(each.from_on)}から　{_short(each.id, 'BS')}"
            for each in used
        ],
    )


def _rules(of: _Of, keys: Sequence[str], title: str) -> Evidence:
    day = of.asked.as_of
    versions = of.session.execute(
        select(
            RuleVersion.id, RuleVersion.key, RuleVersion.title, RuleVersion.number, RuleVersion.decided_by,
            RuleVersion.decided_on, RuleVersion.in_force_from, RuleVersion.digest,
        )
        .where(
            RuleVersion.organization_id == of.organization_id, RuleVersion.key.in_(keys),
            RuleVersion.in_force_from <= day, RuleVersion.recorded_on <= day,
        )
        .order_by(RuleVersion.key, RuleVersion.number)
    )  # fmt: skip
    newest = {row.key: row for row in versions}
    reviews = dict(
        of.session.execute(
            select(RuleEvent.version_id, func.max(RuleEvent.happened_on))
            .where(
                RuleEvent.organization_id == of.organization_id,
                RuleEvent.kind == EventKind.REVIEWED,
                RuleEvent.happened_on <= day,
                RuleEvent.recorded_on <= day,
            )
            .group_by(RuleEvent.version_id)
        ).all()
    )
    lines = []
    for key in keys:
        if (row := newest.get(key)) is None:
            continue
        review = f"、{clock.era_date(reviews[row.id])}見直し" if row.id in reviews else ""
        lines.append(
            f"{row.title}　第{row.number}版　{clock.era_date(row.decided_on)}{row.decided_by.label}決定、"
            f"{clock.era_date(row.in_force_from)}から効力{review}　照合番号 {row.digest[:16]}"
        )
    return _evidence(title, lines)


def _both_rules(of: _Of) -> Evidence:
    return _rules(of, rulebooks.BOTH, "規程の版")


def _procedure(of: _Of) -> Evidence:
    return _rules(of, rulebooks.PROCEDURE, "事故対応手順の版")


def _pledges(of: _Of) -> Evidence:
    day, people = of.asked.as_of, of.asked.people
    cancelled = select(PledgeCancellation.pledge_id).where(PledgeCancellation.happened_on <= day)
    rows = of.session.scalars(
        select(Pledge)
        .join(people, and_(people.organization_id == Pledge.organization_id, people.id == Pledge.worker_id))
        .where(
            Pledge.organization_id == of.organization_id, Pledge.occasion.in_(YEARLY), Pledge.counts_until >= day,
            Pledge.signed_on <= day, Pledge.recorded_on <= day, Pledge.id.not_in(cancelled),
            people.joined_on <= day, (people.left_on.is_(None)) | (people.left_on >= day),
        )
        .order_by(Pledge.signed_on, Pledge.id)
    )  # fmt: skip
    return _evidence("有効な誓約の記録番号", [pledge_number(each) for each in rows], are_numbers=True)


def _courses(of: _Of) -> Evidence:
    day = of.asked.as_of
    cancelled = select(CourseCancellation.result_id).where(CourseCancellation.happened_on <= day)
    rows = of.session.execute(
        select(
            CourseResult.title, CourseResult.edition, func.count(func.distinct(CourseResult.worker_id)),
            func.min(CourseResult.done_on), func.max(CourseResult.done_on),
        )
        .where(
            CourseResult.organization_id == of.organization_id, CourseResult.is_passed, CourseResult.ends_on >= day,
            CourseResult.done_on <= day, CourseResult.recorded_on <= day, CourseResult.id.not_in(cancelled),
        )
        .group_by(CourseResult.title, CourseResult.edition)
        .order_by(CourseResult.title, CourseResult.edition)
    )  # fmt: skip
    return _evidence(
        "講座の修了（有効なもの）",
        [
            f"{title}（{edition}年版）　{count}人　{clock.era_date(first)}から{clock.era_date(last)}まで"
            for title, edition, count, first, last in rows
        ],
    )


def _months(of: _Of) -> Evidence:
    months = of.session.execute(sheets.months_counted(of.asked.as_of, [of.organization_id])).all()
    closures: dict[str, list[UUID]] = {}
    for closure_id, month in of.session.execute(
        select(MonthClosure.id, MonthClosure.month)
        .where(MonthClosure.organization_id == of.organization_id, MonthClosure.closed_at < of.end)
        .order_by(MonthClosure.closed_at, MonthClosure.id)
    ):
        closures.setdefault(month, []).append(closure_id)
    lines = []
    for _, month, asked, submitted, on_time, signed, in_order in sorted(months, key=lambda row: row[1]):
        closed = "、".join(_short(each, "MC") for each in closures.get(month, ()))
        lines.append(
            f"{clock.era_month(month)}　対象{asked}枚、提出{submitted}枚、期限内の提出{on_time}枚、"
            f"期限内の確認{signed}枚　{'そろった月' if in_order else 'そろわない月'}"
            f"{f'　月の締め {closed}' if closed else ''}"
        )
    return _evidence("毎月のシートと月の締め", lines)


def _actions(of: _Of) -> Evidence:
    rows = of.session.execute(
        select(
            func.count(),
            func.count(CorrectiveAction.closed_at).filter(CorrectiveAction.closed_at < of.end),
        ).where(CorrectiveAction.organization_id == of.organization_id, CorrectiveAction.opened_at < of.end)
    ).one()
    lines = [f"これまでに記録した改善{rows[0]}件のうち、済ませたもの{rows[1]}件"] if rows[0] else []
    return _evidence("要改善の手当て", lines)


def _take_outs(of: _Of) -> Evidence:
    lines = of.asked.take_outs
    rows = of.session.execute(
        select(lines.take_out_id, lines.began_on, lines.permission)
        .where(
            lines.organization_id == of.organization_id,
            lines.state.in_(LEFT),
            lines.began_on.between(of.asked.quarter_ago, of.asked.as_of),
        )
        .order_by(lines.began_on, lines.take_out_id)
    )
    return _evidence(
        "持ち出しの記録番号（直近3か月、かっこの中は許可）",
        [f"{_short(key, 'TO')}（{permission.label}）" for key, _, permission in rows],
        are_numbers=True,
    )


def _receipts(of: _Of) -> Evidence:
    lines: Any = of.asked.receipts
    rows = of.session.execute(
        select(lines.receipt_id, func.min(lines.handed_on))
        .where(
            lines.organization_id == of.organization_id,
            lines.direction == Direction.FROM_MUNICIPALITY,
            lines.handed_on.between(of.asked.year_ago, of.asked.as_of),
            lines.confirmed_on <= of.asked.as_of,
        )
        .group_by(lines.receipt_id)
        .order_by(func.min(lines.handed_on), lines.receipt_id)
    )
    return _evidence(
        "双方が確かめた預かり証の記録番号（12か月）", [_short(key, "RC") for key, _ in rows], are_numbers=True
    )


def _leavers(of: _Of) -> Evidence:
    rows = of.session.execute(
        leaver_rows(
            since=of.asked.year_ago, until=of.asked.as_of, organization_ids=[of.organization_id],
            people=of.asked.people, known=of.asked.as_of,
        ).add_columns(Leaving.id, Leaving.last_on)
    )  # fmt: skip
    found = sorted((last_on, key) for key, last_on in rows if key is not None)
    return _evidence(
        "退職・活動終了の手続きの記録番号（12か月）", [_short(key, "LV") for _, key in found], are_numbers=True
    )


_BEHIND: dict[Measure, tuple[Callable[[_Of], Evidence], ...]] = {
    Measure.POSTS_WITH_DEPUTY: (_posts,),
    Measure.ROSTER_CONFIRMED: (_confirmations,),
    Measure.ENGAGEMENTS_WITH_BASIS: (_engagements,),
    Measure.ENGAGEMENTS_WITH_PLACES: (_places,),
    Measure.RULES_ADOPTED: (_both_rules,),
    Measure.RULES_COMPLETE: (_both_rules,),
    Measure.RULES_REVIEWED: (_both_rules,),
    Measure.PROCEDURE_FRESH: (_procedure,),
    Measure.WORKERS_PLEDGED: (_pledges,),
    Measure.HANDLERS_PLEDGED: (_pledges,),
    Measure.ENTRY_COURSE_HANDLERS: (_courses,),
    Measure.ENTRY_COURSE_WORKERS: (_courses,),
    Measure.YEARLY_COURSE_HANDLERS: (_courses,),
    Measure.YEARLY_COURSE_WORKERS: (_courses,),
    Measure.MONTHS_RUN: (_months,),
    Measure.SHEETS_SUBMITTED: (_months,),
    Measure.SHEETS_ON_TIME: (_months,),
    Measure.SHEETS_SIGNED_OFF: (_months,),
    Measure.MONTHS_IN_ORDER: (_months,),
    Measure.ACTIONS_OPEN_TOO_LONG: (_actions,),
    Measure.TAKE_OUTS_PERMITTED: (_take_outs,),
    Measure.TAKE_OUTS_OVERDUE: (_take_outs,),
    Measure.RECEIVED_WITH_RECEIPT: (_receipts,),
    Measure.RECEIVED_OVERDUE: (_receipts,),
    Measure.LEAVERS_CLOSED: (_leavers,),
    Measure.EXIT_PLEDGES: (_leavers,),
}
