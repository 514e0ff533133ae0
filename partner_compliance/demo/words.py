"""The words of the demo: names with their readings, and what people write into a sheet."""

from random import Random

from partner_compliance.organizations.models import LegalForm

_SURNAMES = """
佐藤さとう 鈴木すずき 髙橋たかはし 田中たなか 伊藤いとう 渡邉わたなべ 山本やまもと 中村なかむら 小林こばやし 加藤かとう
𠮷田よしだ 山田やまだ 佐々木ささき 山口やまぐち 松本まつもと 井上いのうえ 木村きむら 林はやし 斎藤さいとう 清水しみず
山﨑やまざき 森もり 池田いけだ 橋本はしもと 阿部あべ 石川いしかわ 山下やました 中島なかじま 石井いしい 小川おがわ
前田まえだ 岡田おかだ 長谷川はせがわ 藤田ふじた 後藤ごとう 近藤こんどう 村上むらかみ 遠藤えんどう 青木あおき
齋藤さいとう 坂本さかもと 福田ふくだ 太田おおた 西村にしむら 藤井ふじい 金子かねこ 岡本おかもと 藤原ふじわら 三浦みうら
中野なかの 原田はらだ 松田まつだ 竹内たけうち 小野おの 中川なかがわ 和田わだ 森田もりた 柴田しばた 酒井さかい
邊見へんみ 神﨑かんざき 濵田はまだ 栁やなぎ 葛󠄀西かさい 喜屋武きゃん 比嘉ひが 五十嵐いがらし 東海林しょうじ
宮﨑みやざき 小鳥遊たかなし
"""

_GIVEN = """
陽子ようこ 美咲みさき 健一けんいち 直樹なおき 由美子ゆみこ 恵子けいこ 翔太しょうた 大輔だいすけ 久美子くみこ 智子ともこ
裕子ゆうこ 和夫かずお 誠まこと 真由美まゆみ 幸子さちこ 洋平ようへい 彩あや 麻衣まい 拓也たくや 達也たつや
明美あけみ 純一じゅんいち 隆たかし 千尋ちひろ 恵めぐみ 俊介しゅんすけ 香織かおり 浩二こうじ 奈々なな 節子せつこ
正雄まさお 典子のりこ 慎也しんや 里奈りな 優ゆう 葵あおい 蓮れん さくらさくら 一郎いちろう 文子ふみこ
圭介けいすけ 早苗さなえ 光みつる 薫かおる 雅人まさと 晴美はるみ 悠斗ゆうと 千代子ちよこ 慶けい 紗季さき
"""


def _pairs(text: str) -> list[tuple[str, str]]:
    """Names with their readings, which are the hiragana at each word's end (a name all in hiragana is its reading)."""
    pairs = []
    for word in text.split():
        half = len(word) // 2
        if word[:half] == word[half:]:
            pairs.append((word[:half], word[half:]))
            continue
        start = len(word)
        while start > 0 and "ぁ" <= word[start - 1] <= "ゖ":
            start -= 1
        pairs.append((word[:start], word[start:]))
    return pairs


SURNAMES = _pairs(_SURNAMES)
GIVEN = _pairs(_GIVEN)


class Names:
    """Gives out names with their readings, none twice."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._given_out: set[str] = set()

    def next(self) -> tuple[str, str]:
        """The next name and its reading."""
        while True:
            surname, given = self._random.choice(SURNAMES), self._random.choice(GIVEN)
            name = f"{surname[0]} {given[0]}"
            if name not in self._given_out:
                self._given_out.add(name)
                return name, f"{surname[1]} {given[1]}"


#: What is written beside 要改善, and what was done about it, by item.
IMPROVEMENTS: dict[str, list[tuple[str, str]]] = {
    "1-2": [
        ("急ぎの訪問で、台帳への記入が出発の後になりました。", "出発前に書けるよう、台帳を玄関横に移しました。"),
        (
            "許可をもらう前に資料をかばんに入れてしまい、後から報告しました。",
            "許可の順番を朝の打ち合わせで確認しました。",
        ),
    ],
    "1-3": [
        ("戻りが夜になり、照合が翌朝になりました。", "夜に戻る日は、当番と2人で照合することにしました。"),
        ("枚数の確認はしましたが、台帳の戻り欄を書き忘れました。", "戻り欄の色を変えて、目に付くようにしました。"),
    ],
    "1-4": [("かばんの口が壊れていて、閉まらない状態で運びました。", "新しいかばんを配りました。")],
    "1-6": [("帰りに買い物に寄りました。次からは先に事務所へ戻ります。", "寄り道をしない道順を本人と確認しました。")],
    "1-10": [
        ("貸出用パソコンのパスワードが、共有の簡単なもののままでした。", "一人ずつのパスワードに変えました。"),
        ("USBメモリーに暗号化の設定がありませんでした。", "暗号化された機器に取り替えました。"),
    ],
    "2-1": [
        ("電話に出るとき、書類を机に置いたままにしたことがありました。", "席を立つときの声かけを始めました。"),
        ("来客の対応で、名簿を机の上に出したままにしました。", "来客用の机を分けました。"),
    ],
    "2-2": [
        ("キャビネットの鍵が引き出しに入れたままでした。", "鍵の保管箱を設け、鍵の係を決めました。"),
        ("鍵のかかる場所がいっぱいで、一部を棚に置いています。", "古い書類を処分し、場所を空けました。"),
    ],
    "3-1": [("シュレッダーが故障していて、処分待ちの紙がたまっています。", "修理が終わり、たまった紙を処分しました。")],
    "4-1": [("規程の新しい版をまだ読めていません。", "読み合わせの時間を取り、全員が読みました。")],
    "5-1": [("忙しく、今月は声かけの時間を取れませんでした。", "月初めの打ち合わせに組み込みました。")],
    "5-3": [("新しく入った方に、まだ連絡の順番を伝えられていません。", "連絡の順番を書いた紙を渡して説明しました。")],
}

#: What is written beside わからない, and how it was cleared up, by item.
DOUBTS: dict[str, list[tuple[str, str]]] = {
    "1-1": [("行事の連絡表も「大切な書類」に入るのか、わかりませんでした。", "入ることを、全員に伝えました。")],
    "1-7": [("家庭訪問先の玄関で開くのはよいのか、教えてください。", "外から見えない場所で開くことを確認しました。")],
    "1-10": [("自分のスマートフォンは含まれますか。", "含まれることと、使わない決まりを説明しました。")],
    "3-1": [("下書きのメモも裁断が必要か、わかりませんでした。", "必要なことを説明しました。")],
    "4-1": [("規程のどの部分が自分に関係するのか、まだわかりません。", "関係する章に印を付けて渡しました。")],
}

RETURNS = (
    "1-3が「適正」になっていますが、台帳の戻り欄が空いています。確かめて直してください。",
    "1-10は、機器を持ち出していなければ「該当なし」を選んでください。",
    "持ち出しが2件ありました。「持ち出しがなかった」ではないと思います。見直してください。",
    "気づいたことを、もう少し具体的に書いてください。",
    "2-2について、鍵の件を先日話したとおりに書いてください。",
)
CORRECTIONS = (
    "提出した後で、台帳の記入もれに気づいたため。",
    "1-10の答えを取り違えていたため。",
    "先月分の内容を書いてしまったため。",
)
OTHER_EXCUSES = (
    "月の途中で別の事業に移り、個人情報を扱わなかったため。",
    "実習の期間が終わり、次の受け入れまで活動がないため。",
)

#: The centers and titles of the partners that fill a large demo.
AREAS = (
    "潮見台", "浜名原", "若葉野", "星ヶ谷", "月見原", "花水木台", "白砂", "青波", "朝凪", "夕凪", "松風台",
    "千鳥野", "かもめ台", "桜坂下", "楓の里", "せせらぎ台", "風の丘", "虹ヶ浜", "野ばら台", "小鹿原", "水車町",
)  # fmt: skip
THEMES = (
    ("こどもの家", LegalForm.NPO),
    ("まなび広場", LegalForm.NPO),
    ("おやこ食堂の会", LegalForm.UNINCORPORATED_GROUP),
    ("福祉会", LegalForm.SOCIAL_WELFARE_CORPORATION),
    ("子育てひろば", LegalForm.GENERAL_ASSOCIATION),
    ("学習支援の会", LegalForm.NPO),
    ("居場所ネット", LegalForm.NPO),
    ("児童育成財団", LegalForm.GENERAL_FOUNDATION),
    ("放課後クラブ", LegalForm.GENERAL_ASSOCIATION),
    ("ゆめ基金", LegalForm.PUBLIC_INTEREST_CORPORATION),
    ("学園", LegalForm.SCHOOL_CORPORATION),
    ("フードパントリー", LegalForm.UNINCORPORATED_GROUP),
    ("相談室", LegalForm.NPO),
    ("見守り隊", LegalForm.UNINCORPORATED_GROUP),
    ("訪問支援センター", LegalForm.SOCIAL_WELFARE_CORPORATION),
)
PREFIXES = {
    LegalForm.NPO: "NPO法人 ",
    LegalForm.SOCIAL_WELFARE_CORPORATION: "社会福祉法人 ",
    LegalForm.GENERAL_ASSOCIATION: "一般社団法人 ",
    LegalForm.GENERAL_FOUNDATION: "一般財団法人 ",
    LegalForm.PUBLIC_INTEREST_CORPORATION: "公益財団法人 ",
    LegalForm.SCHOOL_CORPORATION: "学校法人 ",
}
PROJECTS = (
    "子どもの見守り強化事業", "放課後の居場所づくり事業", "子育て家庭訪問支援事業", "学習・生活支援事業",
    "こども食堂運営支援事業", "一時預かり事業",
)  # fmt: skip
