"""The file in which a kit travels: whole and unchanged, or refused as a whole."""

import io
import json
import stat
import time
import warnings
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from partner_compliance.kits import operations, package
from partner_compliance.kits.package import BrokenKit, NewerKit, Package, Publisher
from partner_compliance.kits.words import Activity, Headcount
from partner_compliance.library.shelf import Library
from partner_compliance.rulebooks.texts import Article
from tests.rulebooks.conftest import FRIDAY


def a_package(**changed: Any) -> Package:
    article = Article(
        key="purpose", number="1", chapter="第1章 総則", title="目的",
        text="この規程は、{organization}の決まりを定める。",
        source={"lineage": ["model"]},
    )  # fmt: skip
    said: dict[str, Any] = {
        "format": 1, "kit_id": UUID(int=1), "number": 1, "title": "食堂のキット", "about": "説明",
        "publisher": Publisher(id=UUID(int=2), name="こども食堂", kind="organization"), "activity": Activity.CAFETERIA,
        "headcount": Headcount.FEW, "legal_form": "npo", "published_on": date(2026, 11, 27),
        "rules": (package.PackagedRule(key="privacy-rule", title="個人情報保護規程", articles=(article,)),),
        "extras": ("鍵をかけましたか。",),
    }  # fmt: skip
    return Package(**said | changed)


def members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def zipped(files: dict[str, bytes], prepare: Callable[[zipfile.ZipInfo], None] | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            if prepare:
                prepare(info)
            archive.writestr(info, content)
    return out.getvalue()


WHOLE = members(package.to_file(a_package()))


def test_a_kit_comes_back_as_it_went_and_always_as_the_same_bytes() -> None:
    content = package.to_file(a_package())
    assert package.from_file(content) == a_package()
    assert package.to_file(a_package()) == content
    assert "こども食堂" in members(content)["README.txt"].decode()


NAMES = [
    "../../x",
    "/abs",
    "C:\\x",
    "..\\x",
    "x/../../y",
    "日本".encode("cp932").decode("cp437"),
    "nested.zip",
    "kit.py",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_file_with_any_other_name_is_refused_and_nothing_is_written(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for files in ({**WHOLE, name: b"x"}, {**{k: v for k, v in WHOLE.items() if k != "README.txt"}, name: b"x"}):
        with pytest.raises(BrokenKit):
            package.from_file(zipped(files))
    assert list(tmp_path.iterdir()) == []


def test_links_encryption_doubles_floods_and_bombs_are_refused_quickly() -> None:
    def link(info: zipfile.ZipInfo) -> None:
        if info.filename == "README.txt":
            info.external_attr = (stat.S_IFLNK | 0o777) << 16

    many = zipped({f"{number}.txt": b"" for number in range(10_000)})
    bomb = zipped({**WHOLE, "kit.json": b" " * 200_000_000})
    locked = bytearray(zipped(WHOLE))
    for at in range(len(locked) - 8):
        if locked[at : at + 4] == b"PK\x01\x02":
            locked[at + 8] |= 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile warns of the double that we write on purpose
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for name in ("manifest.json", "kit.json", "kit.json"):
                archive.writestr(name, WHOLE[name])
    started = time.perf_counter()
    for content in (zipped(WHOLE, link), many, bomb, bytes(locked), out.getvalue(), b"", b"PK", b"x" * 3_000_000,
                    package.to_file(a_package())[:-40]):  # fmt: skip
        with pytest.raises(BrokenKit):
            package.from_file(content)
    assert time.perf_counter() - started < 5


def test_a_lie_about_the_size_does_not_help() -> None:
    content = bytearray(zipped({**WHOLE, "kit.json": b" " * 6_000_000}))
    for at in range(len(content) - 30):
        if content[at : at + 4] == b"PK\x01\x02" and b"kit.json" in content[at + 46 : at + 60]:
            content[at + 24 : at + 28] = (100).to_bytes(4, "little")
    with pytest.raises(BrokenKit):
        package.from_file(bytes(content))


def resealed(said: Any, manifest: dict[str, Any] | None = None) -> bytes:
    """A kit's file with another content and a manifest that fits it."""
    import hashlib

    body = said if isinstance(said, bytes) else json.dumps(said, ensure_ascii=False).encode()
    told = json.loads(WHOLE["manifest.json"])
    told["files"]["kit.json"] = {"bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}
    return zipped({**WHOLE, "kit.json": body, "manifest.json": json.dumps(told | (manifest or {})).encode()})


def test_a_changed_content_does_not_fit_its_checksum() -> None:
    changed = WHOLE["kit.json"].replace("食堂".encode(), "学校".encode())
    with pytest.raises(BrokenKit, match="変わっています"):
        package.from_file(zipped({**WHOLE, "kit.json": changed}))


def test_a_kit_of_a_newer_version_is_told_apart() -> None:
    said = json.loads(WHOLE["kit.json"])
    for content in (resealed(said, {"format": 3}), resealed(said | {"format": 3, "courses": []})):
        with pytest.raises(NewerKit):
            package.from_file(content)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000, b'{"format":1,"format":1}', b'{"number":NaN}', b"\xff\xfe", b"[]", b"null", b'"' + b"x" * 10,
        json.dumps({"format": 1, "title": "\ud800"}).encode(), b'{"number": 1e400}', b"{" + b'"a":' * 5000,
    ],
)  # fmt: skip
def test_json_that_is_no_kit_is_refused(body: bytes) -> None:
    with pytest.raises(BrokenKit):
        package.from_file(resealed(body))


def test_unknown_fields_and_wrong_values_are_named() -> None:
    said = json.loads(WHOLE["kit.json"])
    for changed, where in (
        ({"code": "print()"}, "code"), ({"title": ""}, "title"), ({"activity": "x"}, "activity"),
        ({"number": 0}, "number"),
        ({"rules": [said["rules"][0] | {"key": "my-rule"}]}, "rules"),
    ):  # fmt: skip
        with pytest.raises(BrokenKit, match=where):
            package.from_file(resealed(said | changed))


def test_what_cannot_be_used_here_is_refused_with_its_place(library: Library) -> None:
    known = operations.known(library, FRIDAY)
    package.require_package(a_package(), known)

    def article(**changed: Any) -> Package:
        made = a_package().rules[0].articles[0].model_copy(update=changed)
        return a_package(rules=(a_package().rules[0].model_copy(update={"articles": (made,)}),))

    for broken, said in (
        (article(text="{unknown}を守る。"), "第1条"), (article(text="- - - 深い"), "第1条"), (article(number="0"), "0"),
        (article(text="あ\u202eい"), "制御文字"), (article(source={"run": "x"}), "由来"),
        (article(text="あ" * 4001), "4000"),
        (article(serves=("x" * 101,)), "長すぎます"), (article(title=""), "見出し"),
        (a_package(rules=a_package().rules * 2), "二度"), (a_package(answers={"take-out": "x"}), "take-out"),
        (a_package(promises={"my-pledge": ("x",)}), "my-pledge"), (a_package(extras=("",)), "確認"),
        (a_package(courses=("x" * 301,)), "研修"),
        (a_package(promises={"joining": tuple("x" * 11)}), "10個"),
    ):  # fmt: skip
        with pytest.raises(BrokenKit, match=said):
            package.require_package(broken, known)
