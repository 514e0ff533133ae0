"""SECURITY.md B01 and B02."""

import unicodedata
from time import perf_counter

import pytest

from partner_compliance.accounts import operations, passwords
from tests.conftest import NOON

OWN = ("山田 花子", "hanako.yamada", "hanako.yamada@example.jp")


def weaknesses(password, *, second_factor=False):
    return passwords.weaknesses(password, own_names=OWN, has_second_factor=second_factor)


@pytest.mark.parametrize(
    "password",
    [
        "a1b2c3d4e5f6g7h",
        "correct horse battery staple",
        "いちごとみかんとぶどうをたべました",
        "               z" * 2,
        "ばなな らくだ つくえ あさがお",
        "あ い う え お か き く け こ 🍓🍊🍇",
        "0123456789abcdef" * 8,
        "x" * 7 + " q" * 120,
    ],
)
def test_long_passwords_of_any_characters_are_fine(password):
    assert weaknesses(password) == []


def test_fourteen_characters_are_too_few_without_a_second_factor_and_eight_enough_with_one():
    assert "15文字以上" in weaknesses("a1b2c3d4e5f6g7")[0]
    assert "14文字" in weaknesses("a1b2c3d4e5f6g7")[0]
    assert weaknesses("mq7vzt4w", second_factor=True) == []
    assert "8文字以上" in weaknesses("mq7vzt4", second_factor=True)[0]


def test_too_long_is_said_too():
    assert "256文字以内" in weaknesses("あ" * 257)[0]


@pytest.mark.parametrize(
    "password", ["password", "PASSWORD", "ｐａｓｓｗｏｒｄ", "12345678", "qwertyuiop", "1qaz2wsx3edc4rfv"]
)
def test_the_commonest_are_refused(password):
    assert any("よく使われている" in reason for reason in weaknesses(password, second_factor=True))


@pytest.mark.parametrize("password", ["partner-compliance", "Partner Compliance", "情報管理パートナー123"])
def test_the_name_of_the_service_is_refused(password):
    assert any("サービスの名前" in reason for reason in weaknesses(password, second_factor=True))


@pytest.mark.parametrize(
    "password", ["hanako.yamada@example.jp", "HANAKO.YAMADA@EXAMPLE.JP", "hanako.yamada123", "山田　花子"]
)
def test_the_own_name_and_address_are_refused(password):
    assert any("ご自分のお名前" in reason for reason in weaknesses(password, second_factor=True))


def test_composed_and_decomposed_typing_are_the_same_password():
    typed = "ががだざばぱ プレゼント ガギグゲゴ"
    kept = passwords.hash_password(unicodedata.normalize("NFC", typed))

    assert passwords.is_right(kept, unicodedata.normalize("NFD", typed))
    assert passwords.is_right(passwords.hash_password(unicodedata.normalize("NFD", typed)), typed)


def test_surrounding_spaces_count():
    assert not passwords.is_right(
        passwords.hash_password("correct horse battery staple"), "correct horse battery staple "
    )


@pytest.mark.parametrize("broken", ["", "$argon2id$", "not a hash"])
def test_a_hash_that_is_none_fits_no_password(broken):
    assert not passwords.is_right(broken, "nobody has this password")


def test_long_nonsense_takes_no_long_time():
    began = perf_counter()
    for text in ("a" * 50_000 + "!", "@" * 50_000, "\u0301" * 50_000):
        weaknesses(text)
        operations.is_address(text)
        operations.fold(text)
    assert perf_counter() - began < 1


def test_an_account_is_not_made_with_a_weak_password(session):
    with pytest.raises(operations.WeakPassword) as refused:
        operations.create_user(session, name="山田", login_name="yamada", password="short", now=NOON)
    assert "15文字以上" in refused.value.reasons[0]


@pytest.mark.parametrize(
    "address",
    [
        "a@x,b@y",
        "a@x.jp\r\nBcc: b@y.jp",
        "a b@x.jp",
        "a@x.jp;b@y.jp",
        "<a@x.jp>",
        '"a"@x.jp',
        "a@b@x.jp",
        "a@",
        "@x.jp",
        "あ@x.jp",
        "a@日本.jp",
        "a" * 250 + "@x.jp",
        "",
    ],
)
def test_an_address_that_could_reach_anyone_else_is_refused(session, address):
    """SECURITY.md A16."""
    with pytest.raises(operations.InvalidInput):
        operations.create_user(session, name="山田", login_name="yamada", email=address, now=NOON)


def test_a_plain_or_punycode_address_is_fine():
    assert operations.is_address("hanako+x@example.jp")
    assert operations.is_address("info@xn--wgv71a.jp")


@pytest.mark.parametrize("taken", ["yamada", "ＹＡＭＡＤＡ", "yamada@example.jp"])
def test_nobody_can_take_the_name_by_which_another_signs_in(session, taken):
    operations.create_user(session, name="山田", login_name="yamada", email="yamada@example.jp", now=NOON)

    with pytest.raises(operations.NameTaken):
        operations.create_user(session, name="別人", login_name=taken, now=NOON)


@pytest.mark.parametrize(
    "password",
    [
        "passwordpassword",
        "password1234567",
        "123456789012345",
        "iloveyouiloveyou",
        "hanako77hanako77",
        "hanako77hanako7",
    ],
)
def test_common_words_said_twice_or_with_figures_behind_are_refused(password):
    assert passwords.weaknesses(password, own_names=["hanako77"], has_second_factor=False)


@pytest.mark.parametrize("password", ["a" * 128, "あ" * 15, "correct horse b", "          15    "])
def test_no_rule_of_composition_is_asked(password):
    assert not passwords.weaknesses(password, own_names=["hanako77"], has_second_factor=False)
