"""Whether a typed name is the name on the roster: tolerant of spaces, width and variant kanji, of nothing else."""

import re
import unicodedata

#: Variant kanji of family names, each group beginning with the form to which the others are folded.
_GROUPS = """
高髙 崎﨑嵜碕 辺邊邉 沢澤 斉齊斎齋 浜濱濵 島嶋嶌 広廣 国國 真眞 恵惠 竜龍 桜櫻 徳德
桑桒 栄榮 円圓 塩鹽 黒黑 吉𠮷 富冨 峰峯 野埜 関關 条條 滝瀧 梅楳 万萬 与與 寿壽 礼禮
亀龜 実實 宝寶 来來 静靜 清淸 青靑 巌巖 館舘 薮藪 曽曾 増增 郎郞 瀬瀨 灯燈 栃杤 柳栁
桧檜 秋穐 穂穗 総總 芦蘆 蔵藏 豊豐 遥遙 鉄鐵 鶏雞 頼賴 顕顯 弥彌 当當 応應 彦彥 従從
慎愼 暁曉 気氣 沖冲 浅淺 涼凉 温溫 湾灣 為爲 経經 翠翆 聡聰 芸藝 衛衞 薫薰 蛍螢 読讀
証證 緑綠 鶴靏靍 麦麥 児兒 凛凜 勲勳 台臺 壮壯 妙玅 学學 将將 尭堯 荘莊 戸戶 横橫
槙槇 検檢 権權 歩步 歴歷 毎每 双雙 団團 囲圍 体體 乗乘 亜亞 伝傳 仏佛
""".split()  # noqa: SIM905 -- so many short words are easier to read and to add to in lines
_FOLDED = {ord(variant): group[0] for group in _GROUPS for variant in group[1:]}
#: Variation selectors, which choose between drawings of one character.
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")


def folded(name: str) -> str:
    """A name without spaces, dots between its parts, width and variants, for comparing only; never kept or shown."""
    plain = unicodedata.normalize("NFKC", _SELECTORS.sub("", name))
    return re.sub(r"[\s・･.]", "", plain).translate(_FOLDED).casefold()


def is_same(typed: str, name: str) -> bool:
    """Whether two spellings are one name."""
    return bool(folded(typed)) and folded(typed) == folded(name)


def difference(typed: str, name: str) -> str:
    """Why a typed name is not the one on the roster, in a sentence that says what to do; empty when it is."""
    mine, wanted = folded(typed), folded(name)
    if mine == wanted and mine:
        return ""
    if not mine:
        return "氏名を入力してください。"
    if mine and mine in wanted:
        return f"姓と名の両方を入力してください。名簿のお名前は「{name}」です。"
    if re.fullmatch(r"[ぁ-ゖァ-ヺーa-z]+", mine) and not re.fullmatch(r"[ぁ-ゖァ-ヺーa-z]+", wanted):
        return f"名簿のとおりの文字で入力してください。名簿のお名前は「{name}」です。"
    return (
        f"名簿のお名前「{name}」と違います。まちがいなら直してください。"
        "名簿のほうが違うときは、センター長か個人情報責任者に伝えてください。"
    )
