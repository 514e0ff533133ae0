"""What the monthly report says of sharing: what was decided in the month, and what is to come back."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from partner_compliance import clock
from partner_compliance.gate import queries
from partner_compliance.gate.queries import Story
from partner_compliance.inspections.queries import open_requests
from partner_compliance.organizations.models import Municipality
from partner_compliance.sharing.report import Section

#: So many rows of each kind; a report is paper, the list on screen shows all.
MOST = 300


def decisions_in(session: Session, municipality: Municipality, month: str, *, today: date) -> list[Section]:
    """Three parts: decisions of a month `YYYY-MM`, what ends within 30 days of today or is overdue, open requests.

    Names no person: recipients are counted. Seven statements, whatever the number of decisions.
    """
    made = queries.decisions_of_month(session, municipality.id, month, limit=MOST)
    due = queries.decisions(session, municipality_id=municipality.id, choice="due", today=today, limit=MOST)
    return [
        Section(
            "この月に決めた共有",
            ("決めた日", "団体", "情報の種類", "渡し方", "目的", "判定", "決めたこと", "受け取る方", "いつまで"),
            [_decided(each) for each in made],
        ),
        Section(
            "返却・廃棄・終了の期限が近い共有（30日以内と期限超過）",
            ("期限", "団体", "情報の種類", "渡し方", "状態"),
            _ending(due, today),
        ),
        Section("調査・改善依頼・申出（作った日の件数）", ("項目", "件数"), _open(session, municipality, today)),
    ]


def _open(session: Session, municipality: Municipality, today: date) -> list[Sequence[str]]:
    found = open_requests(session, municipality.id, today)
    return [
        ("閉じていない調査", f"{found.inspections}件"),
        ("期限を過ぎた指摘", f"{found.findings_overdue}件"),
        ("済んでいない改善依頼", f"{found.requests_open}件"),
        ("期限を過ぎた改善依頼", f"{found.requests_overdue}件"),
        ("確認を待つ回答", f"{found.answers_waiting}件"),
        ("回答していない申出", f"{found.objections_unanswered}件"),
    ]


def _decided(story: Story) -> Sequence[str]:
    decision = story.decision
    return (
        clock.era_date(decision.decided_on), story.organization,
        f"{decision.data_class.value} {decision.data_class.label}", decision.mode.label, decision.purpose.label,
        decision.verdict.label, decision.outcome.label,
        f"{len(decision.recipients)}人" if decision.recipients else "－",
        clock.era_date(decision.until_on) if decision.until_on else "－",
    )  # fmt: skip


def _ending(stories: Sequence[Story], today: date) -> list[Sequence[str]]:
    return [
        (
            clock.era_date(each.decision.until_on), each.organization,
            f"{each.decision.data_class.value} {each.decision.data_class.label}", each.decision.mode.label,
            "期限超過" if each.is_overdue(today) else each.state.label,
        )
        for each in stories
        if each.decision.until_on
    ]  # fmt: skip
