"""Places of work and storage, the notices they cause, and what the municipality says to them."""

from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from partner_compliance.engagements import measures, operations, paper, places, queries
from partner_compliance.engagements.models import Place, PlaceNotice
from partner_compliance.engagements.places import PlaceFacts, WrongPlace
from partner_compliance.engagements.words import NoticeKind, NoticeReply, PlaceKind
from partner_compliance.errors import InvalidInput
from partner_compliance.history.verification import verify_all
from partner_compliance.library.shelf import Library
from partner_compliance.models import LOGGED_CONTENTS
from partner_compliance.organizations.models import Engagement
from tests.conftest import NOON
from tests.engagements.conftest import Pair
from tests.factories import a_center, a_municipality, an_engagement, an_organization

TODAY = date(2026, 11, 16)


def facts(*engagements: Engagement, **changed: object) -> PlaceFacts:
    made = PlaceFacts(
        kind=PlaceKind.BOTH, name="本部事務室", address="みなと市東町1-2-3", is_lockable=True,
        from_on=date(2026, 11, 1), lock_method="鍵付きの書庫", key_holder="センター長",
        engagements=frozenset(each.id for each in engagements),
    )  # fmt: skip
    return replace(made, **changed)


def add(pair: Pair, some: PlaceFacts) -> Place:
    return places.add_place(pair.session, pair.organization, some, by=pair.by_officer, now=NOON)


def change(pair: Pair, place: Place, some: PlaceFacts, based_on: int = 1) -> None:
    places.change_place(
        pair.session, place, some, effective_on=date(2026, 12, 1), reason="引っ越しのため", based_on=based_on,
        by=pair.by_officer, now=NOON,
    )  # fmt: skip


def notices(pair: Pair) -> list[PlaceNotice]:
    return list(pair.session.scalars(select(PlaceNotice).order_by(PlaceNotice.at, PlaceNotice.number)))


def wants_approval(pair: Pair, library: Library, engagement: Engagement) -> None:
    listed = library.clauses_for("2026-11")
    operations.record_clauses(
        pair.session, engagement, listed, {"work-places": "approval"}, based_on=0, by=pair.by_city, now=NOON
    )


# --- the list ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": " "}, "name"),
        ({"address": ""}, "address"),
        ({"address": "あ" * 301}, "address"),
        ({"name": "a\u202eb"}, "name"),
        ({"lock_method": ""}, "lock_method"),
        ({"key_holder": ""}, "key_holder"),
        ({"is_lockable": False}, "is_lockable"),
    ],
)
def test_a_place_that_cannot_stand_on_the_list_is_refused(pair: Pair, changed: dict[str, object], field: str) -> None:
    with pytest.raises(WrongPlace) as refusal:
        add(pair, facts(**changed))
    assert list(refusal.value.faults) == [field]


def test_a_place_of_work_alone_needs_no_lock(pair: Pair) -> None:
    place = add(pair, facts(kind=PlaceKind.WORK, is_lockable=False, lock_method="消える", key_holder="消える"))
    assert (place.lock_method, place.key_holder) == ("", "")


def test_centers_and_engagements_of_others_are_refused(pair: Pair) -> None:
    other = an_organization(pair.session, "別の団体")
    foreign = an_engagement(pair.session, pair.municipality, other)
    over = an_engagement(pair.session, pair.municipality, pair.organization, ends_on=date(2026, 11, 15))
    for wrong in (
        facts(foreign),
        facts(over),
        facts(pair.propose()),
        facts(center_id=a_center(pair.session, other).id),
    ):
        with pytest.raises(InvalidInput):
            add(pair, wrong)


# --- notices ----------------------------------------------------------------------------------------------------


def test_adding_changing_and_closing_a_place_tell_each_municipality_concerned(pair: Pair) -> None:
    neighbour = a_municipality(pair.session, "となり市")
    own, theirs = pair.engage(), an_engagement(pair.session, neighbour, pair.organization)
    place = add(pair, facts(own))
    change(pair, place, facts(own, theirs, address="みなと市西町4-5-6"))
    change(pair, place, facts(own, address="みなと市西町4-5-6"), based_on=2)
    places.close_place(
        pair.session, place, until_on=date(2027, 1, 31), reason="閉所のため", based_on=3, by=pair.by_officer, now=NOON
    )
    told = [(each.municipality_name, each.kind, each.number) for each in notices(pair)]
    assert sorted(told) == sorted([
        ("みなと市", NoticeKind.ADDED, 1),
        ("みなと市", NoticeKind.CHANGED, 2),
        ("となり市", NoticeKind.ADDED, 1),
        ("となり市", NoticeKind.CLOSED, 2),
        ("みなと市", NoticeKind.CLOSED, 3),
    ])  # fmt: skip
    changed = next(each for each in notices(pair) if each.kind is NoticeKind.CHANGED)
    assert changed.before is not None
    assert changed.after is not None
    assert (changed.before["所在地"], changed.after["所在地"]) == ("みなと市東町1-2-3", "みなと市西町4-5-6")
    assert [version.number for version in queries.versions_of_place(pair.session, place)] == [4, 3, 2, 1]
    assert queries.engagements_served(pair.session, place) == []
    pair.session.commit()
    assert all(verdict.ok for verdict in verify_all(pair.session, LOGGED_CONTENTS))


def test_a_place_that_serves_nothing_and_a_change_that_is_none_tell_nobody(pair: Pair) -> None:
    place = add(pair, facts())
    assert notices(pair) == []
    with pytest.raises(operations.NothingChanged):
        change(pair, place, facts())
    with pytest.raises(operations.ChangedMeanwhile):
        change(pair, place, facts(name="別の名前"), based_on=2)
    with pytest.raises(WrongPlace):
        places.change_place(
            pair.session, place, facts(name="別の名前"), effective_on=date(2026, 10, 1), reason="x", based_on=1,
            by=pair.by_officer, now=NOON,
        )  # fmt: skip


def test_a_closed_place_stays_closed(pair: Pair) -> None:
    place = add(pair, facts())
    closing = {"reason": "閉所", "based_on": 1, "by": pair.by_officer, "now": NOON}
    with pytest.raises(WrongPlace):
        places.close_place(pair.session, place, until_on=date(2026, 10, 31), **closing)
    places.close_place(pair.session, place, until_on=TODAY, **closing)
    with pytest.raises(places.PlaceClosed):
        change(pair, place, facts(name="別の名前"), based_on=2)


def test_a_notice_is_received_once(pair: Pair) -> None:
    add(pair, facts(pair.engage()))
    [notice] = notices(pair)
    assert not notice.needs_approval
    with pytest.raises(places.WrongAnswer):
        places.answer_notice(pair.session, notice, NoticeReply.APPROVED, by=pair.by_city, now=NOON)
    [desk] = queries.desks_of(pair.session, [pair.municipality.id], TODAY)
    assert desk.notices == 1
    places.answer_notice(pair.session, notice, NoticeReply.RECEIVED, by=pair.by_city, now=NOON)
    [desk] = queries.desks_of(pair.session, [pair.municipality.id], TODAY)
    assert desk.notices == 0
    with pytest.raises(places.AlreadyAnswered):
        places.answer_notice(pair.session, notice, NoticeReply.RECEIVED, by=pair.by_city, now=NOON)


def test_where_the_contract_asks_for_approval_a_notice_is_approved_or_refused_with_a_reason(
    pair: Pair, library: Library
) -> None:
    engagement = pair.engage()
    wants_approval(pair, library, engagement)
    add(pair, facts(engagement))
    [notice] = notices(pair)
    assert notice.needs_approval
    for kind, reason in ((NoticeReply.RECEIVED, ""), (NoticeReply.REFUSED, "")):
        with pytest.raises(InvalidInput):
            places.answer_notice(pair.session, notice, kind, reason=reason, by=pair.by_city, now=NOON)
    places.answer_notice(
        pair.session, notice, NoticeReply.REFUSED, reason="鍵が不十分です。", by=pair.by_city, now=NOON
    )
    answer = queries.answer_to(pair.session, notice)
    assert answer is not None
    assert answer.reason == "鍵が不十分です。"


def test_the_printed_notice_says_from_whom_to_whom_what_was_and_what_is(pair: Pair) -> None:
    engagement = pair.engage()
    place = add(pair, facts(engagement, name="髙﨑𠮷ビル"))
    change(pair, place, facts(engagement, name="髙﨑𠮷ビル", address="みなと市西町4-5-6"))
    [row] = [row for row in queries.notices_about(pair.session, place) if row.notice.kind is NoticeKind.CHANGED]
    document = paper.notice_pdf(row)
    assert document == paper.notice_pdf(row)
    reader = PdfReader(BytesIO(document))
    assert len(reader.pages) == 1
    words = "".join(reader.pages[0].extract_text().split())
    for each in (
        "作業場所・保管場所変更届", "第2号", "令和8年11月16日", "みなと市あて", "NPO法人はまかぜ", "北代表",
        "見守り強化事業", "変更前", "みなと市東町1-2-3", "変更後", "みなと市西町4-5-6",
        "令和8年12月1日", "引っ越しのため", "髙﨑𠮷ビル",
        paper.record_number(row.notice),
    ):  # fmt: skip
        assert each in words, each


# --- for the readiness ------------------------------------------------------------------------------------------


@pytest.mark.both_engines
def test_engagements_with_a_place_of_work_and_a_storage_that_locks(
    pair: Pair, session: Session, library: Library
) -> None:
    engagement = pair.engage()

    def share(day: date = TODAY) -> tuple[int, int] | None:
        found = session.execute(measures.engagements_with_places(day, [pair.organization.id])).one_or_none()
        return (found[1], found[2]) if found else None

    assert share() == (0, 1)
    add(pair, facts(engagement, kind=PlaceKind.WORK, is_lockable=False))
    assert share() == (0, 1)
    storage = add(pair, facts(engagement, kind=PlaceKind.STORAGE))
    assert share() == (1, 1)
    assert share(date(2026, 10, 31)) is None
    wants_approval(pair, library, engagement)
    change(pair, storage, facts(engagement, kind=PlaceKind.STORAGE, address="みなと市西町4-5-6"))
    assert share() == (0, 1)
    notice = notices(pair)[-1]
    places.answer_notice(session, notice, NoticeReply.APPROVED, by=pair.by_city, now=NOON + timedelta(hours=1))
    assert share() == (1, 1)
    places.close_place(
        session, storage, until_on=TODAY, reason="閉所", based_on=2, by=pair.by_officer, now=NOON + timedelta(hours=2)
    )
    assert share(TODAY + timedelta(days=1)) == (0, 1)
    everyone = session.execute(measures.engagements_with_places(TODAY)).all()
    assert [row[0] for row in everyone] == [pair.organization.id]
