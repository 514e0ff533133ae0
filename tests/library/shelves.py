"""A small shelf to break: one check sheet, two sections, four items; a course for those who ask for one."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from partner_compliance.config import PROJECT

SHEET = """\
key: take-out
edition: "2030"
title: 持ち出しの点検
source: 試験のための様式
valid_from_month: "2030-04"
default_rule: 保護規程
no_take_out:
  label: 持ち出しなし
  help: 該当なしになります。
  items: ["1-2"]
readings:
  点検: てんけん
sections:
  - number: 1
    title: 持ち出し
    audience: everyone
    items:
      - number: "1-1"
        key: stay
        subject: 持ち出さない
        text: 書類を持ち出しませんでした。
        good: 外に出ていない。
        polarity: affirmative
        source: 1-(1)
      - number: "1-2"
        key: bag
        subject: かばん
        text: "{organization}の「{rule}」どおりに運びました。"
        good: 手元にある。
        guidance: 例：ひざの上に置いた。
        polarity: negative_in_original
        note_required_for: [not_ok]
        source: 1-(2)
      - number: "1-3"
        key: desk
        subject: 机
        text: 机の上に出したままにしませんでした。
        good: 机の上に何もない。
        polarity: affirmative
        source: 1-(3)
  - number: 2
    title: 研修
    audience: center_head
    items:
      - number: "2-1"
        key: talk
        subject: 声かけ
        text: 声をかけました。
        good: 日付が残っている。
        polarity: affirmative
        source: 2-(1)
"""

CLAUSES = """\
edition: "2030"
title: 条項の一覧
source: 試験のための一覧
valid_from_month: "2030-04"
sections:
  - title: 基本
    clauses:
      - key: secrecy
        kind: core
        title: 秘密
        text: 秘密を守ります。
        variants:
          - {key: agreed, label: 定めている}
        source: A09
      - key: copies
        kind: optional
        title: 写し
        text: 写しません。
        variants:
          - {key: forbidden, label: できない}
          - {key: with-approval, label: 承諾があればできる}
        source: A16
"""

PLEDGE = """\
key: joining
edition: "2030"
title: 誓約書
occasions: [joining]
audience: everyone
valid_from: "2030-04-01"
source: 試験のための誓約
opening: 私は、{organization}の活動で、次のことを約束します。
paragraphs:
  - {key: secrecy, text: 秘密を守ります。}
  - {key: returning, text: "{organization}の書類を返します。"}
afterwards: やめた後も続きます。
told:
  - 秘密とは何か
law: basis
closing: 以上を守ります。
"""

LAWS = """\
edition: "2030"
title: 法律
source: 試験のための法律
valid_from: "2000-01-01"
provisions:
  - key: own
    short: 基本の法律
    article: 第1条
    gist: 秘密を守ります。
    holds_for: [own-business]
    valid_from: "2020-04-01"
    source: A
  - key: entrusted
    short: 委託の法律
    article: 第2条
    gist: 任された仕事の秘密を守ります。
    holds_for: [outsourcing, subcontract]
    penalties:
      - {text: 懲役, valid_from: "2020-04-01", valid_to: "2025-05-31"}
      - {text: 拘禁刑, valid_from: "2025-06-01"}
    valid_from: "2020-04-01"
    valid_to: "2035-03-31"
    source: B
  - key: corporation
    short: 協議会の法律
    article: 第3条
    gist: 法人の役員と職員が守ります。
    holds_for: [council_member]
    council_category: corporation
    valid_from: "2020-04-01"
    source: C
"""

_HEAD = """\
edition: "2030"
title: 試験
source: 試験のための一覧
valid_from: "2030-04-01"
"""
#: The smallest files with which the shelf of rules is whole.
RULES = {
    "wizard": _HEAD
    + """\
sections:
  - title: 名前
    questions:
      - {key: organization, kind: text, label: 名前}
""",
    "evidence": _HEAD + "evidence:\n  - {clause: secrecy, shown_by: 誓約書}\n",
    "practices": _HEAD
    + """\
topics:
  - {key: pledges, label: 誓約}
cards:
  - {key: e03, topics: [pledges], title: 誓約, where: 団体, does: 誓約します。, signs: 本人, needs: 紙, source: E03}
""",
    **{
        key: _HEAD
        + f"""\
key: {key}
law_as_of: "2030-04-01"
chapters:
  - number: 1
    title: 総則
    articles:
      - key: secrecy
        number: "1"
        title: 秘密
        why: 守るため。
        who: 全員。
        serves: [secrecy]
        laws: []
        both: [秘密を守る。]
quiz:
  - {{key: a, article: secrecy, question: 守るか, choices: [守る, 守らない], right: 1, because: 守ります。}}
  - {{key: b, article: secrecy, question: 話すか, choices: [話す, 話さない], right: 2, because: 話しません。}}
  - {{key: c, article: secrecy, question: 書くか, choices: [書く, 書かない], right: 2, because: 書きません。}}
"""
        for key in ("privacy-rule", "security-rule", "incident-procedure")
    },
}

COURSE = """\
key: listening
edition: "2030"
title: 聞く講座
summary: 聞いたことの守り方が分かります。
minutes: 5
suits: [everyone, center-heads]
valid_from: "2030-04-01"
law_as_of: "2030-04-01"
source: 試験のための講座
asked: 5
lessons:
  - {file: 1-what.md, title: 何を守るか}
  - {file: 2-whom.md, title: だれに話すか}
readings:
  秘密: ひみつ
questions:
""" + "".join(
    f"""\
  - key: {key}
    lesson: {lesson}
    topic: {place}で聞かれたとき
    situation: {place}で、{{organization}}の子どものことを聞かれました。
    ask: どうしますか。
    choices:
      - {{text: {place}では話さない。, right: true, because: 秘密を守れます。}}
      - {{text: {place}で少しだけ話す。, because: 少しでも伝わります。}}
"""
    for key, lesson, place in (
        ("shop", "1-what.md", "店"),
        ("train", "1-what.md", "電車"),
        ("home", "1-what.md", "家"),
        ("school", "2-whom.md", "学校"),
        ("phone", "2-whom.md", "電話"),
        ("street", "2-whom.md", "道"),
    )
)
#: What lies beside `course.yaml`.
TEXTS = {
    "1-what.md": "**{organization}で聞いたこと**は、{law:own}により秘密です。\n\n" + "- 話しません。\n" * 25,
    "2-whom.md": "担当の人にだけ話します。" * 20 + "\n",
    "handout.md": "聞いたことを守ります。" * 10 + "\n",
    "discussion.md": "どこで聞かれるか、話し合います。" * 10 + "\n",
}


class Shelf:
    """A project folder with a shelf of check sheets in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "checklists"
        (self.folder / "take-out").mkdir(parents=True)
        (self.folder / "README.md").write_text("# 書き方\n", encoding="utf-8")
        (self.folder / "PUBLISHED").touch()
        self.clauses = root / "rules/clauses"
        self.clauses.mkdir(parents=True)
        (self.clauses / "2030.yaml").write_text(CLAUSES, encoding="utf-8")
        (self.clauses / "PUBLISHED").touch()
        for name, content in {"it-clauses": CLAUSES.replace("key: ", "key: it-"), **RULES}.items():
            folder = root / "rules" / name
            folder.mkdir()
            (folder / "2030.yaml").write_text(content, encoding="utf-8")
            (folder / "PUBLISHED").touch()
        self.pledges = root / "pledges"
        self.pledges.mkdir()
        (self.pledges / "PUBLISHED").touch()
        self.courses = root / "courses"
        self.courses.mkdir()
        (self.courses / "PUBLISHED").touch()
        for name in ("readiness", "requirements"):
            folder = root / name
            folder.mkdir()
            (folder / "PUBLISHED").touch()
            content = (PROJECT / name / "2026.yaml").read_text(encoding="utf-8")
            (folder / "2026.yaml").write_text(content, encoding="utf-8")
        self.put_pledge(PLEDGE)
        self.put_pledge(LAWS, "laws/2030.yaml")

    def put(self, content: str | bytes, name: str = "take-out/2030.yaml", *, publish: bool = False) -> None:
        """Lay a file on the shelf and, if asked, freeze it."""
        self._put(self.folder, content, name, publish=publish)

    def put_pledge(self, content: str, name: str = "joining/2030.yaml", *, publish: bool = False) -> None:
        """Lay a file on the shelf of pledges and, if asked, freeze it."""
        self._put(self.pledges, content, name, publish=publish)

    def put_course(
        self,
        content: str | bytes = COURSE,
        folder: str = "listening",
        *,
        texts: Mapping[str, str | bytes | None] = {},
        publish: bool = False,
    ) -> None:
        """Lay a course on its shelf, some of its texts changed or (None) left out and, if asked, freeze it."""
        for name, text in {"course.yaml": content, **TEXTS, **texts}.items():
            if text is not None:
                self._put(self.courses, text, f"{folder}/{name}", publish=publish)

    @staticmethod
    def _put(folder: Path, content: str | bytes, name: str, *, publish: bool) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        if publish:
            with (folder / "PUBLISHED").open("a", encoding="utf-8") as file:
                file.write(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {name}\n")
