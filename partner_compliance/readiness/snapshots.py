"""Assessments frozen as evidence: the same data for everybody, and a digest that changes with any of it."""

import hashlib
import json
from typing import Any

from partner_compliance.readiness.assessment import Assessment
from partner_compliance.readiness.data import assessment_data


def frozen(found: Assessment) -> tuple[dict[str, Any], str]:
    """An assessment as data, and the SHA-256 of its canonical JSON (keys sorted, UTF-8, no white space)."""
    data = assessment_data(found)
    canonical = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return data, hashlib.sha256(canonical.encode("utf-8")).hexdigest()
