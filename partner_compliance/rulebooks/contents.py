"""What the history binds of rules, and where the verification reads it back."""

from datetime import UTC, datetime
from typing import Any

from partner_compliance.acts import Contents
from partner_compliance.rulebooks.models import (
    Acknowledgement,
    ArticleComment,
    ProposalReply,
    RuleEvent,
    RuleVersion,
)


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def comment_content(comment: ArticleComment) -> dict[str, Any] | None:
    """The facts of a comment that its log entry's digest binds; None once the text is erased."""
    if comment.text is None:
        return None
    return {
        "draft": str(comment.draft_id),
        "article": comment.article_key,
        "text": comment.text,
        "at": _instant(comment.at),
        "by": str(comment.by_id) if comment.by_id else None,
        "by_name": comment.by_name,
        "of": comment.of_organization,
    }


def version_content(version: RuleVersion) -> dict[str, Any]:
    """The facts of an adoption that its log entry's digest binds; the text by its digest, and word for word."""
    return {
        "rulebook": str(version.rulebook_id),
        "key": version.key,
        "number": version.number,
        "title": version.title,
        "articles": version.articles,
        "digest": version.digest,
        "is_complete": version.is_complete,
        "decided_by": version.decided_by.value,
        "decided_on": version.decided_on.isoformat(),
        "in_force_from": version.in_force_from.isoformat(),
        "is_material": version.is_material,
        "acknowledge_by": version.acknowledge_by.isoformat() if version.acknowledge_by else None,
        "change": version.change,
        "recorded_at": _instant(version.recorded_at),
        "recorded_by": str(version.recorded_by_id) if version.recorded_by_id else None,
        "recorded_by_name": version.recorded_by_name,
    }


def event_content(event: RuleEvent) -> dict[str, Any]:
    """The facts of a publication or a review that its log entry's digest binds."""
    return {
        "version": str(event.version_id),
        "kind": event.kind.value,
        "on": event.happened_on.isoformat(),
        "decided_by": event.decided_by.value if event.decided_by else None,
        "note": event.note,
        "at": _instant(event.at),
        "by": str(event.by_id) if event.by_id else None,
        "by_name": event.by_name,
    }


def acknowledgement_content(made: Acknowledgement) -> dict[str, Any] | None:
    """The facts of an acknowledgement that its log entry's digest binds; None once the name is erased."""
    if made.name is None:
        return None
    return {
        "version": str(made.version_id),
        "worker": str(made.worker_id),
        "name": made.name,
        "on": made.acknowledged_on.isoformat(),
        "way": made.way.value,
        "asked": made.asked,
        "right_at_first": made.right_at_first,
        "recorded_at": _instant(made.recorded_at),
        "recorded_by": str(made.recorded_by_id) if made.recorded_by_id else None,
    }


def reply_content(reply: ProposalReply) -> dict[str, Any]:
    """The facts of an answer to a source's change that its log entry's digest binds."""
    return {
        "rulebook": str(reply.rulebook_id),
        "article": reply.article_key,
        "digest": reply.digest,
        "source": reply.source,
        "answer": reply.answer.value,
        "reason": reply.reason,
        "at": _instant(reply.at),
        "by": str(reply.by_id) if reply.by_id else None,
        "by_name": reply.by_name,
    }


LOGGED_CONTENTS = {
    "article_comment": Contents(ArticleComment, comment_content),
    "rule_version": Contents(RuleVersion, version_content),
    "rule_event": Contents(RuleEvent, event_content),
    "acknowledgement": Contents(Acknowledgement, acknowledgement_content),
    "proposal_reply": Contents(ProposalReply, reply_content),
}
