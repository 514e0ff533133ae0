"""Filters of the list of partners under a name: whose they are, how many, and what they open."""

import re
from html import unescape
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from partner_compliance.access import Role
from partner_compliance.history.models import LogLeaf
from partner_compliance.sharing import operations
from partner_compliance.sharing.models import SavedView
from tests.conftest import NOON
from tests.factories import (
    a_center,
    a_municipality,
    an_engagement,
    an_officer_of,
    an_organization,
    principal_of,
    signed_in,
    someone,
)

pytestmark = pytest.mark.both_engines


@pytest.fixture
def city(session, time):
    made = a_municipality(session)
    an_engagement(session, made, an_organization(session))
    return made


@pytest.fixture
def officers(session, city):
    """Two officers of the municipality."""
    made = an_officer_of(session, city, "市役所 太郎"), an_officer_of(session, city, "市役所 花子")
    session.commit()
    return made


def address(city, rest=""):
    return f"/municipalities/{city.id}/saved-views{rest}"


def save(client, city, called="来月までに期限が来る団体", who="own", key=None, **query):
    page = client.get(address(city, "/new"), query_string=query)
    wanted = unescape(re.search(r'name="wanted"[^>]*value="([^"]*)"', page.text)[1])
    form = {"name": called, "who": who, "wanted": wanted, "request_key": str(key or uuid4())}
    return client.post(address(city, "/new"), data=form)


def views(session):
    session.rollback()
    return list(session.scalars(select(SavedView).order_by(SavedView.name)))


def kept(session, city, user, name, *, is_shared=False, **wanted):
    return operations.save_view(
        session, city, name=name, wanted=wanted, is_shared=is_shared, by=principal_of(session, user), now=NOON,
        request_key=uuid4(),
    )  # fmt: skip


def test_a_filter_is_saved_listed_opened_and_deleted(app, session, city, officers):
    client = signed_in(app, officers[0])
    query = {"month": "2026-09", "level": "0", "ending": "1", "name": "はま", "legal_form": "npo", "sort": "-workers"}
    page = client.get(f"/municipalities/{city.id}/partners", query_string=query)
    link = unescape(re.search(r'href="([^"]*saved-views/new[^"]*)"', page.text)[1])
    assert "month" not in link
    said = client.get(link).text
    for words in (
        "段階0　未登録",
        "30日以内に期限が来る団体だけ",
        "団体名に「はま」を含む",
        "従事者（対象 / 名簿）の逆順",
    ):
        assert words in said
    answer = save(client, city, **query)
    assert answer.status_code == 303
    (view,) = views(session)
    opened = client.get(answer.location)
    assert opened.status_code == 302
    kept_in = {"level": "0", "ending": "1", "name": "はま", "legal_form": "npo", "sort": "-workers"}
    assert dict(parse_qsl(urlsplit(opened.location).query)) == kept_in == view.wanted
    for path in (address(city), f"/municipalities/{city.id}/partners"):
        assert f'href="/saved-views/{view.id}">来月までに期限が来る団体</a>' in client.get(path).text
    assert client.post(f"/saved-views/{view.id}/deletion").status_code == 303
    assert views(session) == []
    acts = session.scalars(select(LogLeaf.act).where(LogLeaf.act.startswith("view."))).all()
    assert sorted(acts) == ["view.deleted", "view.saved"]
    assert "保存した条件はまだありません" in client.get(address(city)).text


def test_own_views_are_the_officers_own_and_shared_ones_everybodys(app, session, city, officers):
    own = kept(session, city, officers[0], "自分の分")
    shared = kept(session, city, officers[0], "みんなの分", is_shared=True)
    session.commit()
    colleague = signed_in(app, officers[1])
    for path in (address(city), f"/municipalities/{city.id}/partners"):
        page = colleague.get(path).text
        assert "みんなの分" in page
        assert "自分の分" not in page
    assert colleague.get(f"/saved-views/{own.id}").status_code == 403
    assert colleague.post(f"/saved-views/{own.id}/deletion").status_code == 403
    assert colleague.get(f"/saved-views/{shared.id}").status_code == 302
    assert colleague.post(f"/saved-views/{shared.id}/deletion").status_code == 303
    assert [each.name for each in views(session)] == ["自分の分"]


def test_views_of_another_municipality_do_not_exist(app, session, city, officers):
    view = kept(session, city, officers[0], "みんなの分", is_shared=True)
    other = a_municipality(session, "となり市")
    stranger = an_officer_of(session, other)
    partner, _ = someone(session, a_center(session, an_organization(session, "団体")), Role.PROTECTION_OFFICER)
    session.commit()
    for user in (stranger, partner):
        client = signed_in(app, user)
        assert client.get(f"/saved-views/{view.id}").status_code == 404
        assert client.post(f"/saved-views/{view.id}/deletion").status_code == 404
        assert client.get(address(city)).status_code == 404
        assert client.post(address(city, "/new"), data={"name": "x", "who": "own"}).status_code == 404
    assert len(views(session)) == 1
    assert "みんなの分" not in signed_in(app, stranger).get(address(other)).text


def test_names_are_shown_as_typed(app, session, city, officers):
    name = '"><img src=x>{{7*7}}&amp;'
    client = signed_in(app, officers[0])
    assert save(client, city, called=name, level="0").status_code == 303
    for path in (address(city), f"/municipalities/{city.id}/partners"):
        page = client.get(path).text
        assert "<img" not in page
        assert name in unescape(page)


@pytest.mark.parametrize(
    ("again", "who"), [("毎週見る団体", "own"), ("毎週見る 団体", "shared"), ("毎週見る団体", "shared")]
)
def test_a_name_that_is_there_is_refused_and_nothing_typed_is_lost(app, session, city, officers, again, who):
    client = signed_in(app, officers[0])
    assert save(client, city, called="毎週見る団体", level="1").status_code == 303
    answer = save(client, city, called=again, who=who, level="2")
    assert answer.status_code == 422
    assert "同じ名前の条件がすでにあります。別の名前にするか、前の条件を削除してください。" in answer.text
    assert f'value="{again}"' in answer.text
    assert "段階2" in answer.text
    assert len(views(session)) == 1
    # Somebody else's own name is nobody's business.
    assert save(signed_in(app, officers[1]), city, called="毎週見る団体", who=who).status_code == 303


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"name": " "}, "名前を入力してください。"),
        ({"name": "あ" * 41}, "40文字以内で書いてください。"),
        ({"name": "あ\x07"}, "使えない制御文字が含まれています。"),
        ({"who": ""}, "だれが使うかを選んでください。"),
        ({"who": "everyone"}, "だれが使うか"),
    ],
)
def test_what_cannot_be_saved_is_said_at_its_field(app, session, city, officers, form, said):
    client = signed_in(app, officers[0])
    answer = client.post(address(city, "/new"), data={"name": "条件", "who": "own", "wanted": "level=1", **form})
    assert answer.status_code == 422
    assert said in answer.text
    assert "段階1" in answer.text  # the filter is not lost
    assert views(session) == []


def test_sent_twice_it_is_saved_once(app, session, city, officers):
    client, key = signed_in(app, officers[0]), uuid4()
    assert [save(client, city, key=key).status_code for _ in range(2)] == [303, 303]
    assert len(views(session)) == 1


@pytest.mark.parametrize("is_shared", [True, False])
def test_twenty_are_enough(app, session, city, officers, is_shared):
    for number in range(operations.MOST_VIEWS):
        kept(session, city, officers[0], f"条件{number}", is_shared=is_shared)
    session.commit()
    client, who = signed_in(app, officers[0]), "shared" if is_shared else "own"
    answer = save(client, city, who=who)
    assert answer.status_code == 409
    assert "それぞれ20件まで" in answer.text
    assert "使わなくなった条件を削除してから" in answer.text
    assert save(client, city, called="もう一つの方", who="own" if is_shared else "shared").status_code == 303
    assert save(signed_in(app, officers[1]), city, called="同僚の分").status_code == 303
    assert session.scalar(select(func.count()).select_from(SavedView)) == operations.MOST_VIEWS + 2


def test_what_a_view_asked_for_and_does_not_exist_any_more_is_left_out(app, session, city, officers):
    view = kept(session, city, officers[0], "古い条件", level="9", sort="-on_time", legal_form="?", page="x", evil="1")
    session.commit()
    client = signed_in(app, officers[0])
    assert client.get(f"/saved-views/{view.id}").location.endswith("/partners")
    assert "すべての団体" in client.get(address(city)).text
