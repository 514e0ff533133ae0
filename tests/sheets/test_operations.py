"""The month's sheet as its rules see it, on both engines."""

from datetime import date, datetime, timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select, update

from partner_compliance import clock
from partner_compliance.access import Role
from partner_compliance.accounts import operations as accounts
from partner_compliance.accounts.models import OrganizationRole
from partner_compliance.acts import SYSTEM
from partner_compliance.database import begin_writing, make_engine, open_session, writing
from partner_compliance.errors import InvalidInput, NotAllowed, Refused
from partner_compliance.history.models import LogLeaf
from partner_compliance.history.operations import write_acts
from partner_compliance.history.verification import verify_log
from partner_compliance.library.checklists import Answer
from partner_compliance.organizations.models import Worker
from partner_compliance.sheets import contents, mending, operations, queries
from partner_compliance.sheets.models import (
    BinderJob,
    CheckSheet,
    CorrectiveAction,
    ExcuseReason,
    MonthTally,
    SheetEvent,
    SheetState,
    SheetVersion,
)
from partner_compliance.sheets.operations import Filled, Given
from tests.factories import a_center, a_user, a_worker, all_fine, an_organization, principal_of
from tests.sheets.conftest import MONTH, House, Person

pytestmark = pytest.mark.both_engines


def tokyo(month: int, day: int, hour: int = 12, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=clock.TOKYO)


def submit(house: House, person: Person, *, at: datetime, filled: Filled | None = None) -> SheetVersion:
    head = Role.CENTER_HEAD in {held.role for held in person.principal.standings}
    return operations.submit(
        house.session,
        house.sheet_of(person.worker),
        house.checklist,
        filled or all_fine(house.checklist, head=head),
        by=person.principal,
        now=at,
    )


def sign(house: House, person: Person, by: Person, *, at: datetime, version: int = 1) -> SheetEvent:
    return operations.sign_off(
        house.session, house.sheet_of(person.worker), version_number=version, by=by.principal, now=at
    )


def tally(house: House, month: str = MONTH) -> MonthTally:
    return house.session.get_one(MonthTally, (house.organization.id, house.center.id, month))


# --- months open by themselves


@pytest.mark.parametrize(("at", "expected"), [(tokyo(11, 24, 23), set()), (tokyo(11, 25, 0), {"2026-11"})])
def test_sheets_open_on_the_25th_in_japan(session, library, at, expected):
    a_worker(session, a_center(session, an_organization(session, first_month="2026-11")))

    operations.open_months(session, library, now=at)

    assert set(session.scalars(select(CheckSheet.month))) == expected


def test_opening_again_opens_nothing_twice_and_catches_up_on_missed_months(session, library):
    a_worker(session, a_center(session, an_organization(session, first_month="2026-08")))

    first = operations.open_months(session, library, now=tokyo(11, 26))
    again = operations.open_months(session, library, now=tokyo(11, 27))

    assert (first, again) == (4, 0)
    assert sorted(session.scalars(select(CheckSheet.month))) == ["2026-08", "2026-09", "2026-10", "2026-11"]


@pytest.mark.parametrize(
    ("joined_on", "left_on", "files", "has_sheet"),
    [
        (date(2026, 11, 30), None, True, True),
        (date(2026, 12, 1), None, True, False),
        (date(2026, 4, 1), date(2026, 11, 1), True, True),
        (date(2026, 4, 1), date(2026, 10, 31), True, False),
        (date(2026, 4, 1), None, False, False),
    ],
)
def test_a_sheet_is_asked_of_those_who_belonged_on_some_day_of_the_month(
    session, library, joined_on, left_on, files, has_sheet
):
    center = a_center(session, an_organization(session, first_month="2026-11"))
    a_worker(session, center, joined_on=joined_on, left_on=left_on, files_sheets=files)

    assert operations.open_months(session, library, now=tokyo(12, 2)) == int(has_sheet)


def test_someone_who_joins_after_the_25th_gets_the_months_sheet_too(house):
    newcomer = a_worker(house.session, house.center, "新人", joined_on=date(2026, 11, 28), registered_at=tokyo(11, 28))

    operations.open_months(house.session, house.library, now=tokyo(11, 28, 13))

    assert house.sheet_of(newcomer).due_on == date(2026, 12, 7)


def test_due_days_count_business_days_and_stay_as_they_were_when_the_month_opened(house):
    sheet = house.sheet_of(house.worker.worker)
    assert (sheet.due_on, sheet.sign_off_due_on) == (date(2026, 12, 7), date(2026, 12, 14))

    operations.set_deadlines(
        house.session, house.organization, submission=3, sign_off=6, by=house.officer.principal, now=tokyo(12, 1)
    )
    operations.open_months(house.session, house.library, now=tokyo(12, 25))

    assert house.sheet_of(house.worker.worker).due_on == date(2026, 12, 7)
    # 29 December to 3 January are no business days, and 2027-01-11 is a holiday.
    later = house.sheet_of(house.worker.worker, "2026-12")
    assert (later.due_on, later.sign_off_due_on) == (date(2027, 1, 6), date(2027, 1, 12))


@pytest.mark.parametrize(("submission", "sign_off"), [(0, 5), (6, 10), (5, 4), (5, 11)])
def test_deadlines_can_only_be_earlier(house, submission, sign_off):
    with pytest.raises(InvalidInput):
        operations.set_deadlines(
            house.session, house.organization, submission=submission, sign_off=sign_off,
            by=house.officer.principal, now=tokyo(12, 1),
        )  # fmt: skip


# --- filling in


def test_a_submitted_sheet_keeps_what_was_answered_and_opens_what_has_to_be_mended(house):
    filled = all_fine(house.checklist, item_2_1=(Answer.NOT_OK, "机に置いたまま席を立った"))

    version = submit(house, house.worker, at=tokyo(11, 27), filled=filled)

    assert version.answers["2-1"] == {"answer": "not_ok", "note": "机に置いたまま席を立った"}
    assert len(version.answers) == 14
    assert [action.item for action in house.session.scalars(select(CorrectiveAction))] == ["2-1"]


def test_an_incomplete_sheet_is_refused_and_says_what_is_missing(house):
    filled = all_fine(house.checklist, item_1_2=(None, ""), item_2_2=(Answer.UNSURE, ""))

    with pytest.raises(operations.Incomplete) as refused:
        submit(house, house.worker, at=tokyo(11, 27), filled=filled)

    assert list(refused.value.missing) == ["1-2", "2-2"]
    assert house.session.scalar(select(func.count()).select_from(SheetVersion)) == 0


def test_a_head_answers_17_items_and_a_worker_14(house):
    with pytest.raises(operations.Incomplete) as refused:
        submit(house, house.head, at=tokyo(11, 27), filled=all_fine(house.checklist))
    assert list(refused.value.missing) == ["5-1", "5-2", "5-3"]

    assert len(submit(house, house.head, at=tokyo(11, 27)).answers) == 17


def test_no_take_out_this_month_answers_its_items(house):
    answers = {number: Given(Answer.OK) for number in ("1-1", "2-1", "2-2", "3-1", "4-1")}

    version = submit(house, house.worker, at=tokyo(11, 27), filled=Filled(answers, no_take_out=True))

    covered = [f"1-{number}" for number in range(2, 11)]
    assert {version.answers[number]["answer"] for number in covered} == {"not_applicable"}
    assert version.answers["1-1"]["answer"] == "ok"


def test_no_take_out_does_not_swallow_an_honest_needs_improvement(house):
    filled = all_fine(house.checklist, item_1_5=(Answer.NOT_OK, "網棚に置いた"))

    with pytest.raises(operations.Incomplete) as refused:
        submit(house, house.worker, at=tokyo(11, 27), filled=Filled(filled.answers, no_take_out=True))

    assert list(refused.value.missing) == ["1-5"]


def test_a_note_beyond_its_length_is_refused_in_a_draft_too(house):
    filled = Filled({"1-1": Given(Answer.OK, "あ" * 1001)})

    with pytest.raises(operations.Incomplete) as refused:
        operations.save_draft(
            house.session, house.sheet_of(house.worker.worker), filled, by=house.worker.principal, based_on=0,
            now=tokyo(11, 27),
        )  # fmt: skip

    assert "1001" in refused.value.missing["1-1"]


def test_a_second_tab_notices_that_the_draft_has_moved_on(house):
    sheet, by = house.sheet_of(house.worker.worker), house.worker.principal
    operations.save_draft(house.session, sheet, Filled(), by=by, based_on=0, now=tokyo(11, 27))
    operations.save_draft(house.session, sheet, Filled(), by=by, based_on=1, now=tokyo(11, 27))

    with pytest.raises(operations.ChangedMeanwhile):
        operations.save_draft(house.session, sheet, Filled(), by=by, based_on=1, now=tokyo(11, 27))
    with pytest.raises(operations.ChangedMeanwhile):
        operations.submit(
            house.session, sheet, house.checklist, all_fine(house.checklist), by=by, now=tokyo(11, 27), based_on=1
        )


def test_submitting_twice_is_refused(house):
    submit(house, house.worker, at=tokyo(11, 27))

    with pytest.raises(operations.AlreadySubmitted):
        submit(house, house.worker, at=tokyo(11, 27))


# --- signing off


def test_return_mend_resubmit_sign_off_keeps_every_version(house):
    sheet = house.sheet_of(house.worker.worker)
    submit(house, house.worker, at=tokyo(11, 27))
    operations.return_for_changes(
        house.session, sheet, version_number=1, comment="2-2 を確かめてください", by=house.head.principal,
        now=tokyo(11, 28),
    )  # fmt: skip
    mended = all_fine(house.checklist, item_2_2=(Answer.NOT_OK, "鍵がかからない"))
    submit(house, house.worker, at=tokyo(11, 29), filled=mended)
    sign(house, house.worker, house.head, at=tokyo(11, 30), version=2)

    story = queries.story_of(house.session, sheet)
    assert [event.kind.value for event in story.events] == ["submitted", "returned", "submitted", "signed_off"]
    assert [version.number for version in story.versions] == [1, 2]
    assert story.state is SheetState.SIGNED_OFF
    assert story.events[1].comment == "2-2 を確かめてください"


def test_nobody_signs_off_the_own_sheet(house):
    head_and_officer = house.person("両方", Role.CENTER_HEAD, Role.PROTECTION_OFFICER)
    operations.open_months(house.session, house.library, now=tokyo(11, 27))
    for person in (house.head, house.officer, head_and_officer):
        submit(house, person, at=tokyo(11, 27))
        with pytest.raises(NotAllowed):
            sign(house, person, person, at=tokyo(11, 28))


def test_nor_through_a_second_account_of_the_same_person(house):
    submit(house, house.worker, at=tokyo(11, 27))
    second = a_user(house.session, "別名")
    held = accounts.grant_role(
        house.session, house.worker.worker, Role.CENTER_HEAD, center=house.center, by=SYSTEM, now=tokyo(11, 27)
    )
    held.user_id = second.id
    house.session.flush()

    with pytest.raises(NotAllowed):
        operations.sign_off(
            house.session, house.sheet_of(house.worker.worker), version_number=1,
            by=principal_of(house.session, second), now=tokyo(11, 28),
        )  # fmt: skip


def test_whose_line_it_is(house):
    other_officer = house.person("第二責任者", Role.PROTECTION_OFFICER)
    elsewhere = a_center(house.session, house.organization, "分室")
    other_head = house.person("別の拠点長", Role.CENTER_HEAD, center=elsewhere)
    for person in (house.worker, house.head, house.officer):
        submit(house, person, at=tokyo(11, 27))
    everyone = {
        "worker": house.worker, "head": house.head, "officer": house.officer, "other officer": other_officer,
        "representative": house.representative, "other head": other_head,
    }  # fmt: skip

    def may_confirm(person: Person) -> set[str]:
        sheet = house.sheet_of(person.worker)
        posts = queries.posts_of(house.session, house.organization.id, person.worker.id)
        return {name for name, by in everyone.items() if operations.policy.confirms(by.principal, sheet, posts)}

    assert may_confirm(house.worker) == {"head", "officer", "other officer"}
    assert may_confirm(house.head) == {"officer", "other officer"}
    assert may_confirm(house.officer) == {"other officer", "representative"}


def test_only_the_version_that_was_read_can_be_signed_off(house):
    sheet = house.sheet_of(house.worker.worker)
    submit(house, house.worker, at=tokyo(11, 27))
    corrected = all_fine(house.checklist)
    operations.submit(
        house.session, sheet, house.checklist, Filled(corrected.answers, reason="数え間違い"),
        by=house.worker.principal, now=tokyo(11, 28),
    )  # fmt: skip

    with pytest.raises(operations.NewerVersion):
        sign(house, house.worker, house.head, at=tokyo(11, 29), version=1)


def test_a_signed_off_sheet_changes_only_by_a_correction_with_a_reason(house):
    sheet, by = house.sheet_of(house.worker.worker), house.worker.principal
    submit(house, house.worker, at=tokyo(11, 27))
    sign(house, house.worker, house.head, at=tokyo(11, 28))

    with pytest.raises(operations.AlreadySubmitted):
        operations.submit(house.session, sheet, house.checklist, all_fine(house.checklist), by=by, now=tokyo(11, 29))
    corrected = Filled(all_fine(house.checklist).answers, reason="1-3 を書き間違えた")
    version = operations.submit(house.session, sheet, house.checklist, corrected, by=by, now=tokyo(11, 29))

    assert (version.number, version.reason) == (2, "1-3 を書き間違えた")
    story = queries.story_of(house.session, sheet)
    assert (story.state, len(story.versions)) == (SheetState.SUBMITTED, 2)


def test_the_second_to_sign_is_told_who_was_first(house):
    submit(house, house.worker, at=tokyo(11, 27))
    sign(house, house.worker, house.head, at=tokyo(11, 28))

    with pytest.raises(operations.AlreadySignedOff) as refused:
        sign(house, house.worker, house.officer, at=tokyo(11, 28))

    assert house.head.principal.name in refused.value.message


def test_twelve_at_once_have_one_effect(house, database_url):
    submit(house, house.worker, at=tokyo(11, 27))
    sheet = house.sheet_of(house.worker.worker)
    house.session.commit()
    key = (sheet.organization_id, sheet.id)
    engine = make_engine(database_url)
    barrier, results = Barrier(12), []

    def press() -> None:
        with open_session(engine, write_acts=write_acts) as session:
            barrier.wait()
            try:
                begin_writing(session)
                operations.sign_off(
                    session, session.get_one(CheckSheet, key), version_number=1, by=house.head.principal,
                    now=tokyo(11, 28),
                )  # fmt: skip
                session.commit()
                results.append("signed")
            except Refused as refusal:
                results.append(type(refusal).__name__)

    threads = [Thread(target=press) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.dispose()

    assert sorted(results) == ["AlreadySignedOff"] * 11 + ["signed"]
    house.session.rollback()
    assert house.session.scalar(select(func.count()).where(SheetEvent.kind == "signed_off")) == 1
    assert house.session.scalar(select(func.count()).where(LogLeaf.act == "sheet.signed_off")) == 1


# --- excuses, paper, closing


def test_an_excuse_names_a_coded_reason(house):
    sheet = house.sheet_of(house.volunteer)
    with pytest.raises(InvalidInput):
        operations.excuse(
            house.session, sheet, reason=ExcuseReason.OTHER, text="", by=house.head.principal, now=tokyo(11, 28)
        )

    operations.excuse(
        house.session, sheet, reason=ExcuseReason.NO_ACTIVITY, text="", by=house.head.principal, now=tokyo(11, 28)
    )

    assert queries.state_of(house.session, sheet) is SheetState.EXCUSED
    assert tally(house).excused == 1


def test_paper_is_entered_as_what_it_is(house):
    sheet = house.sheet_of(house.volunteer)

    version = operations.enter_from_paper(
        house.session, sheet, house.checklist, all_fine(house.checklist), signed_on=date(2026, 11, 26),
        by=house.head.principal, now=tokyo(11, 28),
    )  # fmt: skip

    assert version.is_from_paper
    assert (version.submitted_by_name, version.paper_signed_on) == ("東 京子", date(2026, 11, 26))
    sign_off = operations.sign_off(house.session, sheet, version_number=1, by=house.head.principal, now=tokyo(11, 28))
    assert sign_off.by_role is Role.CENTER_HEAD


@pytest.mark.parametrize("signed_on", [date(2026, 10, 31), date(2026, 11, 29)])
def test_paper_from_outside_the_month_or_the_future_is_refused(house, signed_on):
    with pytest.raises(InvalidInput):
        operations.enter_from_paper(
            house.session, house.sheet_of(house.volunteer), house.checklist, all_fine(house.checklist),
            signed_on=signed_on, by=house.head.principal, now=tokyo(11, 28),
        )  # fmt: skip


def test_paper_is_not_for_those_who_have_an_account(house):
    with pytest.raises(operations.HasAccount):
        operations.enter_from_paper(
            house.session, house.sheet_of(house.worker.worker), house.checklist, all_fine(house.checklist),
            signed_on=date(2026, 11, 27), by=house.head.principal, now=tokyo(11, 28),
        )  # fmt: skip


def account_for_everyone(house: House) -> None:
    for person, by in (
        (house.worker, house.head),
        (house.head, house.officer),
        (house.officer, house.representative),
        (house.representative, house.head),
    ):
        submit(house, person, at=tokyo(11, 28))
        sign(house, person, by, at=tokyo(11, 29))


def test_a_month_closes_only_when_everyone_is_accounted_for_and_section_5_is_answered(house):
    account_for_everyone(house)
    with pytest.raises(operations.NotEveryoneAccountedFor, match="1人"):
        operations.close_month(house.session, house.center, MONTH, by=house.head.principal, now=tokyo(12, 1))
    operations.excuse(
        house.session, house.sheet_of(house.volunteer), reason=ExcuseReason.LEAVE, text="", by=house.head.principal,
        now=tokyo(12, 1),
    )  # fmt: skip

    operations.close_month(house.session, house.center, MONTH, by=house.head.principal, now=tokyo(12, 1))

    assert tally(house).is_closed
    with pytest.raises(operations.AlreadyClosed, match="東 京子"):
        operations.close_month(house.session, house.center, MONTH, by=house.officer.principal, now=tokyo(12, 1))


def test_closing_goes_by_what_is_there_under_the_lock_not_by_what_the_page_had_read(house, engine):
    account_for_everyone(house)
    operations.excuse(
        house.session, house.sheet_of(house.volunteer), reason=ExcuseReason.LEAVE, text="", by=house.head.principal,
        now=tokyo(12, 1),
    )  # fmt: skip
    house.session.commit()
    read_by_the_page = tally(house)  # held, or the session forgets it
    house.session.commit()
    with writing(engine) as elsewhere:
        elsewhere.execute(update(MonthTally).values(sheets=6))

    with pytest.raises(operations.NotEveryoneAccountedFor):
        operations.close_month(house.session, house.center, MONTH, by=house.head.principal, now=tokyo(12, 1))
    assert read_by_the_page.sheets == 6


def test_a_finished_binder_is_thrown_away_after_a_week(house):
    submit(house, house.worker, at=tokyo(11, 27))
    job = operations.request_binder(house.session, house.center, MONTH, by=house.head.principal, now=tokyo(11, 28))
    job.finished_at = tokyo(11, 28)
    house.session.flush()

    operations.forget_binders(house.session, now=tokyo(12, 5, 11))
    assert house.session.scalar(select(func.count()).select_from(BinderJob)) == 1
    operations.forget_binders(house.session, now=tokyo(12, 5, 13))
    assert house.session.scalar(select(func.count()).select_from(BinderJob)) == 0


def test_a_month_whose_head_was_excused_lacks_section_5(house):
    for worker in house.session.scalars(select(Worker)):
        by = house.representative if worker.id == house.officer.worker.id else house.officer
        operations.excuse(
            house.session, house.sheet_of(worker), reason=ExcuseReason.LEAVE, text="", by=by.principal,
            now=tokyo(12, 1),
        )  # fmt: skip

    with pytest.raises(operations.HeadSectionMissing):
        operations.close_month(house.session, house.center, MONTH, by=house.officer.principal, now=tokyo(12, 1))


def test_late_stays_late(house):
    submit(house, house.worker, at=tokyo(12, 7, 23))
    submit(house, house.officer, at=tokyo(12, 8, 0))

    assert (tally(house).submitted, tally(house).on_time) == (2, 1)
    late = queries.story_of(house.session, house.sheet_of(house.officer.worker))
    assert late.is_late(date(2027, 3, 1))
    assert not queries.story_of(house.session, house.sheet_of(house.worker.worker)).is_late(date(2027, 3, 1))


def test_a_new_version_takes_the_place_of_what_the_earlier_one_wanted_mended(house):
    submit(house, house.worker, at=tokyo(11, 27), filled=all_fine(house.checklist, item_2_1=(Answer.NOT_OK, "机")))
    corrected = all_fine(house.checklist, item_2_2=(Answer.UNSURE, "鍵"))
    submit(house, house.worker, at=tokyo(11, 28), filled=Filled(corrected.answers, reason="書き間違い"))

    assert [action.item for action, _, _ in queries.open_actions(house.session, house.center)] == ["2-2"]


def test_section_5_is_for_the_head_of_today(house):
    submit(house, house.head, at=tokyo(11, 28))
    assert queries.head_section_is_answered(house.session, house.center, MONTH)
    held = house.session.scalars(
        select(OrganizationRole).where(
            OrganizationRole.worker_id == house.head.worker.id, OrganizationRole.role == Role.CENTER_HEAD
        )
    ).one()

    accounts.end_role(house.session, held, by=SYSTEM, now=tokyo(11, 29))
    house.session.flush()

    assert not queries.head_section_is_answered(house.session, house.center, MONTH)


def test_mending_is_recorded_once(house):
    submit(house, house.worker, at=tokyo(11, 27), filled=all_fine(house.checklist, item_2_2=(Answer.NOT_OK, "鍵")))
    action = house.session.scalars(select(CorrectiveAction)).one()

    mending.mend(house.session, action, outcome="鍵を取り替えた", by=house.head.principal, now=tokyo(11, 28))

    assert (action.outcome, action.closed_by_name) == ("鍵を取り替えた", "東 京子")
    with pytest.raises(mending.AlreadyMended):
        mending.mend(house.session, action, outcome="もう一度", by=house.head.principal, now=tokyo(11, 28))


def test_every_act_is_in_the_log_and_the_tables_still_say_the_same(house):
    account_for_everyone(house)
    house.session.commit()

    verdict = verify_log(house.session, house.organization.id, contents.LOGGED_CONTENTS)
    assert verdict.ok, verdict.problems
    acts = house.session.scalars(select(LogLeaf.act).where(LogLeaf.log_id == house.organization.id)).all()
    assert acts.count("sheet.submitted") == 4
    assert acts.count("sheet.signed_off") == 4


def test_the_tally_always_equals_a_recount(house):
    account_for_everyone(house)
    kept = {column.name: getattr(tally(house), column.name) for column in MonthTally.__table__.columns}

    counted = house.session.execute(queries.tally_counts(house.organization.id, house.center.id, MONTH)).one()

    assert {name: kept[name] for name in counted._fields} == counted._asdict()


def test_the_clock_of_the_reader_does_not_matter(house):
    """The server's moment is kept, whatever the browser says; a day in Japan begins nine hours before UTC's."""
    version = submit(house, house.worker, at=tokyo(12, 8, 8))

    event = queries.last_event(house.session, house.sheet_of(house.worker.worker))
    assert version.submitted_at - tokyo(12, 8, 8) == timedelta(0)
    assert event.happened_on == date(2026, 12, 8)
