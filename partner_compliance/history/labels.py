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
    "kiosk.opened": "端末を共用端末にしました",
    "kiosk.closed": "共用端末の利用を終わらせました",
    "kiosk.slip_issued": "共用端末の暗証番号を決めるための紙を作りました",
    "kiosk.pin_set": "共用端末の暗証番号を決めました",
    "kiosk.pin_failed": "共用端末で、番号の入力を間違えました",
    "kiosk.pin_stopped": "番号の間違いが続いたため、共用端末の暗証番号を止めました",
    "account.factor_added": "サインインの2段階目の確認を登録しました",
    "account.factor_removed": "サインインの2段階目の確認を外しました",
    "account.factors_reset": "サインインの2段階目の確認をリセットしました",
    "account.factor_failed": "サインインの2段階目の確認に失敗しました",
    "account.recovery_codes_made": "回復コードを作り直しました",
    "account.recovery_used": "回復コードを使いました",
    "account.proof_failed": "ご本人の確認に失敗しました",
    "account.session_ended": "ほかの端末でのサインインを終了しました",
    "invitation.made": "招待しました",
    "invitation.accepted": "招待を受けて参加しました",
    "invitation.revoked": "招待を取り消しました",
    "role.granted": "役割を付与しました",
    "role.ended": "役割を終了しました",
    "month.opened": "チェックシートの受付を始めました",
    "month.closed": "月を締めました",
    "rule.drafted": "規程の下書きを作りました",
    "rule.article_changed": "規程の下書きの条を直しました",
    "rule.article_left_out": "規程の下書きから条を除きました",
    "rule.article_put_back": "除いた条を、規程の下書きに戻しました",
    "rule.article_added": "規程の下書きに条を加えました",
    "rule.commented": "規程の下書きにコメントしました",
    "rule.reviewed": "規程の全体を確認しました（見直しを含みます）",
    "rule.draft_discarded": "規程の下書きを取り消しました",
    "rule.adopted": "規程の採択を記録しました",
    "rule.published": "規程を公開しました",
    "rule.unpublished": "規程の公開を取りやめました",
    "rule.acknowledged": "規程を読み、確認しました",
    "rule.source_answered": "規程のもとの変更について決めました",
    "course.assigned": "講座を割り当てました",
    "course.unassigned": "講座の割り当てを終えました",
    "course.finished": "講座を最後まで受けました",
    "course.cancelled": "講座を受けた記録を取り消しました",
    "course.session_prepared": "集まりで行う講座を用意しました",
    "course.session_held": "集まりで講座を行いました",
    "course.drafted": "団体の講座を書き始めました",
    "course.changed": "団体の講座の下書きを直しました",
    "course.published": "団体の講座を公開しました",
    "course.retired": "団体の講座を終えました",
    "rule.opened_to_mentor": "規程の下書きを支援者に開きました",
    "rule.closed_to_mentor": "規程の下書きを支援者から閉じました",
    "rule.summary_printed": "規程の要約を印刷用に出力しました",
    "publication.switched_on": "準備度の公開を始めました",
    "publication.switched_off": "準備度の公開をやめました",
    "publication.listed": "公開している団体の一覧に載せました",
    "publication.unlisted": "公開している団体の一覧から外しました",
    "credential.issued": "段階の証明ファイルを作りました",
    "credential.revoked": "段階の証明ファイルを取り消しました",
    "signing_key.made": "証明ファイルに署名する鍵を作りました",
    "kit.published": "スターターキットを公開しました",
    "kit.withdrawn": "スターターキットの公開を取りやめました",
    "kit.brought_in": "スターターキットのファイルを取り込みました",
    "kit.taken_over": "スターターキットを取り入れました",
    "kit.exported": "スターターキットをファイルに書き出しました",
    "practice.changed": "点検表に添える確認と工夫を変えました",
    "sheet.submitted": "チェックシートを提出しました",
    "sheet.resubmitted": "チェックシートを直して再提出しました",
    "sheet.corrected": "提出済みのチェックシートを訂正しました",
    "sheet.entered_from_paper": "紙のチェックシートを代わりに入力しました",
    "sheet.returned": "チェックシートを差し戻しました",
    "sheet.signed_off": "チェックシートを確認し、確認済みにしました",
    "sheet.excused": "チェックシートの提出対象外にしました",
    "sheet.reconciled": "チェックシートと持ち出し管理台帳の食い違いを説明しました",
    "spot_check.drawn": "抜き打ち確認の対象を選びました",
    "spot_check.recorded": "抜き打ち確認の結果を記録しました",
    "sheet.viewed": "チェックシートを閲覧しました",
    "sheet.printed": "チェックシートを印刷用に出力しました",
    "binder.requested": "ひと月分の綴りの作成を依頼しました",
    "binder.downloaded": "ひと月分の綴りをダウンロードしました",
    "action.closed": "改善の対応を完了にしました",
    "settings.changed": "設定を変更しました",
    "export.made": "一覧をファイルに書き出しました",
    "view.saved": "一覧の条件を保存しました",
    "view.deleted": "保存した条件を削除しました",
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
    "roster.imported": "名簿をファイルから取り込みました",
    "project.created": "事業を登録しました",
    "post.opened": "役職への就任を登録しました",
    "post.ended": "役職の退任を登録しました",
    "worker.viewed": "従事者の情報を閲覧しました",
    "roster.confirmed": "従事者名簿を確認しました",
    "roster.submitted": "提出用の従事者名簿を確定しました",
    "roster.printed": "提出用の従事者名簿を印刷用に出力しました",
    "joining.recorded": "加入の手続きを記録しました",
    "joining.corrected": "加入の手続きの記録を訂正しました",
    "joining.withdrawn": "加入の手続きの記録を取り消しました",
    "leaving.recorded": "退職・活動終了を登録しました",
    "leaving.changed": "退職・活動終了の登録を変更しました",
    "leaving.cancelled": "退職・活動終了の登録を取り消しました",
    "leaving.checked": "退職・活動終了時の確認を記録しました",
    "thing.lent": "貸与品・持ち出しを登録しました",
    "thing.settled": "貸与品・持ち出しの返却などを記録しました",
    "thing.lost": "貸与品・持ち出しの紛失を記録しました",
    "worker.rejoined": "もう一度加入した方を名簿に加えました",
    "account.closed": "アカウントの利用を終了しました",
    "account.reopened": "アカウントを再び使えるようにしました",
    "organization.changed": "団体の情報を変更しました",
    "center.renamed": "拠点の名前を変更しました",
    "center.closed": "拠点を閉所しました",
    "registration.invited": "団体に登録の招待をしました",
    "registration.revoked": "団体への招待を取り消しました",
    "registration.completed": "招待を受けて、団体の登録が完了しました",
    "registration.accepted": "登録済みの団体として、招待を承諾しました",
    "network.opened": "協議会・ネットワークとして登録しました",
    "network.changed": "協議会・ネットワークの情報を変更しました",
    "network.joined": "協議会・ネットワークへの参加が始まりました",
    "network.left": "協議会・ネットワークへの参加を終わりにしました",
    "mandate.given": "ネットワークの事務局に任せることを決めました",
    "mandate.ended": "ネットワークの事務局に任せることを取り消しました",
    "take_out.asked": "持ち出しを申請しました",
    "take_out.written_afterwards": "持ち出しを事後に記入しました",
    "take_out.permitted": "持ち出しを許可しました",
    "take_out.refused": "持ち出しを許可しませんでした",
    "take_out.withdrawn": "持ち出しの申請を取り下げました",
    "take_out.departed": "持ち出しました",
    "take_out.extended": "返却の予定を延ばしました",
    "take_out.returned": "持ち出したものを返却しました",
    "take_out.witnessed": "返却に立ち会い、確認しました",
    "take_out.explained": "持ち出しの記録に説明を書き足しました",
    "take_out.viewed": "持ち出しの記録を閲覧しました",
    "take_out.loss_opened": "返却の数が合わず、紛失のおそれとして記録しました",
    "take_out.loss_written": "紛失のおそれについて、したことを記録しました",
    "take_out.settings_changed": "持ち出しのきまりの設定を変更しました",
    "standing.granted": "継続許可を出しました",
    "standing.ended": "継続許可を取り消しました",
    "label.made": "持ち出し用のラベルを作りました",
    "label.retired": "持ち出し用のラベルを使い終わりにしました",
    "substitute.named": "持ち出しを代わりに許可する方を決めました",
    "substitute.ended": "持ち出しを代わりに許可する役を終わりにしました",
    "receipt.written": "預かり証を書きました",
    "receipt.confirmed": "授受を確認しました",
    "receipt.refused": "授受の内容が違うと伝えました",
    "receipt.withdrawn": "預かり証を取り下げました",
    "receipt.extended": "返却・廃棄の期日を延ばしました",
    "receipt.ended": "返却・廃棄を記録しました",
    "receipt.acknowledged": "返却・廃棄の記録を確認しました",
    "receipt.viewed": "授受の記録を閲覧しました",
    "pledge.signed": "誓約に署名しました",
    "pledge.entered": "紙の誓約を入力しました",
    "pledge.scanned": "署名した紙の画像を保存しました",
    "pledge.cancelled": "誓約の記録を取り消しました",
    "pledge.told": "誓約の説明を記録しました",
    "pledge.wording_changed": "誓約の追加の文面を変更しました",
    "pledge.year_chosen": "誓約の年の始まりを変更しました",
    "pledge.reminded": "誓約の署名をお願いするメールを送りました",
    "pledge.viewed": "誓約の記録を閲覧しました",
    "council.asked": "協議会の構成員になる承諾をお願いしました",
    "council.consented": "協議会の構成員になることを承諾しました",
    "council.declined": "協議会の構成員になることを辞退しました",
    "council.withdrawn": "協議会の構成員のお願いを取り下げました",
    "council.ended": "協議会の構成員の終了を記録しました",
    "meeting.convened": "会議の出席者名簿を作りました",
    "meeting.seated": "会議の出席者を名簿に書きました",
    "meeting.signed": "会議の出席者名簿に署名しました",
    "meeting.read_out": "守秘の説明の読み上げを記録しました",
    "meeting.absent": "会議の欠席を記録しました",
    "meeting.closed": "会議の出席者名簿を締め切りました",
    "meeting.viewed": "会議の出席者名簿を閲覧しました",
    "criterion.added": "自治体の基準を加えました",
    "requirement.set": "共有の条件を定めました",
    "acceptance.given": "期限付きの取り決めをしました",
    "acceptance.ended": "期限付きの取り決めを取り消しました",
    "sharing.held": "新しい共有を止めました",
    "sharing.released": "新しい共有の停止を解きました",
    "sharing.decided": "共有するかどうかを決めました",
    "sharing.seen": "共有の内容を確認しました",
    "sharing.reviewed_fit": "緊急の共有を確かめました（適切）",
    "sharing.reviewed_unfit": "緊急の共有を確かめました（改める点あり）",
    "sharing.kept": "共有を続けると決めました",
    "sharing.paused": "共有を止めました",
    "sharing.resumed": "共有を再開しました",
    "sharing.ended": "共有の終了を記録しました",
    "api.token_made": "システムのAPIキーを作りました",
    "api.token_revoked": "システムのAPIキーを取り消しました",
    "api.asked": "自治体のシステムから照会がありました（その日の最初の1回）",
    "inspection.opened": "調査を開きました",
    "inspection.viewed": "調査で、個人の記録を閲覧しました",
    "inspection.listed": "調査で、個人の記録の一覧を閲覧しました",
    "inspection.closed": "調査を終了しました",
    "demand.found": "調査の指摘を伝えました",
    "demand.asked": "改善をお願いしました",
    "demand.answered": "指摘・改善依頼に回答しました",
    "demand.sent_back": "指摘・改善依頼の回答を差し戻しました",
    "demand.accepted": "指摘・改善依頼を完了にしました",
    "demand.withdrawn": "指摘・改善依頼を取り下げました",
    "objection.made": "準備度の段階について申し出ました",
    "objection.answered": "段階についての申出に回答しました",
    "objection.withdrawn": "段階についての申出を取り下げました",
    "operator.created": "運営者のアカウントを作成しました",
    "database.restored": "バックアップからデータを復元しました",
}


#: The words of a decision about sharing, as entries hold them.
_SHARED = {"share": "共有する", "refuse": "共有しない", "emergency": "緊急のため、先に共有する"}

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
#: What was given out as a file.
_EXPORTED = {
    "roster": "従事者名簿",
    "take_outs": "持ち出し管理台帳",
    "receipts": "授受簿",
    "pledges": "誓約書を提出した者の一覧",
    "levels": "準備度の一覧",
    "report": "月次報告",
}


#: The words of joining, leaving and lent things as entries hold them.
_STEPS = {"briefing": "きまりの説明", "pledge": "誓約", "course": "加入時の研修"}
_LEAVING_REASONS = {
    "resigned": "退職",
    "ended": "活動の終了",
    "term_over": "任期・契約の満了",
    "elsewhere": "ほかの団体への移動",
    "died": "死亡",
    "other": "その他",
}
_CHECKS = {
    "keys": "鍵",
    "badges": "入館証・名札",
    "computers": "パソコン",
    "phones": "スマートフォン・タブレット",
    "media": "媒体",
    "documents": "書類",
    "own_devices": "私物からの業務データの削除",
    "shared_accounts": "共有フォルダー・チャットなどの利用停止",
    "pledge": "退職時の誓約",
}
_OUTCOMES = {
    "done": "済み",
    "none": "なし",
    "open": "まだ",
    "posted": "郵送済み・返送なし",
    "unreachable": "連絡がつかない",
    "died": "死亡",
}
_THINGS = {
    "key": "鍵",
    "badge": "入館証・名札",
    "computer": "パソコン",
    "phone": "スマートフォン・タブレット",
    "medium": "媒体",
    "document": "書類",
    "other": "その他",
}
_FATES = {
    "returned": "返却",
    "damaged": "返却（こわれ・不足あり）",
    "erased": "消去・廃棄",
    "lost": "紛失",
    "mistake": "登録の誤り",
}


#: The words of take-outs as entries hold them.
_MEDIA = {
    "paper": "紙の書類",
    "computer": "パソコン",
    "phone": "スマートフォン・タブレット",
    "stick": "USBメモリーなどの媒体",
    "other": "鍵・その他",
}
_PERMISSIONS = {
    "before": "出発前の許可",
    "standing": "継続許可",
    "after": "出発後の許可",
    "none": "許可なし",
    "refused": "不許可",
}


_DIRECTIONS = {
    "inside": "団体の中",
    "from_municipality": "自治体から団体へ",
    "to_municipality": "団体から自治体へ",
}
_OCCASIONS = {
    "joining": "入ったとき",
    "annual": "毎年度",
    "engagement": "事業ごと",
    "leaving": "活動を終えるとき",
}
_METHODS = {
    "by_hand": "手渡しで返却",
    "registered_mail": "追跡できる方法で返却",
    "shredded": "裁断",
    "dissolved": "溶解処理",
    "erased": "データを消去",
    "broken": "媒体を破壊",
    "other": "その他の方法",
}


#: What a municipality's system asked.
_ASKED = {"readiness": "準備度", "gate_check": "共有できるかの確認"}
#: Which records an inspection has shown, as entries hold them.
_RECORDS = {
    "roster": "従事者名簿",
    "sheets": "チェックシートの一覧",
    "sheet": "チェックシート",
    "take_outs": "持ち出し管理台帳",
    "take_out": "持ち出しの記録",
    "receipts": "授受簿",
    "pledges": "誓約の一覧",
    "courses": "講座の結果の一覧",
}


def _roles(value: Detail) -> str:
    return "・".join(_role(role) for role in str(value).split("、"))


def _fields(value: Detail) -> str:
    return "・".join(_FIELDS.get(field, field) for field in str(value).split("、"))


_TASKS = {"paper": "紙のシートの入力", "heads": "センター長のシートの確認"}
_FACTS = {
    "name": "団体の名前",
    "legal_form": "法人格",
    "corporate_number": "法人番号",
    "representative_name": "代表者",
    "representative_kana": "代表者のフリガナ",
    "address": "所在地",
    "phone": "電話番号",
}


def _listed(names: dict[str, str]) -> Callable[[Detail], str]:
    return lambda value: "・".join(names.get(each, each) for each in str(value).split("、"))


#: How a detail is woven into the sentence; a detail without a form here stays out of it.
_FORMS: dict[str, Callable[[Detail], str]] = {
    "month": _month,
    "center": str,
    "place": str,
    "number": lambda value: f"第{value}号",
    "role": _role,
    "roles": _roles,
    "way": lambda value: {"mail": "メールで", "paper": "印刷した紙で"}.get(str(value), ""),
    "post": lambda value: _POSTS.get(str(value), str(value)),
    "project": str,
    "device": lambda value: f"端末「{value}」",
    "fields": _fields,
    "source": lambda value: _SOURCES.get(str(value), ""),
    "network": lambda value: f"{value}の事務局として",
    "of_network": str,
    "member": str,
    "group": str,
    "inviter": lambda value: f"{value}からの招待",
    "tasks": _listed(_TASKS),
    "facts": _listed(_FACTS),
    "reason": lambda value: f"理由: {_REASONS.get(str(value), value)}",
    "factor": lambda value: {"totp": "認証アプリ", "passkey": "パスキー"}.get(str(value), ""),
    "item": lambda value: f"項目{value}",
    "items": lambda value: f"項目{value}",
    "version": lambda value: f"第{value}版",
    "level": lambda value: f"段階{value}",
    "as_of": lambda value: f"{value}の記録から",
    "sheets": lambda value: f"{value}人分",
    "workers": lambda value: f"従事者{value}人",
    "handlers": lambda value: f"取扱者{value}人",
    "incomplete": lambda value: f"記入の足りない方{value}人" if value else "",
    "submission_number": lambda value: f"第{value}回",
    "excused": lambda value: f"対象外{value}人",
    "count": lambda value: f"{value}件",
    "rows": lambda value: f"{value}件",
    "added": lambda value: f"追加{value}人",
    "changed": lambda value: f"変更{value}人",
    "ended": lambda value: f"活動終了{value}人",
    "exported": lambda value: _EXPORTED.get(str(value), ""),
    "form": str,
    "shared_view": lambda value: "みんなで使う条件" if value else "",
    "submission": lambda value: f"提出期限は第{value}営業日",
    "sign_off": lambda value: f"確認期限は第{value}営業日",
    "late": lambda value: "期限後" if value else "",
    "step": lambda value: _STEPS.get(str(value), str(value)),
    "on": lambda value: f"{value}付",
    "leaving_reason": lambda value: _LEAVING_REASONS.get(str(value), str(value)),
    "check": lambda value: _CHECKS.get(str(value), str(value)),
    "outcome": lambda value: _OUTCOMES.get(str(value), str(value)),
    "kind_of_thing": lambda value: _THINGS.get(str(value), str(value)),
    "fate": lambda value: _FATES.get(str(value), str(value)),
    "pieces": lambda value: f"{value}点",
    "medium": lambda value: _MEDIA.get(str(value), str(value)),
    "class": str,
    "permission": lambda value: _PERMISSIONS.get(str(value), ""),
    "amiss": lambda value: "違うところあり" if value else "",
    "direction": lambda value: _DIRECTIONS.get(str(value), ""),
    "side": lambda value: {"giver": "渡した側", "receiver": "受け取った側"}.get(str(value), ""),
    "method": lambda value: _METHODS.get(str(value), ""),
    "things": lambda value: f"{value}種類",
    "occasion": lambda value: _OCCASIONS.get(str(value), ""),
    "people": lambda value: f"{value}人",
    "mails": lambda value: f"{value}通",
    "material": lambda value: "大きな変更" if value else "小さな変更",
    "from": lambda value: f"{value}から",
    "measure": str,
    "outcome_of_sharing": lambda value: _SHARED.get(str(value), ""),
    "expected": lambda value: f"持ち出した数{value}",
    "found": lambda value: f"戻った数{value}",
    "system": str,
    "hint": lambda value: f"{value}…",
    "asked": lambda value: _ASKED.get(str(value), ""),
    "paper": str,
    "by_municipality": lambda value: f"{value}の調査",
    "records": lambda value: _RECORDS.get(str(value), ""),
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
