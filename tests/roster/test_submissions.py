"""What differs between two rosters that were handed in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partner_compliance.roster.submissions import KIND, NAME, POSTS, differences

LINES = st.dictionaries(
    st.sampled_from("abcdef"),
    st.fixed_dictionaries({NAME: st.sampled_from(["𠮷", "吉"]), KIND: st.sampled_from(["常勤", "非常勤", ""])}),
)


def line(name: str = "髙﨑 𠮷", kind: str = "常勤職員", **more: str) -> dict[str, str]:
    return {NAME: name, KIND: kind, **more}


@pytest.mark.parametrize(
    ("before", "after", "brief"),
    [
        ({}, {}, "変更なし"),
        (None, {"a": line()}, "追加1人"),
        ({"a": line()}, {"a": line()}, "変更なし"),
        ({"a": line()}, {}, "外れた方1人"),
        ({"a": line()}, {"b": line()}, "追加1人、外れた方1人"),  # the same words, another person
        ({"a": line()}, {"a": line("高崎 𠮷")}, "変更1人"),  # 髙 is not 高
        ({"a": line("葛\U000e0100城")}, {"a": line("葛城")}, "変更1人"),
        ({"a": line(kind="")}, {"a": line()}, "変更1人"),
        ({"a": line()}, {"a": line(**{POSTS: "センター長"})}, "変更なし"),  # an older release printed fewer parts
    ],
)
def test_differences_are_told_in_brief(before: dict | None, after: dict | None, brief: str) -> None:
    assert differences(before, after).in_brief == brief


@given(LINES, LINES)
def test_the_old_roster_and_the_differences_make_the_new_one(before: dict, after: dict) -> None:
    found = differences(before, after)
    assert [dict(each) for each in found.added] == [after[key] for key in after if key not in before]
    assert [dict(each) for each in found.gone] == [before[key] for key in before if key not in after]
    changed = [key for key in after if key in before and before[key] != after[key]]
    assert len(found.changed) == len(changed)
    for key, each in zip(changed, found.changed, strict=True):
        assert {**before[key], **{label: now for label, _, now in each.parts}} == after[key]
        assert all(before[key][label] == was for label, was, _ in each.parts)
    assert bool(found) == (before != after)


@given(LINES, LINES)
def test_looked_at_the_other_way_round_who_came_has_gone(before: dict, after: dict) -> None:
    there, back = differences(before, after), differences(after, before)
    assert (there.added, there.gone) == (back.gone, back.added)
    swapped = [sorted((label, now, was) for label, was, now in each.parts) for each in there.changed]
    assert sorted(swapped) == sorted(sorted(each.parts) for each in back.changed)


def heading(*posts: tuple[str, str, str], scope: str = "名簿の全員") -> dict:
    return {
        "scope_label": scope,
        "posts": [{"label": label, "center": center, "name": name} for label, center, name in posts],
    }


def test_another_person_in_a_post_is_a_difference_even_when_no_line_is() -> None:
    before = heading(("個人情報責任者", "", "西 守"), ("センター長", "本部", "東 京子"))
    after = heading(("個人情報責任者", "", "南 花子"), ("センター長", "分室", "東 京子"))
    assert differences({}, {}, before, after).posts == [
        ("個人情報責任者", "西 守", "南 花子"),
        ("センター長（分室）", "", "東 京子"),
        ("センター長（本部）", "東 京子", ""),
    ]
    assert not differences({}, {}, before, before)


def test_rosters_about_other_people_say_so() -> None:
    found = differences({}, {}, heading(scope="名簿の全員"), heading(scope="個人情報取扱者"))
    assert found.scope == ("名簿の全員", "個人情報取扱者")
    assert found.in_brief == "載せる方の範囲の変更"
