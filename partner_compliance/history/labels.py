"""What an entry says in plain Japanese."""

from collections.abc import Callable

from partner_compliance.access import Role
from partner_compliance.clock import is_month, screen_month
from partner_compliance.history.entries import Entry

Detail = str | int | bool | None

_SENTENCES = {
    "account.created": "アカウントを作成しました",
    "account.signed_in": "サインインしました",
    "account.sign_in_failed": "サインインに失敗しました",
    "account.signed_out": "サインアウトしました",
    "account.password_changed": "パスワードを変更しました",
    "account.reset_issued": "パスワードの再設定用紙を発行しました",
    "account.reset_requested": "パスワードの再設定を申し込みました",
    "account.reset_used": "再設定の手続きでパスワードを新しくしました",
    "account.disabled": "サインインの失敗が続いたため、パスワードの利用を止めました",
    "account.enabled": "アカウントを再び使えるようにしました",
    "role.granted": "役割を付与しました",
    "role.ended": "役割を終了しました",
    "month.opened": "チェックシートの受付を始めました",
    "month.closed": "月を締めました",
    "sheet.submitted": "チェックシートを提出しました",
    "sheet.resubmitted": "チェックシートを直して再提出しました",
    "sheet.corrected": "提出済みのチェックシートを訂正しました",
    "sheet.entered_from_paper": "紙のチェックシートを代わりに入力しました",
    "sheet.returned": "チェックシートを差し戻しました",
    "sheet.signed_off": "チェックシートを確認し、確認済みにしました",
    "sheet.excused": "チェックシートの提出対象外にしました",
    "sheet.viewed": "チェックシートを閲覧しました",
    "sheet.printed": "チェックシートを印刷用に出力しました",
    "binder.requested": "ひと月分の綴りの作成を依頼しました",
    "binder.downloaded": "ひと月分の綴りをダウンロードしました",
    "action.closed": "改善の対応を完了にしました",
    "settings.changed": "設定を変更しました",
    "export.made": "一覧をファイルに書き出しました",
    "history.viewed": "操作の記録を閲覧しました",
    "history.erased": "記録の内容を消去しました",
    "organization.created": "団体を登録しました",
    "municipality.created": "自治体を登録しました",
    "center.created": "拠点を登録しました",
    "engagement.started": "契約・協定の期間を登録しました",
    "engagement.ended": "契約・協定を途中で終えました",
    "engagement.proposed": "連携関係を提案しました",
    "engagement.accepted": "連携関係の提案を承諾しました",
    "engagement.declined": "連携関係の提案を辞退しました",
    "engagement.withdrawn": "連携関係の提案を取り下げました",
    "engagement.change_proposed": "連携関係の変更を提案しました",
    "engagement.changed": "連携関係の変更を承諾しました",
    "engagement.kept": "はじめに登録された連携関係の内容を控えました",
    "engagement.assigned": "連携関係の担当を登録しました",
    "engagement.code_made": "連携コードを新しくしました",
    "clauses.recorded": "契約の条項を記録しました",
    "place.added": "作業場所・保管場所を登録しました",
    "place.changed": "作業場所・保管場所の登録を変更しました",
    "place.closed": "作業場所・保管場所を使い終わったと記録しました",
    "place.notice_sent": "作業場所・保管場所の届を自治体に出しました",
    "place.notice_received": "作業場所・保管場所の届を受け取りました",
    "place.notice_approved": "作業場所・保管場所の届を承認しました",
    "place.notice_refused": "作業場所・保管場所の届を承認しませんでした",
    "worker.added": "従事者を名簿に加えました",
    "worker.changed": "従事者の登録内容を変更しました",
    "project.created": "事業を登録しました",
    "post.opened": "役職への就任を登録しました",
    "post.ended": "役職の退任を登録しました",
    "worker.viewed": "従事者の情報を閲覧しました",
    "operator.created": "運営者のアカウントを作成しました",
    "database.restored": "バックアップからデータを復元しました",
}


#: The words of an excuse as entries hold them; kept here too, so that old entries stay readable.
_REASONS = {"leave": "休職・長期休暇", "no_activity": "今月の活動なし", "left": "退職・活動終了", "other": "その他"}


def _month(value: Detail) -> str:
    return f"{screen_month(value)}分" if isinstance(value, str) and is_month(value) else str(value)


def _role(value: Detail) -> str:
    return Role(value).label if value in list(Role) else str(value)


#: The words of posts and of the roster's fields as entries hold them.
_POSTS = {
    "representative": "代表者",
    "privacy_officer": "個人情報責任者",
    "privacy_officer_deputy": "個人情報責任者の代理",
    "security_manager": "情報セキュリティ管理者",
    "security_manager_deputy": "情報セキュリティ管理者の代理",
    "center_head": "センター長",
    "volunteer_coordinator": "ボランティアコーディネーター",
}
_FIELDS = {
    "name": "氏名",
    "name_kana": "フリガナ",
    "staff_number": "職員番号",
    "kind": "区分",
    "center_id": "主な拠点",
    "other_centers": "そのほかの拠点",
    "projects": "事業",
    "is_handler": "個人情報取扱者",
    "files_sheets": "シートの提出",
    "joined_on": "活動を始めた日",
    "left_on": "活動を終えた日",
}
_SOURCES = {
    "import": "ファイルの取り込み",
    "joining": "加入の手続き",
    "leaving": "退職・活動終了の手続き",
    "move": "異動の手続き",
    "setup": "利用開始時の登録",
}


def _fields(value: Detail) -> str:
    return "・".join(_FIELDS.get(field, field) for field in str(value).split("、"))


#: How a detail is woven into the sentence; a detail without a form here stays out of it.
_FORMS: dict[str, Callable[[Detail], str]] = {
    "month": _month,
    "center": str,
    "place": str,
    "number": lambda value: f"第{value}号",
    "role": _role,
    "post": lambda value: _POSTS.get(str(value), str(value)),
    "project": str,
    "fields": _fields,
    "source": lambda value: _SOURCES.get(str(value), ""),
    "reason": lambda value: f"理由: {_REASONS.get(str(value), value)}",
    "item": lambda value: f"項目{value}",
    "items": lambda value: f"項目{value}",
    "version": lambda value: f"第{value}版",
    "sheets": lambda value: f"{value}人分",
    "excused": lambda value: f"対象外{value}人",
    "count": lambda value: f"{value}件",
    "rows": lambda value: f"{value}件",
    "submission": lambda value: f"提出期限は第{value}営業日",
    "sign_off": lambda value: f"確認期限は第{value}営業日",
    "late": lambda value: "期限後" if value else "",
    "erased_idx": lambda value: f"記録番号{value}",
    "clock_stepped_back": lambda _: "サーバーの時計が戻っていたため、時刻は直前の記録に合わせています",
}


def sentence(entry: Entry) -> str:
    """What happened, with the details that can be told; an act without a sentence is shown by its name."""
    if entry.erased:
        return f"{_SENTENCES.get(entry.act, entry.act)}（内容は消去されています）"
    told = [_FORMS[name](value) for name, value in entry.details.items() if name in _FORMS and value not in (None, "")]
    told = [words for words in told if words]
    return _SENTENCES.get(entry.act, entry.act) + (f"（{'、'.join(told)}）" if told else "")
