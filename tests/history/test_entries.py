import json
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partner_compliance.acts import SYSTEM, Act, Actor
from partner_compliance.history.entries import canonical, compose, digest, fields_of, milliseconds, moment, parse

NOON = datetime(2026, 11, 23, 3, 0, 0, 123456, tzinfo=UTC)
LOG = UUID("0b5f4d3c-0000-4000-8000-000000000001")

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(max_codepoint=0xD7FF)), inner),
    max_leaves=20,
)


class Word(StrEnum):
    OK = "ok"


def test_keys_are_sorted_and_nothing_is_spaced_or_escaped_without_need() -> None:
    value = {"b": [True, None, 1], "a": '"\\\n\u001f\u007fé文😀', "A": {}}
    assert canonical(value) == '{"A":{},"a":"\\"\\\\\\n\\u001f\u007fé文😀","b":[true,null,1]}'


def test_names_are_hashed_as_typed() -> None:
    assert canonical("が") != canonical("か\u3099")  # one character, or two that look like it


def test_ids_dates_moments_words_and_tuples_have_one_form() -> None:
    tokyo = timezone(timedelta(hours=9))
    value = {"id": LOG, "on": date(2026, 11, 23), "at": NOON, "word": Word.OK, "pair": (1, 2)}
    assert json.loads(canonical(value)) == {
        "id": str(LOG),
        "on": "2026-11-23",
        "at": "2026-11-23T03:00:00.123456Z",
        "word": "ok",
        "pair": [1, 2],
    }
    assert canonical(NOON) == canonical(NOON.astimezone(tokyo))


@pytest.mark.parametrize(
    "value",
    [1.0, float("nan"), 2**53, -(2**53), {1: "a"}, {"😀": 1}, b"x", {1}, datetime(2026, 1, 1), object()],  # noqa: DTZ001
)
def test_what_has_no_single_form_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"canonical|key|time zone"):
        canonical({"deep": [value]} if not isinstance(value, dict) else value)


@given(plain)
def test_canonical_text_reads_back_and_stays_as_it_is(value: Any) -> None:
    assert json.loads(canonical(value)) == value
    assert fields_of(canonical(value)) == value


@given(st.dictionaries(st.sampled_from("abcdef"), plain))
def test_the_order_of_keys_does_not_matter(content: dict[str, Any]) -> None:
    assert digest(content) == digest(dict(reversed(content.items())))


def test_a_composed_entry_is_canonical_and_reads_back() -> None:
    act = Act(
        LOG, "sheet.returned", NOON, Actor(LOG, "山田\u3000花", "password"), LOG, "sheet_event", LOG,
        content={"comment": "もう一度"}, before="submitted", details={"month": "2026-11", "items": 2, "late": True},
    )  # fmt: skip
    text = compose(act, 7, milliseconds(NOON), "ff" * 16, clock_stepped_back=True)
    entry = parse(text)
    assert fields_of(text)["idx"] == 7
    assert (entry.log_id, entry.idx, entry.act, entry.before, entry.strength) == (
        LOG, 7, "sheet.returned", "submitted", "password",
    )  # fmt: skip
    assert (entry.actor_id, entry.actor_name, entry.subject_id) == (LOG, "山田\u3000花", LOG)
    assert (entry.object_kind, entry.object_id, entry.content) == ("sheet_event", LOG, digest({"comment": "もう一度"}))
    assert entry.details == {"month": "2026-11", "items": 2, "late": True, "clock_stepped_back": True}
    assert entry.at == NOON.replace(microsecond=123000)
    assert "もう一度" not in text


def test_an_act_of_the_system_on_nothing_in_particular_reads_back() -> None:
    entry = parse(compose(Act(LOG, "month.opened", NOON, SYSTEM), 0, 0, ""))
    assert (entry.actor_id, entry.subject_id, entry.object_kind, entry.object_id, entry.content) == (
        None, None, "", None, None,
    )  # fmt: skip


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_milliseconds_are_exact(at: datetime) -> None:
    assert timedelta(0) <= at - moment(milliseconds(at)) < timedelta(milliseconds=1)
    assert milliseconds(moment(milliseconds(at))) == milliseconds(at)


@pytest.mark.parametrize(
    "text", ['{"b":1,"a":2}', '{"a": 1}', '{"a":1,"a":1}', '{"a":1.0}', '{"a":NaN}', '{"a":"\\u00e9"}', "x"]
)
def test_text_that_is_not_canonical_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"canonical|Expecting"):
        fields_of(text)
