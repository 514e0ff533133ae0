"""The month's answers beside the ledger: contradictions are corrected or explained; the spot check before closing."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from partner_compliance.library.checklists import Answer
from partner_compliance.sheets import measures, reconciliation, spot_checks
from partner_compliance.sheets import operations as sheets
from partner_compliance.sheets.models import CheckSheet, Contradiction, Finding
from partner_compliance.sheets.operations import Filled
from partner_compliance.takeouts import operations
from tests.conftest import SetClock
from tests.factories import all_fine, as_form, signed_in
from tests.sheets.conftest import MONTH, House, Person
from tests.taken_out import some_facts
from tests.takeouts.conftest import Ledger

ITEMS = reconciliation.Items("1-2", "1-3")
NOTHING = (Answer.NOT_APPLICABLE, "")


def submit(house: House, filled: Filled, now, person: Person | None = None):
    person = person or house.worker
    return sheets.submit(
        house.session, house.sheet_of(person.worker), house.checklist, filled, by=person.principal, now=now
    )


def explained(filled: Filled, **texts: str) -> Filled:
    said = {name.removeprefix("item_").replace("_", "-"): text for name, text in texts.items()}
    return Filled(filled.answers, filled.no_take_out, filled.reason, said)


def open_of(house: House, today: date = date(2026, 11, 27)):
    found = reconciliation.open_in_month(
        house.session, [house.sheet_of(house.worker.worker)], {house.checklist.edition: house.checklist}, today=today
    )
    return [(each.item, each.kind) for each in found.get(house.sheet_of(house.worker.worker).id, [])]


def counted(house: House, today: date = date(2026, 11, 27)) -> tuple[int, int] | None:
    query = measures.unreconciled(MONTH, ITEMS, today, [house.organization.id])
    row = house.session.execute(query).one_or_none()
    return (row.numerator, row.denominator) if row else None


def test_where_no_ledger_is_kept_nothing_contradicts_it(ledger: Ledger, house: House) -> None:
    submit(house, all_fine(house.checklist), ledger.now)
    assert open_of(house) == []
    assert counted(house) == (0, 1)


@pytest.mark.both_engines
@pytest.mark.parametrize(
    ("what", "filled", "item", "kind"),
    [
        ("in order", {"no_take_out": True}, "1-2", Contradiction.NONE_TAKEN),
        ("in order", {"item_1_2": NOTHING}, "1-2", Contradiction.NONE_TAKEN),
        ("in order", {"item_1_3": NOTHING}, "1-3", Contradiction.NONE_TAKEN),
        ("unpermitted", {}, "1-2", Contradiction.NOT_PERMITTED),
        ("short", {}, "1-3", Contradiction.NOT_RETURNED),
        ("somebody else's", {}, "1-2", Contradiction.NOT_WRITTEN),
    ],
)
def test_each_contradiction_keeps_the_sheet_until_it_is_corrected_or_explained(
    ledger: Ledger, house: House, what: str, filled: dict, item: str, kind: Contradiction
) -> None:
    if what == "somebody else's":
        row = ledger.ask(ledger.colleague)
        ledger.permit(row)
        ledger.depart(row, by=ledger.colleague)
    elif what == "unpermitted":
        row = ledger.ask()
        ledger.depart(row, comment="急ぎ")
        ledger.come_back(row)
    else:
        ledger.come_back(ledger.out(), count=2 if what == "short" else 3, comment="x")
    wanted = dict(filled)
    no_take_out = wanted.pop("no_take_out", False)
    given_sheet = Filled(all_fine(house.checklist, **wanted).answers, no_take_out)

    with pytest.raises(sheets.ContradictsLedger) as refused:
        submit(house, given_sheet, ledger.now)
    assert list(refused.value.missing) == [item]

    submit(house, explained(given_sheet, **{f"item_{item.replace('-', '_')}": "電話で許可をもらいました"}), ledger.now)
    assert open_of(house) == []
    assert counted(house) == (0, 1)
    [note] = reconciliation.notes_of(
        house.session, house.organization.id, [house.sheet_of(house.worker.worker).id]
    ).popitem()[1]
    assert (note.item, note.kind) == (item, kind)


def test_a_corrected_answer_goes_through_without_words(ledger: Ledger, house: House) -> None:
    row = ledger.ask()
    ledger.depart(row, comment="急ぎ")
    ledger.come_back(row)
    late = (Answer.NOT_OK, "許可が後になりました")
    submit(house, all_fine(house.checklist, item_1_2=late), ledger.now)
    assert open_of(house) == []


def test_a_row_that_somebody_explained_contradicts_nothing(ledger: Ledger, house: House) -> None:
    row = ledger.ask()
    ledger.depart(row, comment="急ぎ")
    ledger.come_back(row)
    operations.explain(house.session, row, comment="8時50分に電話で許可", by=house.worker.principal, now=ledger.now)
    submit(house, all_fine(house.checklist), ledger.now)
    assert open_of(house) == []


@pytest.mark.both_engines
def test_what_comes_after_the_submission_asks_again(ledger: Ledger, house: House, time: SetClock) -> None:
    row = ledger.out()
    submit(house, all_fine(house.checklist), ledger.now)
    assert (open_of(house), counted(house)) == ([], (0, 1))
    today = date(2026, 12, 2)
    assert open_of(house, today) == [("1-3", Contradiction.NOT_RETURNED)]
    assert counted(house, today) == (1, 1)
    time.tokyo(2026, 12, 2, 9)
    sheet = house.sheet_of(house.worker.worker)
    found = reconciliation.Found("1-3", Contradiction.NOT_RETURNED, 1)
    reconciliation.explain(house.session, sheet, found, "訪問が延びました", by=house.worker.principal, now=ledger.now)
    assert open_of(house, today) == []
    operations.write_afterwards(
        house.session, house.worker.worker, some_facts(ledger.now - timedelta(days=8)), returned_at=None,
        explanation="書き忘れ", by=house.worker.principal, now=ledger.now, request_key=uuid4(),
    )  # fmt: skip
    assert open_of(house, today) == [("1-2", Contradiction.NOT_PERMITTED), ("1-3", Contradiction.NOT_RETURNED)]
    ledger.come_back(row)
    assert open_of(house, today) == [("1-2", Contradiction.NOT_PERMITTED), ("1-3", Contradiction.NOT_RETURNED)]


def test_paper_is_entered_as_it_stands_and_the_head_sees_what_differs(ledger: Ledger, house: House) -> None:
    operations.write_afterwards(
        house.session, house.volunteer, some_facts(ledger.now - timedelta(days=2)), returned_at=None,
        explanation="紙の台帳から", by=house.head.principal, now=ledger.now, request_key=uuid4(),
    )  # fmt: skip
    sheet = house.sheet_of(house.volunteer)
    nothing_taken = Filled(all_fine(house.checklist).answers, no_take_out=True)
    sheets.enter_from_paper(
        house.session, sheet, house.checklist, nothing_taken, signed_on=date(2026, 11, 26), by=house.head.principal,
        now=ledger.now,
    )  # fmt: skip
    found = reconciliation.open_in_month(
        house.session, [sheet], {house.checklist.edition: house.checklist}, today=date(2026, 11, 27)
    )
    assert [each.kind for each in found[sheet.id]] == [Contradiction.NONE_TAKEN]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    permission=st.sampled_from([Answer.OK, Answer.NOT_APPLICABLE, Answer.NOT_OK, Answer.UNSURE]),
    returned=st.sampled_from([Answer.OK, Answer.NOT_APPLICABLE, Answer.NOT_OK]),
    no_take_out=st.booleans(),
    rows=st.lists(st.sampled_from(["fine", "unpermitted", "short", "outside"]), max_size=3),
    explains=st.booleans(),
)
def test_the_measure_counts_what_the_pages_show(
    ledger: Ledger,
    house: House,
    permission: Answer,
    returned: Answer,
    no_take_out: bool,
    rows: list[str],
    explains: bool,
) -> None:
    """One rule in two places: what is said of one sheet, and the statement for whole sets."""
    house.session.rollback()
    for kind in rows:
        row = ledger.ask()
        if kind != "unpermitted":
            ledger.permit(row)
        ledger.depart(row, comment="急ぎ")
        if kind != "outside":
            ledger.come_back(row, count=2 if kind == "short" else 3, comment="x")
    given_sheet = all_fine(house.checklist, item_1_2=(permission, "x"), item_1_3=(returned, "x"))
    filled = Filled(given_sheet.answers, no_take_out, "", {"1-2": "事情", "1-3": "事情"})
    try:
        submit(house, filled, ledger.now)
    except sheets.Incomplete:
        return
    if not explains:
        from sqlalchemy import delete

        from partner_compliance.history.guards import GUARDS, drop_ddl
        from partner_compliance.sheets.models import ReconciliationNote

        [guard] = [each for each in GUARDS if each.table == "reconciliation_note"]
        for statement in drop_ddl(guard, "sqlite"):
            house.session.connection().exec_driver_sql(statement)
        house.session.execute(delete(ReconciliationNote))
    for today in (date(2026, 11, 27), date(2026, 12, 5)):
        assert counted(house, today) == (int(bool(open_of(house, today))), 1)


# --- pages


@pytest.fixture
def browser(app: Flask, house: House, time: SetClock):
    house.session.commit()

    def browser(person: Person) -> FlaskClient:
        house.session.commit()
        return signed_in(app, person.user, now=time.moment)

    return browser


def address_of(house: House, person: Person, page: str = "answers") -> str:
    return f"/sheets/{house.sheet_of(person.worker).id}/{page}"


def test_the_sheet_shows_the_ledger_beside_its_items_and_keeps_what_was_typed(ledger, house, browser) -> None:
    row = ledger.ask()
    ledger.depart(row, comment="急ぎ")
    client = browser(house.worker)
    page = client.get(address_of(house, house.worker)).text
    assert "台帳では2026年11月に1件。出発前の許可あり 0件、出発後・許可なし 1件です。" in page
    assert f"/take-outs/{row.id}" in page

    form = as_form(all_fine(house.checklist), act="submit", based_on="0")
    refused = client.post(address_of(house, house.worker), data=form)
    assert refused.status_code == 422
    assert "台帳には、出発前の許可がない持ち出しが1件あります。" in refused.text
    assert 'name="explanation-1-2"' in refused.text
    assert "/take-outs/afterwards" in refused.text

    draft = client.post(
        address_of(house, house.worker), data=form | {"act": "draft", "explanation-1-2": "電話で許可をもらいました"}
    )
    assert draft.status_code == 303
    assert "電話で許可をもらいました" in client.get(address_of(house, house.worker)).text
    sent = client.post(
        address_of(house, house.worker), data=form | {"based_on": "1", "explanation-1-2": "電話で許可をもらいました"}
    )
    assert sent.status_code == 303
    shown = client.get(sent.headers["Location"]).text
    assert "台帳と食い違う答えはありません" in shown
    assert "電話で許可をもらいました" in shown


def test_the_matrix_shows_what_is_open_until_it_is_explained(ledger, house, browser, time) -> None:
    ledger.out()
    submit(house, all_fine(house.checklist), ledger.now)
    time.tokyo(2026, 12, 2, 9)
    head, worker = browser(house.head), browser(house.worker)
    month = f"/centers/{house.center.id}/months/{MONTH}"
    assert "台帳と食い違い 1件" in head.get(month).text

    page = worker.get(address_of(house, house.worker, "reconciliation")).text
    assert "返却の遅れや数の違いがある" in page
    empty = worker.post(address_of(house, house.worker, "reconciliation"), data={"item": "1-3", "text": ""})
    assert empty.status_code == 422
    done = worker.post(
        address_of(house, house.worker, "reconciliation"), data={"item": "1-3", "text": "訪問が延びました"}
    )
    assert done.status_code == 303
    assert "台帳と食い違い" not in head.get(month).text
    again = worker.post(address_of(house, house.worker, "reconciliation"), data={"item": "1-3", "text": "もう1度"})
    assert again.status_code == 409


# --- the spot check


@pytest.mark.both_engines
def test_a_month_with_rows_closes_only_after_the_spot_check(ledger: Ledger, house: House) -> None:
    rows = {ledger.out().id, ledger.out().id}
    for person in (house.worker, house.officer, house.representative, ledger.colleague, ledger.deputy):
        if house.session.query(CheckSheet).filter_by(worker_id=person.worker.id).first() is None:
            continue
        head = False
        filled = Filled(all_fine(house.checklist, head=head).answers, no_take_out=person is not house.worker)
        submit(house, filled, ledger.now, person)
    submit(house, Filled(all_fine(house.checklist, head=True).answers, no_take_out=True), ledger.now, house.head)
    sheet = house.sheet_of(house.volunteer)
    sheets.enter_from_paper(
        house.session, sheet, house.checklist, Filled(all_fine(house.checklist).answers, no_take_out=True),
        signed_on=date(2026, 11, 26), by=house.head.principal, now=ledger.now,
    )  # fmt: skip
    for each in house.session.query(CheckSheet).filter_by(month=MONTH):
        own = each.worker_id in house.officer.principal.worker_ids
        by = ledger.deputy.principal if own else house.officer.principal
        sheets.sign_off(house.session, each, version_number=1, by=by, now=ledger.now)

    def close():
        return sheets.close_month(house.session, house.center, MONTH, by=house.head.principal, now=ledger.now)

    with pytest.raises(sheets.SpotCheckMissing):
        close()
    drawn = spot_checks.draw(house.session, house.center, MONTH, by=house.head.principal, now=ledger.now)
    assert drawn.take_out is not None
    assert drawn.take_out.id in rows
    assert drawn.check.of_rows == 2
    again = spot_checks.draw(house.session, house.center, MONTH, by=house.head.principal, now=ledger.now)
    assert again.check.id == drawn.check.id
    with pytest.raises(sheets.SpotCheckMissing):
        close()

    def record(found: Finding | None, note: str = ""):
        return spot_checks.record_result(
            house.session, drawn, row=found, place=None, note=note, by=house.head.principal, now=ledger.now
        )

    from partner_compliance.errors import InvalidInput

    for found, note in ((None, ""), (Finding.AMISS, "")):
        with pytest.raises(InvalidInput):
            record(found, note)
    record(Finding.AMISS, "棚が違いました")
    close()
    house.session.commit()


def test_every_row_of_the_month_can_be_drawn(ledger: Ledger, house: House) -> None:
    rows = [ledger.out().id for _ in range(3)]
    seen: list = []
    spot_checks.draw(
        house.session, house.center, MONTH, by=house.head.principal, now=ledger.now,
        choose=lambda ids: seen.extend(ids) or ids[0],
    )  # fmt: skip
    assert sorted(seen) == sorted(rows)


def test_the_head_draws_and_records_on_one_page(ledger, house, browser) -> None:
    ledger.out()
    client = browser(house.head)
    page = f"/centers/{house.center.id}/months/{MONTH}/spot-check"
    assert "確かめるものを選ぶ" in client.get(page).text
    assert client.post(page).status_code == 303
    drawn = client.get(page).text
    assert "訪問記録 3件" in drawn
    refused = client.post(page, data={"row": "amiss", "note": ""})
    assert refused.status_code == 422
    assert client.post(page, data={"row": "fine", "note": ""}).status_code == 303
    assert "結果が記録されています" in client.get(page).text
    assert client.post(page, data={"row": "fine", "note": ""}).status_code == 409
