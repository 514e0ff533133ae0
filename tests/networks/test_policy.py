"""What a network's office may do with a member's sheets, as a table, and that a worker's page costs nothing more."""

from dataclasses import replace
from uuid import uuid4

import pytest

from partner_compliance.access import Entrusted, Principal, Role, Standing
from partner_compliance.organizations.models import Center, Worker
from partner_compliance.sheets import policy
from partner_compliance.sheets.models import CheckSheet
from tests.conftest import NOON

MEMBER, OTHER, NETWORK, CENTER = uuid4(), uuid4(), uuid4(), uuid4()
OWN = Worker(id=uuid4(), organization_id=NETWORK, user_id=uuid4(), left_on=None)
SHEET = CheckSheet(organization_id=MEMBER, id=uuid4(), center_id=CENTER, worker_id=uuid4())
PLACE = Center(organization_id=MEMBER, id=CENTER)
WITHOUT_ACCOUNT = Worker(organization_id=MEMBER, id=SHEET.worker_id, user_id=None, left_on=None)
WITH_ACCOUNT = Worker(organization_id=MEMBER, id=SHEET.worker_id, user_id=uuid4(), left_on=None)
LEFT = Worker(organization_id=MEMBER, id=SHEET.worker_id, user_id=uuid4(), left_on=NOON.date().replace(year=2025))


def an_office(*tasks: Entrusted, member=MEMBER, **more) -> Principal:
    acting = Standing(
        Role.NETWORK_OFFICE, member, network_id=NETWORK, network_name="連絡会", entrusted=frozenset(tasks)
    )
    at_home = Standing(Role.NETWORK_OFFICE, NETWORK, OWN.id)
    return Principal(uuid4(), "事務 局子", standings=(at_home, *([acting] if tasks else [])), **more)


NOBODY = an_office()
PAPER, HEADS, BOTH = an_office(Entrusted.PAPER), an_office(Entrusted.HEADS), an_office(*Entrusted)
ELSEWHERE = an_office(*Entrusted, member=OTHER)
HEAD, OFFICER = frozenset({Role.CENTER_HEAD}), frozenset({Role.PROTECTION_OFFICER})


@pytest.mark.parametrize(
    ("who", "worker", "posts", "reads", "confirms", "takes_paper"),
    [
        (NOBODY, WITHOUT_ACCOUNT, frozenset(), False, False, False),
        (NOBODY, WITH_ACCOUNT, HEAD, False, False, False),
        (ELSEWHERE, WITHOUT_ACCOUNT, frozenset(), False, False, False),
        (ELSEWHERE, WITH_ACCOUNT, HEAD, False, False, False),
        (PAPER, WITHOUT_ACCOUNT, frozenset(), True, False, True),
        (PAPER, WITH_ACCOUNT, frozenset(), False, False, False),
        (PAPER, LEFT, frozenset(), False, False, False),
        (PAPER, WITH_ACCOUNT, HEAD, False, False, False),
        (PAPER, WITH_ACCOUNT, OFFICER, False, False, False),
        (HEADS, WITHOUT_ACCOUNT, frozenset(), False, False, False),
        (HEADS, WITH_ACCOUNT, frozenset(), False, False, False),
        (HEADS, WITH_ACCOUNT, HEAD, True, True, False),
        (HEADS, WITH_ACCOUNT, OFFICER, False, False, False),
        (HEADS, WITH_ACCOUNT, HEAD | OFFICER, False, False, False),
        (BOTH, WITHOUT_ACCOUNT, frozenset(), True, False, True),
        (BOTH, WITH_ACCOUNT, HEAD, True, True, False),
        (BOTH, WITH_ACCOUNT, frozenset({Role.REPRESENTATIVE}), False, False, False),
    ],
)
def test_the_office_does_what_it_was_entrusted_with_and_nothing_else(who, worker, posts, reads, confirms, takes_paper):
    assert policy.reads(who, SHEET, posts, has_account=worker.user_id is not None) is reads
    assert policy.confirms(who, SHEET, posts) is (Role.NETWORK_OFFICE if confirms else None)
    assert (
        policy.takes_paper_from(who, SHEET, worker, NOON.date(), has_account=worker.user_id is not None) is takes_paper
    )
    assert policy.excuses(who, SHEET, posts) is None
    assert not policy.may_look_after(who, SHEET)
    assert not policy.may_run_center(who, PLACE)
    assert not policy.may_fill_in(who, SHEET)


@pytest.mark.parametrize(
    ("who", "month", "blanks"),
    [(NOBODY, False, False), (ELSEWHERE, False, False), (PAPER, True, True), (HEADS, True, False), (BOTH, True, True)],
)
def test_the_office_sees_the_month_of_members_that_let_it_act(who, month, blanks):
    assert policy.may_see_month(who, PLACE) is month
    assert policy.may_print_blanks(who, PLACE) is blanks


def test_nobody_confirms_or_enters_the_own_sheet_for_a_network():
    own = replace(BOTH, standings=(*BOTH.standings, Standing(Role.WORKER, MEMBER, SHEET.worker_id)))
    assert policy.confirms(own, SHEET, HEAD) is None
    assert not policy.may_enter_paper(own, SHEET)


def test_acting_for_a_member_gives_no_role_in_it():
    assert BOTH.organization_ids == {NETWORK}
    assert BOTH.entrusting_ids == {MEMBER}
    assert BOTH.worker_ids == {OWN.id}
    assert not any(BOTH.is_(role, MEMBER) for role in Role)


def test_an_entry_says_for_which_network_and_only_then():
    officer = replace(BOTH, standings=(*BOTH.standings, Standing(Role.PROTECTION_OFFICER, MEMBER, uuid4())))
    assert policy.acts_for_network(BOTH, SHEET) == "連絡会"
    assert policy.acts_for_network(officer, SHEET) == ""
    assert policy.confirms(officer, SHEET, HEAD) is Role.PROTECTION_OFFICER
