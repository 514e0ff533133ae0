"""An officer makes an APIキー, a system gets in with it over the network, the officer sees that and takes it back."""

import json
import re
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import expect
from sqlalchemy.orm import Session

from partner_compliance import clock
from tests.api.conftest import NUMBER, a_city
from tests.browser.conftest import Desk
from tests.browser.examining import findings
from tests.conftest import SetClock

pytestmark = pytest.mark.browser


def test_a_key_is_made_used_seen_and_taken_back(desk: Desk, session: Session, time: SetClock) -> None:
    city = a_city(desk.site.app, session)
    city.partner.corporate_number = NUMBER
    session.commit()
    page = desk.signed_in(city.officer)
    page.goto(f"/municipalities/{city.municipality.id}/api-tokens")
    expect(page.get_by_text("APIキーはまだありません")).to_be_visible()
    page.get_by_role("link", name="APIキーを作る").click()

    page.get_by_role("button", name="キーを作って表示する").click()
    assert page.title().startswith("エラー")
    assert findings(page) == []
    page.get_by_label("システムの名前").fill("児童相談システム")
    page.get_by_label("準備度を読む").check()
    page.get_by_label("使える最後の日").fill("2027-03-31")
    page.get_by_role("button", name="キーを作って表示する").click()
    expect(page.get_by_role("heading", name="APIキーを作りました")).to_be_visible()
    assert findings(page) == []
    found = re.search(r"pc1_[A-Za-z0-9_-]{43}", page.inner_text("main"))
    assert found is not None

    asked = Request(
        f"{desk.site.origin}/api/v1/partners/{NUMBER}/readiness", headers={"Authorization": f"Bearer {found[0]}"}
    )
    with urlopen(asked) as answer:
        assert json.load(answer)["as_of"] == clock.today().isoformat()

    page.get_by_role("link", name="登録したので、次へ進む").click()
    expect(page.get_by_role("row", name=re.compile("団体の準備度.*答えました"))).to_be_visible()
    assert found[0] not in page.content()
    page.get_by_role("button", name="このキーを取り消す").click()
    expect(page.get_by_text("のAPIキーを取り消しました")).to_be_visible()
    with pytest.raises(HTTPError) as refused:
        urlopen(asked)
    assert refused.value.code == 401
    refused.value.close()
