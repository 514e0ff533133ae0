"""What an assessment was on a day, frozen: for daily snapshots, and for whatever was decided on the strength of one."""

from typing import Any

from partner_compliance.history.entries import digest
from partner_compliance.readiness.assessment import Assessment
from partner_compliance.readiness.data import facts_data


def frozen(assessment: Assessment) -> tuple[dict[str, Any], str]:
    """(An assessment as JSON, the SHA-256 of its canonical text in hexadecimal); `data.assessment_from` reads it back.

    Counts of people stand in it as they are: whoever shows it outside the organization blurs them, as the assessment
    that is read back does (`Result.counts(outside=True)`).
    """
    data = facts_data(assessment)
    return data, digest(data)
