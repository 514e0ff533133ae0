"""The roster on paper: what of a submission stands on the sheet that a municipality is handed."""

from collections.abc import Mapping

from partner_compliance import clock
from partner_compliance.documents.roster import PrintedChange, PrintedPerson, PrintedRoster, roster_pdf
from partner_compliance.roster import submissions
from partner_compliance.roster.models import RosterSubmission

#: More people than this make a file that nobody would wait for; the page prints as well.
PDF_UP_TO = 1000


def submission_pdf(submission: RosterSubmission, before: RosterSubmission | None) -> bytes:
    """A submission as PDF, with the differences to the one before it."""
    return roster_pdf(printed_roster(submission, before), created=submission.made_at)


def printed_roster(submission: RosterSubmission, before: RosterSubmission | None) -> PrintedRoster:
    """A submission as it is printed."""
    heading = submission.heading or {}
    posts = [(submissions.post_label(each), submissions.post_holder(each)) for each in heading.get("posts") or ()]
    return PrintedRoster(
        municipality=heading.get("municipality", ""),
        engagement=heading.get("engagement", ""),
        organization=heading.get("organization", ""),
        representative=heading.get("representative", ""),
        scope=heading.get("scope_label", ""),
        number=submission.number,
        made_on=clock.local_date(submission.made_at),
        made_by=submission.made_by_name,
        record_number=submissions.number_of(submission),
        posts=posts,
        people=[_person(line) for line in (submission.rows or {}).values()],
        compared_with=_compared_with(submission, before),
        changes=_changes(submission, before),
    )


def _person(line: Mapping[str, str]) -> PrintedPerson:
    return PrintedPerson(
        name=line.get(submissions.NAME, ""),
        kana=line.get(submissions.KANA, ""),
        kind=line.get(submissions.KIND, ""),
        posts=line.get(submissions.POSTS, ""),
        centers=line.get(submissions.CENTERS, ""),
        projects=line.get(submissions.PROJECTS, ""),
        handling=line.get(submissions.HANDLER, ""),
        period=line.get(submissions.PERIOD, ""),
    )


def _compared_with(submission: RosterSubmission, before: RosterSubmission | None) -> str:
    if before is None:
        return "この契約・協定で、はじめて提出する名簿です。" if submission.number == 1 else ""
    on = clock.era_date(clock.local_date(before.made_at))
    if before.rows is None:
        return f"前回（第{before.number}回、{on}）の名簿は消去されているため、比べられません。"
    last = f"前回（第{before.number}回、{on}）から"
    if submissions.between(before, submission):
        return f"{last}の変更は、次のとおりです。"
    return f"{last}変更はありません。"


def _changes(submission: RosterSubmission, before: RosterSubmission | None) -> list[PrintedChange]:
    found = submissions.between(before, submission)
    if found is None:
        return []
    changes = []
    if found.scope:
        changes.append(PrintedChange("範囲", "載せる方", found.scope[0], found.scope[1]))
    changes += [PrintedChange("役職", label, was or "（なし）", now or "（なし）") for label, was, now in found.posts]
    changes += [PrintedChange("追加", line.get(submissions.NAME, ""), "", _in_brief(line)) for line in found.added]
    changes += [PrintedChange("外れた方", line.get(submissions.NAME, ""), _in_brief(line), "") for line in found.gone]
    for changed in found.changed:
        changes += [
            PrintedChange("変更", f"{changed.name}　{label}", was or "（なし）", now or "（なし）")
            for label, was, now in changed.parts
        ]
    return changes


def _in_brief(line: Mapping[str, str]) -> str:
    parts = (line.get(label, "") for label in (submissions.KIND, submissions.CENTERS, submissions.POSTS))
    return "・".join(part for part in parts if part)
