"""What is kept of a browser's description."""

import pytest

from partner_compliance.accounts import devices

CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0"
ON_A_PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Safari/537.36 Edg/142.0.0.0", "Windows の Edge"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Safari/537.36", "Windows の Chrome"),
        (f"{ON_A_PHONE} Version/18.1 Mobile/15E148 Safari/604.1", "iPhone の Safari"),
        (f"{ON_A_PHONE} CriOS/142.0 Mobile/15E148 Safari/604.1", "iPhone の Chrome"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0", "Mac の Firefox"),
        (f"Mozilla/5.0 (Linux; Android 10; K) {CHROME} Mobile Safari/537.36", "Android の Chrome"),
        ("", devices.UNKNOWN),
        ("<script>alert(1)</script>" * 1000, devices.UNKNOWN),
    ],
)
def test_a_browser_is_named_in_a_few_words(user_agent, words):
    assert devices.in_words(user_agent) == words
