"""An assessment that is frozen says for ever what it said, and its digest is that of nothing else."""

import json
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest
from hypothesis import given, settings

from partner_compliance.library.readiness import Measure
from partner_compliance.readiness.assessment import assess
from partner_compliance.readiness.data import assessment_from
from partner_compliance.readiness.measures import Figure
from partner_compliance.readiness.snapshots import frozen
from tests.readiness.test_assessment import FRIDAY, LADDER, counts, perfect


@given(counts())
@settings(deadline=None)
def test_what_was_frozen_reads_back_as_it_was(figures: dict[Measure, Figure]) -> None:
    found = assess(LADDER, figures, FRIDAY)
    data, digest = frozen(found)
    kept = json.loads(json.dumps(data))
    assert assessment_from(LADDER, kept) == found
    text = json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert sha256(text.encode()).hexdigest() == digest


def test_one_count_one_day_or_another_day_of_asking_make_another_digest() -> None:
    figures = perfect()
    _, digest = frozen(assess(LADDER, figures, FRIDAY))
    later = FRIDAY + timedelta(days=1)
    assert frozen(assess(LADDER, figures, later))[1] != digest
    for changed in (Figure(29, 30), Figure(30, 30, later)):
        other = assess(LADDER, figures | {Measure.WORKERS_PLEDGED: changed}, FRIDAY)
        assert frozen(other)[1] != digest
    assert frozen(assess(LADDER, perfect(), FRIDAY))[1] == digest


def test_what_was_frozen_with_another_edition_is_not_read_with_this_one() -> None:
    data, _ = frozen(assess(LADDER, perfect(), FRIDAY))
    with pytest.raises(ValueError, match="edition 2026"):
        assessment_from(LADDER.model_copy(update={"edition": "2027"}), data)


def test_a_level_that_was_kept_is_not_computed_anew() -> None:
    data, _ = frozen(assess(LADDER, perfect(), FRIDAY))
    lower = {**data, "level": 2, "criteria": {**data["criteria"], "3a": ["unmet", None]}}
    back = assessment_from(LADDER, lower)
    assert back.level == 2
    assert [each.state.value for each in back.findings if each.criterion.id == "3a"] == ["unmet"]
    assert replace(back, level=4) != assess(LADDER, perfect(), FRIDAY)
