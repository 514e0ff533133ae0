"""Words of the kits room that the database keeps."""

from enum import StrEnum


class Activity(StrEnum):
    """What kind of work a kit comes from."""

    CAFETERIA = "cafeteria"
    LEARNING = "learning"
    VISITING = "visiting"
    PLACE = "place"
    CONSULTATION = "consultation"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The activity's name on screens."""
        return {
            Activity.CAFETERIA: "子ども食堂・配食",
            Activity.LEARNING: "学習支援",
            Activity.VISITING: "家庭訪問・見守り",
            Activity.PLACE: "居場所",
            Activity.CONSULTATION: "相談支援",
            Activity.OTHER: "その他",
        }[self]


class Headcount(StrEnum):
    """How many people work where a kit comes from."""

    FEW = "few"
    SOME = "some"
    MANY = "many"

    @property
    def label(self) -> str:
        """The size's name on screens."""
        return {Headcount.FEW: "10人まで", Headcount.SOME: "11人から50人", Headcount.MANY: "51人以上"}[self]


class Part(StrEnum):
    """What can be taken over from a kit, each by itself."""

    RULES = "rules"
    PROMISES = "promises"
    EXTRAS = "extras"
    TIPS = "tips"
    COURSES = "courses"

    @property
    def label(self) -> str:
        """The part's name on screens."""
        return {
            Part.RULES: "規程（下書きを作ります）",
            Part.PROMISES: "誓約書に追加する約束",
            Part.EXTRAS: "点検表に添える確認",
            Part.TIPS: "工夫のメモ",
            Part.COURSES: "研修で使う題材と、団体の講座（講座は下書きを作ります）",
        }[self]
