"""Refusals: each carries the status and the Japanese sentence its reader sees."""


class Refused(Exception):
    """A request that the rules, the reader's reach or the state of things refuse.

    `message` says what happened, `what_to_do` what the reader can do now; both are plain Japanese.
    """

    status = 409
    title = "この操作はできません"
    message = "いまの状態では、この操作はできません。"
    what_to_do = "前の画面に戻り、最新の状態を確認してください。"

    def __init__(self, message: str | None = None, what_to_do: str | None = None) -> None:
        self.message = message or self.message
        self.what_to_do = what_to_do or self.what_to_do
        super().__init__(self.message)


class RuleBroken(Refused):
    """A rule of the domain says no (409)."""


class NotAllowed(Refused):
    """The reader is known but may not do this (403)."""

    status = 403
    title = "権限がありません"
    message = "この操作を行う権限がありません。"
    what_to_do = "必要な場合は、団体の個人情報責任者に確認してください。"


class NotFound(Refused):
    """Nothing of that name within the reader's reach (404)."""

    status = 404
    title = "ページが見つかりません"
    message = "お探しのページは見つかりませんでした。"
    what_to_do = "アドレスを確認するか、ホームからやり直してください。"


class InvalidInput(Refused):
    """Input that cannot be understood or is incomplete (422)."""

    status = 422
    title = "入力内容を確認してください"
    message = "入力内容に誤りがあります。"
    what_to_do = "入力した内容を確認して、もう一度送信してください。"


class WrongEntry(InvalidInput):
    """Something typed that cannot be; `field` says which field of its form it is."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class TooMany(Refused):
    """Too many attempts in too short a time (429)."""

    status = 429
    title = "しばらくお待ちください"
    message = "短い時間に操作が続いたため、受け付けを止めています。"
    what_to_do = "少し時間をおいてから、もう一度お試しください。"
