"""Credentials: their form, their signature verified by other means than ours, and how they are taken back."""

import base64
import hashlib
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from partner_compliance.acts import PLATFORM_LOG, SYSTEM
from partner_compliance.commands import main
from partner_compliance.history.models import LogLeaf
from partner_compliance.publications import badges, keys, signing
from partner_compliance.publications.models import CredentialRevocation, SigningKey
from partner_compliance.publications.verification import Status, Verdict, verify
from tests.conftest import SECRET_KEY
from tests.publications.conftest import CANARIES, Publisher

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


@pytest.fixture
def files(publisher: Publisher, tmp_path):
    """A credential, the keys and the list of revocations, as anyone saves them."""
    address = publisher.publish()
    publisher.issue()

    def save(name: str, path: str):
        file = tmp_path / name
        file.write_bytes(publisher.stranger.get(path).data)
        return file

    return (
        save("credential.json", f"{address}/credential.json"),
        save("keys.json", "/published/keys.json"),
        save("revocations.json", f"{address}/revocations.json"),
    )


# --- the signature, by plain means ------------------------------------------------------------------------------


def jcs(value) -> bytes:
    """RFC 8785 for what credentials are made of: texts, truth values, lists, objects with plain keys."""
    if isinstance(value, dict):
        return b"{" + b",".join(jcs(key) + b":" + jcs(value[key]) for key in sorted(value)) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(map(jcs, value)) + b"]"
    assert isinstance(value, str | bool), value
    return json.dumps(value, ensure_ascii=False).encode()


def decoded(text: str, size: int) -> bytes:
    number = 0
    for char in text:
        number = number * 58 + BASE58.index(char)
    return number.to_bytes(size, "big")


def plain_check(signed: dict, jwk: dict) -> None:
    """VC-DI-EDDSA, `eddsa-jcs-2022`, with nothing of ours; raises InvalidSignature."""
    options = dict(signed["proof"])
    signature = options.pop("proofValue")
    assert signature[0] == "z"
    document = {name: value for name, value in signed.items() if name != "proof"}
    public = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(jwk["x"] + "=="))
    hashes = hashlib.sha256(jcs(options)).digest() + hashlib.sha256(jcs(document)).digest()
    public.verify(decoded(signature[1:], 64), hashes)


def test_anyone_verifies_a_credential_with_the_published_key(publisher, files):
    credential, published, revocations = (json.loads(file.read_text()) for file in files)
    [jwk] = published["keys"]
    assert jwk["kid"] == credential["proof"]["verificationMethod"]
    plain_check(credential, jwk)
    plain_check(revocations, jwk)
    for changed in ("name", "validFrom", "description"):
        with pytest.raises(InvalidSignature):
            plain_check({**credential, changed: credential[changed] + "0"}, jwk)
    [method] = published["verificationMethod"]
    assert method["controller"] == published["id"] == credential["issuer"]["id"]
    assert published["assertionMethod"] == [method["id"]]
    raw = decoded(method["publicKeyMultibase"][1:], 34)
    assert raw == b"\xed\x01" + base64.urlsafe_b64decode(jwk["x"] + "==")
    assert "d" not in jwk


# --- the form ---------------------------------------------------------------------------------------------------


def test_a_credential_has_the_form_of_open_badges_3(publisher, files):
    """What the standard requires (data model of Open Badges 3.0 §B, and VCDM 2.0), point by point."""
    credential = json.loads(files[0].read_text())
    assert credential["@context"][:2] == [
        "https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    ]  # fmt: skip
    assert credential["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", credential["id"])
    assert credential["issuer"]["type"] == ["Profile"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", credential["validFrom"])
    subject = credential["credentialSubject"]
    assert subject["type"] == ["AchievementSubject"]
    assert subject["id"].endswith(publisher.address)
    [identity] = subject["identifier"]
    assert identity == {
        "type": "IdentityObject", "hashed": False, "identityHash": publisher.organization.name, "identityType": "name",
    }  # fmt: skip
    achievement = subject["achievement"]
    assert achievement["type"] == ["Achievement"]
    assert {"id", "name", "description", "criteria"} <= set(achievement)
    assert achievement["name"] == "情報管理の準備度 段階1（体制登録）"
    assert "自治体が判断します" in achievement["description"]
    assert achievement["criteria"]["narrative"]
    assert credential["credentialStatus"] == {
        "id": subject["id"] + "/revocations.json", "type": "1EdTechRevocationList",
    }  # fmt: skip
    proof = credential["proof"]
    assert (proof["type"], proof["cryptosuite"], proof["proofPurpose"]) == (
        "DataIntegrityProof", "eddsa-jcs-2022", "assertionMethod",
    )  # fmt: skip
    assert None not in _values(credential)
    assert [] not in _values(credential)


def _values(value):
    found = [value]
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
        found += _values(each)
    return found


def test_a_credential_tells_nothing_else_of_the_organization(files):
    said = files[0].read_text()
    for canary in CANARIES:
        assert canary not in said


def test_a_credential_that_is_asked_for_twice_on_a_day_is_one(publisher):
    publisher.publish()
    first = publisher.issue()
    assert publisher.issue().id == first.id
    publisher.organization.name = "NPO法人 あたらしい名前"
    publisher.ladder.house.session.commit()
    assert publisher.issue().id != first.id
    publisher.ladder.time.moment += timedelta(days=1)
    publisher.issue()
    assert len(publisher.credentials()) == 3


def test_the_file_is_kept_byte_for_byte(publisher):
    address = publisher.publish()
    made = publisher.issue()
    served = publisher.stranger.get(f"{address}/credential.json").data
    saved = publisher.officer.get(f"/level-credentials/{made.id}/file")
    assert served == saved.data == made.document.encode()
    assert hashlib.sha256(served).hexdigest() == made.digest
    assert saved.headers["Content-Disposition"].startswith("attachment")


# --- taking back ------------------------------------------------------------------------------------------------


def listed(publisher, address) -> list[str]:
    answer = publisher.json(f"{address}/revocations.json")
    assert all(each["revoked"] is True for each in answer["revokedCredential"])
    return [each["id"] for each in answer["revokedCredential"]]


def test_a_credential_that_was_taken_back_stands_in_the_list(publisher):
    address = publisher.publish()
    first = publisher.issue()
    publisher.ladder.time.moment += timedelta(days=1)
    second = publisher.issue()
    assert listed(publisher, address) == []
    assert publisher.officer.post(f"/level-credentials/{second.id}/revocation").status_code == 303
    assert listed(publisher, address) == [f"urn:uuid:{second.id}"]
    assert publisher.json(f"{address}/credential.json")["id"] == f"urn:uuid:{first.id}"
    again = publisher.officer.post(f"/level-credentials/{second.id}/revocation")
    assert again.status_code == 409
    assert "すでに取り消されています" in again.text
    assert "取り消し" in publisher.representative.get(publisher.room).text


def test_switching_off_takes_every_credential_back_and_the_list_stays(publisher):
    address = publisher.publish()
    made = [publisher.issue()]
    publisher.ladder.time.moment += timedelta(days=1)
    made.append(publisher.issue())
    publisher.representative.post(f"{publisher.room}/end")
    assert set(listed(publisher, address)) == {f"urn:uuid:{each.id}" for each in made}
    session = publisher.ladder.house.session
    session.rollback()
    assert len(session.scalars(select(CredentialRevocation)).all()) == 2


# --- keys -------------------------------------------------------------------------------------------------------


def test_after_a_new_key_old_credentials_verify_until_their_key_is_withdrawn(publisher):
    address = publisher.publish()
    publisher.issue()
    session, moment = publisher.ladder.house.session, publisher.ladder.time.moment
    vault = keys.vault_of(SECRET_KEY)
    old = publisher.json(f"{address}/credential.json")

    def verdict(credential) -> Verdict:
        return verify(credential, publisher.json("/published/keys.json"), now=moment).verdict

    keys.make_key(session, vault, withdraw_earlier=False, by=SYSTEM, now=moment)
    session.commit()
    assert len(publisher.json("/published/keys.json")["keys"]) == 2
    assert verdict(old) is Verdict.VALID
    new = json.loads(publisher.issue().document)
    assert new["proof"]["verificationMethod"] != old["proof"]["verificationMethod"]
    assert verdict(new) is Verdict.VALID
    keys.make_key(session, vault, withdraw_earlier=True, by=SYSTEM, now=moment)
    session.commit()
    assert len(publisher.json("/published/keys.json")["keys"]) == 1
    assert verdict(old) is verdict(new) is Verdict.UNKNOWN_KEY


def test_a_private_key_is_never_readable_in_the_database(publisher):
    publisher.publish()
    publisher.issue()
    session = publisher.ladder.house.session
    session.rollback()
    key = session.scalars(select(SigningKey)).one()
    at = badges.Addresses("https://kids.example")
    signer = keys.signer_of(key, keys.vault_of(SECRET_KEY), at)
    assert signer is not None
    assert signer.private.private_bytes_raw().hex() not in key.sealed
    # Whoever has the database without SECRET_KEY cannot sign; the house then makes a new key by itself.
    assert keys.signer_of(key, keys.vault_of("another key of at least thirty-two characters"), at) is None
    made, _ = keys.present_signer(
        session, keys.vault_of("another key of at least thirty-two characters"), at, now=publisher.ladder.time.moment
    )
    assert made.number == 2


@given(st.binary(max_size=80))
def test_base58_and_back(data):
    assert signing.from_base58(signing.base58(data)) == data


_plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.sampled_from('aA0\\"\n\x1f\u2028\x7f漢ｶ😀'), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3),
    max_leaves=8,
)
_objects = st.dictionaries(st.text("abcd", min_size=1, max_size=3), _plain, max_size=4)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(_objects, _objects)
def test_a_signature_holds_for_what_was_signed_and_for_nothing_else(one, other):
    signed = signing.sign(
        one, signing.Signer(KEY, "https://kids.example#key"), created=datetime(2026, 11, 27, tzinfo=UTC)
    )
    assert signing.is_signed_by(signed, KEY.public_key())
    assert signing.is_signed_by(signing.read_json(json.dumps(signed)), KEY.public_key())
    swapped = {**other, "proof": signed["proof"]}
    assert signing.is_signed_by(swapped, KEY.public_key()) is (signing.canonical(one) == signing.canonical(other))


# --- the command ------------------------------------------------------------------------------------------------


def run(*arguments, expect=0):
    result = CliRunner().invoke(main, ["credential", "verify", *map(str, arguments)])
    assert result.exit_code == expect, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_the_command_says_valid_and_that_revocation_is_unknown(files, publisher):
    credential, published, revocations = files
    said = run(credential, "--keys", published).output
    assert "署名は正しく" in said
    assert publisher.organization.name in said
    assert "段階1（体制登録） 令和8年11月27日" in said
    assert "分かりません" in said
    assert f"{publisher.address}/revocations.json" in said
    found = json.loads(run(credential, "--keys", published, "--revocations", revocations, "--json").output)
    assert (found["verdict"], found["status"]) == ("valid", "not_revoked")
    assert found["listed_at"] == "2026-11-27T00:00:00Z"


def test_the_command_says_that_it_was_taken_back(files, publisher, tmp_path):
    credential, published, before = files
    publisher.representative.post(f"{publisher.room}/end")
    after = tmp_path / "after.json"
    after.write_bytes(publisher.stranger.get(f"{publisher.address}/revocations.json").data)
    assert "取り消されています。" in run(credential, "--keys", published, "--revocations", after, expect=1).output
    # A list that was emptied by hand says nothing any more.
    emptied = json.loads(after.read_text()) | {"revokedCredential": []}
    after.write_text(json.dumps(emptied))
    assert "分かりません" in run(credential, "--keys", published, "--revocations", after).output
    assert "取り消されていません" in run(credential, "--keys", published, "--revocations", before).output


def _deep(credential):
    deep: list = []
    for _ in range(600):
        deep = [deep]
    credential["more"] = deep


TAMPERINGS = {
    "another level": lambda c: c["credentialSubject"]["achievement"].update(
        name="情報管理の準備度 段階4（点検・訓練）"
    ),
    "another day": lambda c: c.update(name=c["name"].replace("11月", "12月")),
    "another organization": lambda c: c["credentialSubject"]["identifier"][0].update(identityHash="ほかの団体"),
    "something added": lambda c: c.update(evidence=[]),
    "a number": lambda c: c.update(evidence=1.5),
    "another list": lambda c: c["credentialStatus"].update(id="https://elsewhere.example/list.json"),
    "no status": lambda c: c.pop("credentialStatus"),
    "another time of signing": lambda c: c["proof"].update(created="2020-01-01T00:00:00Z"),
    "another context": lambda c: c["@context"].append("https://elsewhere.example/context.json"),
    "half a signature": lambda c: c["proof"].update(proofValue=c["proof"]["proofValue"][:40]),
    "no signature": lambda c: c["proof"].pop("proofValue"),
    "a signature of nonsense": lambda c: c["proof"].update(proofValue="z0OIl"),
    "a signature without end": lambda c: c["proof"].update(proofValue="z" + "2" * 100_000),
    "a depth without end": _deep,
}


@pytest.mark.parametrize("how", TAMPERINGS)
def test_the_command_refuses_what_was_tampered_with(files, how):
    credential, published, _ = files
    changed = json.loads(credential.read_text())
    TAMPERINGS[how](changed)
    credential.write_text(json.dumps(changed, ensure_ascii=False))
    result = run(credential, "--keys", published, expect=1)
    assert "書き換えられています" in result.output
    assert "ほかの団体" not in result.output


def test_the_command_tells_other_files_apart(files, tmp_path):
    credential, published, revocations = files
    assert "証明ファイルではないか" in run(revocations, "--keys", published, expect=1).output
    assert "証明ファイルではないか" in run(published, "--keys", published, expect=1).output
    foreign = json.loads(credential.read_text())
    foreign.pop("proof")
    at = badges.Addresses("https://elsewhere.example")
    signer = signing.Signer(KEY, at.key(signing.multikey(KEY.public_key())))
    forged = tmp_path / "forged.json"
    forged.write_text(json.dumps(signing.sign(foreign, signer, created=datetime(2026, 11, 27, tzinfo=UTC))))
    assert "だれが発行したのか分かりません" in run(forged, "--keys", published, expect=1).output
    # Keys of one issuer do not vouch for a document that names another.
    others = tmp_path / "others.json"
    others.write_text(json.dumps(badges.keys([signing.multikey(KEY.public_key())], at)))
    assert "だれが発行したのか分かりません" in run(forged, "--keys", others, expect=1).output
    for content in (b"", b"[]", b"\xff\xfe", b"{", b'{"a": 1, "a": 2}', b"[" * 100_000):
        forged.write_bytes(content)
        assert "読み取れません" in run(forged, "--keys", published, expect=1).output
    for missing in (tmp_path / "nowhere.json", tmp_path):
        assert "場所と名前を確かめて" in run(missing, "--keys", published, expect=1).output


def test_a_credential_of_tomorrow_does_not_hold_yet(files, publisher):
    credential, published, _ = (json.loads(file.read_text()) for file in files)
    moment = publisher.ladder.time.moment
    assert verify(credential, published, now=moment).verdict is Verdict.VALID
    early = verify(credential, published, now=moment - timedelta(days=1))
    assert (early.verdict, early.status) == (Verdict.NOT_YET_VALID, Status.UNKNOWN)


def test_the_operator_makes_new_keys_and_the_history_tells_of_it(publisher, database_url, tmp_path, monkeypatch):
    for name, value in {"DATA_DIR": str(tmp_path), "DATABASE_URL": database_url, "SECRET_KEY": SECRET_KEY}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("BASE_URL", raising=False)
    publisher.publish()
    publisher.issue()
    result = CliRunner().invoke(main, ["credential", "new-key"])
    assert result.exit_code == 0, result.output
    first, second = (each["kid"].split("#")[1] for each in publisher.json("/published/keys.json")["keys"])
    assert first in result.output
    assert second not in result.output
    assert "取り下げました" in CliRunner().invoke(main, ["credential", "new-key", "--withdraw-earlier"]).output
    assert len(publisher.json("/published/keys.json")["keys"]) == 1
    session = publisher.ladder.house.session
    session.rollback()
    made = session.scalars(select(LogLeaf.act).where(LogLeaf.log_id == PLATFORM_LOG)).all()
    assert made == ["signing_key.made"] * 3
