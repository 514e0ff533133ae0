"""Who gets in where: one line for each endpoint and each thing it can be asked about.

Letters: W worker, H head of the worker's center, X head of another center of the same organization, O protection
officer, R representative, M municipal officer (its engagement is valid today), P operator, N office of a network of
which the organization is a member and to which it has entrusted all that can be. `enters` names those who are let in,
`sees_no` those who reach the thing but may not do this (403); for everyone else it does not exist (404). N reaches
sheets and centers, and nothing else. Strangers are sent to the door, except where `public` says otherwise.

A stranger to the tenant gets 404 for everything; the operator reaches the tenants themselves, and gets 403 there.
"""

from dataclasses import dataclass

EVERYONE = "WHXORMPN"
INSIDE = "WHXOR"


@dataclass(frozen=True)
class Expect:
    """What happens to whom, at one endpoint, for one target in the own tenant."""

    enters: str = ""
    sees_no: str = ""
    #: What is asked about: a name that `tests.world` turns into the values of the address; empty for none.
    target: str = ""
    #: For everyone, signed in or not, the same status.
    public: int = 0
    #: What a form on the page sends.
    form: tuple[tuple[str, str], ...] = ()


def _form(**fields: str) -> tuple[tuple[str, str], ...]:
    return tuple(fields.items())


_RETURN = _form(version="1", comment="番号を書いてください。")
_EXCUSE = _form(reason="leave", text="")
_STEP = _form(done_on="2026-11-26", manner="alone", subject="規程", by_whom="西 守", reason="日付の誤り")
_THING = _form(kind="key", label="鍵 No.3", count="1", handed_on="2026-11-26")
_POST = _form(post="volunteer_coordinator", center="", from_on="2026-11-27")
_THINGS_OUT = _form(
    medium="paper", description="訪問記録 3件", count="3", data_class="D4", reason="visit", purpose="訪問",
    destination="東地区", leaves="2026-11-27T14:00", returns="2026-11-27T17:00",
)  # fmt: skip
_ROLE = _form(role="representative", center="")

EXPECT: dict[str, list[Expect]] = {
    # the door, and pages for everyone who is signed in
    "static": [Expect(public=200, target="style")],
    "accounts.sign_in": [Expect(public=200)],
    "accounts.sign_out": [Expect(public=303)],
    "accounts.furigana": [Expect(public=303)],
    "accounts.ask_for_reset": [Expect(public=200)],
    "accounts.reset_password": [Expect(public=200, target="reset"), Expect(public=409, target="no reset")],
    "accounts.demo_sign_in": [Expect(public=404, target="user")],
    "accounts.change_password": [Expect(EVERYONE, form=_form(current="x", new="y", again="z"))],
    # signing in safely: everyone's own; without a password before it, the second step leads back to the door
    "accounts.second_factor": [Expect(public=303)],
    "accounts.challenge_at_the_door": [Expect(public=200)],
    "accounts.challenge_for_proof": [Expect(EVERYONE)],
    "accounts.challenge_for_registration": [Expect(EVERYONE)],
    "accounts.security": [Expect(EVERYONE)],
    "accounts.begin_authenticator": [Expect(EVERYONE)],
    "accounts.authenticator": [Expect(EVERYONE, form=_form(code="000000"))],
    "accounts.remove_authenticator": [Expect(EVERYONE)],
    "accounts.new_recovery_codes": [Expect(EVERYONE)],
    "accounts.new_passkey": [Expect(EVERYONE, form=_form(name="端末", passkey="{}"))],
    "accounts.remove_passkey": [Expect("W", target="passkey")],
    "accounts.sign_ins": [Expect(EVERYONE)],
    "accounts.end_sign_in": [Expect("W", target="sign-in")],
    "accounts.end_other_sign_ins": [Expect(EVERYONE)],
    "accounts.prove": [Expect(EVERYONE, form=_form(proof_password="x"))],
    "reminders.home": [Expect(EVERYONE)],
    "history.who_looked": [Expect(EVERYONE)],
    "sheets.own": [Expect(INSIDE + "N", "MP")],
    # accounts and roles
    "accounts.accounts": [Expect("O", "WHXRMP", "organization")],
    "accounts.roles": [Expect("O", "WHXR", "worker", form=_ROLE)],
    "accounts.end_role": [Expect("O", "WHXR", "role")],
    "accounts.print_reset": [Expect("O", "WHXR", "spare worker")],
    "accounts.reset_factors": [Expect("O", "WHXR", "worker")],
    "accounts.stopped": [Expect("P", "WHXORMN")],
    # shared tablets: who looks after them; their screen is for browsers that show their cookie, whoever is signed in
    "kiosks.devices": [Expect("HO", "WXRMN", "center")],
    "kiosks.close": [Expect("HO", "WXR", "kiosk")],
    "kiosks.slips": [Expect("HO", "WXRMN", "center")],
    "kiosks.pin_slip": [Expect("HO", "WXR", "worker")],
    "kiosks.names": [Expect(public=404)],
    "kiosks.pin": [Expect(public=404, target="worker")],
    "kiosks.first": [Expect(public=404, target="worker")],
    "kiosks.thanks": [Expect(public=404)],
    "kiosks.end": [Expect(public=303)],
    "kiosks.alive": [Expect(public=200)],
    "kiosks.hold": [Expect("", EVERYONE)],
    # invitations: the link itself lets in whoever holds it; a code is looked up in one place only
    "invitations.enter_code": [Expect(public=200)],
    "invitations.accept": [
        Expect(public=200, target="officer's invitation"),
        Expect(public=409, target="no invitation"),
    ],
    "invitations.join": [Expect(EVERYONE, target="no invitation")],
    "invitations.paper": [Expect(public=409)],
    "invitations.index": [Expect("HXO", "WRMP", "organization")],
    "invitations.invite": [
        Expect("HO", "WXR", "volunteer", form=_form(way="paper")),
        Expect("HO", "WXR", "worker"),
    ],
    "invitations.invite_again": [Expect("O", "WHXR", "invitation")],
    "invitations.revoke": [Expect("O", "WHXR", "invitation")],
    "invitations.officers": [Expect("M", "P", "municipality", form=_form(way="paper", name="役所 次郎"))],
    "invitations.revoke_officer": [Expect("M", "", "municipality's invitation")],
    "invitations.end_officer": [Expect("M", "", "municipal post")],
    "invitations.first_officer": [Expect("P", "M", "municipality")],
    "invitations.revoke_first_officer": [Expect("P", "M", "municipality")],
    "invitations.new_municipality": [Expect("P", "WHXORMN")],
    "invitations.first_protection_officer": [Expect("P", "WHXORM", "organization")],
    # organizations
    "organizations.tenants": [Expect("P", "WHXORMN")],
    "organizations.municipalities": [Expect("P", "WHXORMN")],
    "organizations.edit": [Expect("O", "WHXRMP", "organization")],
    "organizations.add_center": [Expect("O", "WHXRMP", "organization")],
    "organizations.edit_center": [Expect("O", "WHXRMN", "center")],
    "organizations.close_center": [Expect("O", "WHXRMN", "center")],
    # registrations: the inviting sides, the invited group, and the operator
    "registrations.partners": [Expect("M", "P", "municipality")],
    "registrations.invite_partner": [Expect("M", "P", "municipality")],
    "registrations.partner_letter": [Expect("M", "P", "municipality")],
    "registrations.revoke_partner": [Expect("M", "", "partner invitation")],
    "registrations.members": [Expect("OR", "WHXMP", "organization")],
    "registrations.invite_member": [Expect("OR", "WHXMP", "organization")],
    "registrations.member_letter": [Expect("OR", "WHXMP", "organization")],
    "registrations.revoke_member": [Expect("OR", "WHX", "member invitation")],
    "registrations.enter_code": [Expect(public=200)],
    "registrations.start": [Expect(public=200, target="registration"), Expect(public=409, target="no registration")],
    "registrations.organization_step": [Expect(public=200, target="registration")],
    "registrations.people_step": [Expect(public=200, target="registration")],
    "registrations.account_step": [Expect(public=200, target="registration")],
    "registrations.join": [Expect("OR", "", "registration")],
    "registrations.welcome": [Expect("O", "WHXRMP", "organization")],
    "registrations.create": [Expect("P", "WHXORMN")],
    # networks: the office's side, and the member's
    "networks.office": [Expect("OR", "WHXMP", "organization")],
    "networks.edit": [Expect("O", "WHXRMP", "organization")],
    "networks.appoint": [Expect("O", "WHXRMP", "organization")],
    "networks.dismiss": [Expect("O", "WHXRMP", "organization")],
    "networks.end_member": [Expect("O", "WHXRMP", "organization")],
    "networks.memberships": [Expect("OR", "WHXMP", "organization")],
    "networks.entrust": [Expect("O", "WHXR", "membership")],
    "networks.revoke": [Expect("O", "WHXR", "mandate")],
    "networks.leave": [Expect("OR", "WHX", "membership")],
    "sheets.entrusted": [Expect("N", "WHXORMP")],
    "organizations.show": [Expect("HXOR", "WMP", "organization")],
    # the roster: never for a municipality; heads read the people of their centers
    "roster.index": [Expect("HXOR", "WMP", "organization")],
    "roster.add": [Expect("O", "WHXRMP", "organization", form=_form(name="だれか"))],
    "roster.edit": [Expect("O", "WHXR", "worker", form=_form(name="だれか", based_on="1"))],
    "roster.changes": [Expect("WHO", "XR", "worker"), Expect("XO", "WHR", "other head")],
    "roster.confirm": [Expect("O", "WHXRMP", "organization", form=_form(seen="0-0"))],
    "roster.submitted": [Expect("OR", "WHXMP", "organization")],
    "roster.submit": [Expect("O", "WHXRMP", "organization", form=_form(scope="everyone", seen=""))],
    "roster.submission": [Expect("OR", "WHX", "submission")],
    "roster.submission_pdf": [Expect("OR", "WHX", "submission")],
    # engagements: both sides read, the municipality proposes, the officer or the representative answers (C03)
    "engagements.of_organization": [Expect("HXOR", "WMP", "organization")],
    "engagements.renew_code": [Expect("O", "WHXRMP", "organization")],
    "engagements.of_municipality": [Expect("M", "P", "municipality")],
    "engagements.propose": [Expect("M", "P", "municipality", form=_form(title="見守り"))],
    "engagements.show": [Expect("HXORM", "W", "engagement"), Expect("HXORM", "W", "proposal")],
    "engagements.accept": [Expect("OR", "WHXM", "proposal"), Expect("OR", "WHXM", "engagement")],
    "engagements.decline": [Expect("OR", "WHXM", "proposal", form=_form(reason="手が足りません。"))],
    "engagements.withdraw": [Expect("M", "WHXOR", "proposal")],
    "engagements.change": [Expect("M", "WHXOR", "engagement", form=_form(title="見守り"))],
    "engagements.end": [Expect("ORM", "WHX", "engagement", form=_form(reason="終わるため。"))],
    "engagements.assign": [Expect("O", "WHXRM", "engagement")],
    "engagements.clauses": [Expect("HXORM", "W", "engagement"), Expect("HXORM", "W", "proposal")],
    "engagements.record_clauses": [Expect("M", "WHXOR", "engagement")],
    # places and notices: a municipality reads the notices that were addressed to it, never the list
    "engagements.places_of": [Expect("HXOR", "WMP", "organization")],
    "engagements.add_place": [Expect("O", "WHXRMP", "organization", form=_form(name="分室"))],
    "engagements.show_place": [Expect("HXOR", "W", "place")],
    "engagements.change_place": [Expect("O", "WHXR", "place", form=_form(name="分室"))],
    "engagements.close_place": [Expect("O", "WHXR", "place", form=_form(reason="終わるため。"))],
    "engagements.notices_from": [Expect("HXOR", "WMP", "organization")],
    "engagements.notices_to": [Expect("M", "P", "municipality")],
    "engagements.notice": [Expect("HXORM", "W", "notice"), Expect("HXORM", "W", "plain notice")],
    "engagements.notice_pdf": [Expect("HXORM", "W", "notice")],
    "engagements.answer_notice": [
        Expect("M", "WHXOR", "notice", form=_form(kind="approved")),
        Expect("M", "WHXOR", "plain notice", form=_form(kind="received")),
    ],
    # the roster as a file
    "imports.start": [Expect("O", "WHXRMP", "organization", form=_form(leave_on="2026-11-26"))],
    "imports.template_csv": [Expect("O", "WHXRMP", "organization")],
    "imports.template_xlsx": [Expect("O", "WHXRMP", "organization")],
    "imports.export": [Expect("O", "WHXRMP", "organization")],
    "imports.export_csv": [Expect("O", "WHXRMP", "organization")],
    "imports.export_xlsx": [Expect("O", "WHXRMP", "organization")],
    "imports.show": [Expect("O", "WHXR", "roster upload")],
    "imports.progress": [Expect("O", "WHXR", "roster upload")],
    "imports.confirm": [Expect("O", "WHXR", "roster upload", form=_form(based_on="0" * 64))],
    "imports.discard": [Expect("O", "WHXR", "roster upload")],
    # one sheet: a worker's, the officer's own, and that of someone without an account
    "sheets.fill_in": [
        Expect("W", "HXORN", "worker's sheet", form=_form(act="draft", based_on="0", reason="直します")),
        Expect("O", "WHXRN", "officer's sheet"),
    ],
    "sheets.correct": [Expect("W", "HXORN", "worker's sheet", form=_form(act="submit", based_on="0"))],
    "sheets.enter_from_paper": [
        Expect("HON", "WXR", "volunteer's sheet", form=_form(act="submit", signed_on="2026-11-26")),
        Expect("HON", "WXR", "worker's sheet"),
        Expect("HN", "WXOR", "officer's sheet"),
    ],
    "sheets.show": [
        Expect("WHO", "XRN", "worker's sheet"),
        Expect("HON", "WXR", "volunteer's sheet"),
        Expect("HOR", "WXN", "officer's sheet"),
        Expect("HON", "WXR", "head's sheet"),
        Expect("XON", "WHR", "other head's sheet"),
    ],
    "sheets.blank_pdf": [Expect("WHO", "XRN", "worker's sheet"), Expect("HOR", "WXN", "officer's sheet")],
    "sheets.record_pdf": [Expect("WHO", "XRN", "worker's sheet"), Expect("HOR", "WXN", "officer's sheet")],
    # nobody signs off the own sheet (D01), and nobody one of another line (C05)
    "sheets.sign_off": [
        Expect("HO", "WXRN", "worker's sheet", form=_form(version="1")),
        Expect("R", "WHXON", "officer's sheet", form=_form(version="1")),
        Expect("ON", "WHXR", "head's sheet", form=_form(version="1")),
        Expect("ON", "WHXR", "other head's sheet", form=_form(version="1")),
    ],
    "sheets.return_for_changes": [
        Expect("HO", "WXRN", "worker's sheet", form=_RETURN),
        Expect("R", "WHXON", "officer's sheet", form=_RETURN),
        Expect("ON", "WHXR", "head's sheet", form=_RETURN),
    ],
    "sheets.excuse": [
        Expect("HO", "WXRN", "volunteer's sheet", form=_EXCUSE),
        Expect("R", "WHXON", "officer's sheet", form=_EXCUSE),
        Expect("O", "WHXRN", "head's sheet", form=_EXCUSE),
    ],
    # a center's month; the municipality reaches a partner's center by its name only, never its month
    "sheets.center": [Expect("HON", "WXRM", "center")],
    "sheets.center_month": [Expect("HON", "WXRM", "center's month")],
    "sheets.reconcile": [
        Expect("WHO", "XRN", "worker's sheet", form=_form(text="電話で許可をもらいました。")),
        Expect("HO", "WXRN", "volunteer's sheet"),
    ],
    "sheets.spot_check": [Expect("HO", "WXRMN", "center's month", form=_form(row="fine", place="fine", note=""))],
    "sheets.close_month": [Expect("HO", "WXRMN", "center's month")],
    "sheets.blanks_pdf": [Expect("HON", "WXRM", "center's month")],
    "sheets.make_binder": [Expect("HO", "WXRMN", "center's month")],
    "sheets.binder": [Expect("HO", "WXR", "binder")],
    "sheets.binder_progress": [Expect("HO", "WXR", "binder")],
    "sheets.binder_pdf": [Expect("HO", "WXR", "binder")],
    "sheets.mend": [Expect("HO", "WXR", "action", form=_form(outcome="置き場所を決めました。"))],
    # the organization's months
    "sheets.organization_months": [Expect("O", "WHXRMP", "organization")],
    "sheets.deadlines": [Expect("O", "WHXRMP", "organization", form=_form(submission="4", sign_off="9"))],
    # take-outs: the own ones, those of the center one heads, never across centers; nobody permits the own (A09, C05)
    "takeouts.own": [Expect(INSIDE + "N", "MP")],
    "takeouts.ask": [Expect("WHO", "XR", "worker", form=_THINGS_OUT)],
    "takeouts.write_afterwards": [Expect("WHO", "XR", "worker", form=_form(medium="paper"))],
    "takeouts.take_with_standing": [
        Expect("W", "HXOR", "standing", form=_form(count="1", checks="carried")),
    ],
    "takeouts.show": [
        Expect("WHOR", "X", "asked take-out"),
        Expect("WHOR", "X", "take-out outside"),
        Expect("WHOR", "X", "returned take-out"),
    ],
    "takeouts.decide": [Expect("HOR", "WX", "asked take-out", form=_form(act="permit", comment=""))],
    "takeouts.depart": [Expect("WHO", "XR", "permitted take-out", form=_form(count="3", checks="carried"))],
    "takeouts.come_back": [Expect("WHO", "XR", "take-out outside", form=_form(answer="differs", count="2"))],
    "takeouts.witness": [Expect("WHXOR", "", "returned take-out")],
    "takeouts.extend": [Expect("WHO", "XR", "take-out outside", form=_form(until="2026-11-30T10:00", comment="雨"))],
    "takeouts.explain": [Expect("WHO", "XR", "take-out outside", form=_form(comment="車が故障しました。"))],
    "takeouts.withdraw": [Expect("WHO", "XR", "asked take-out")],
    "takeouts.scan": [Expect(INSIDE, "", "label's code")],
    "takeouts.decisions": [Expect("HXOR", "WMPN")],
    "takeouts.standings": [Expect("HO", "WXRMN", "center")],
    "takeouts.grant_standing": [Expect("HO", "WXRMN", "center", form=_form(medium="paper"))],
    "takeouts.end_standing": [Expect("HO", "WXR", "standing", form=_form(reason="終わるため"))],
    "takeouts.labels": [Expect("HO", "WXRMN", "center", form=_form(name="赤いファイル", medium="paper"))],
    "takeouts.labels_pdf": [Expect("HO", "WXRMN", "center")],
    "takeouts.retire_label": [Expect("HO", "WXR", "label")],
    "takeouts.substitutes": [Expect("HO", "WXRMN", "center", form=_form(worker="x"))],
    "takeouts.end_substitute": [Expect("HO", "WXR", "substitute")],
    "takeouts.settings": [Expect("O", "WHXRMP", "organization", form=_form(needs_witness="y"))],
    "takeouts.loss": [Expect("WHO", "XR", "loss", form=_form(kind="step", text="探しました。"))],
    "takeouts.ledger": [Expect("HXOR", "WMP", "organization")],
    "takeouts.ledger_csv": [Expect("HXOR", "WMP", "organization")],
    "takeouts.ledger_xlsx": [Expect("HXOR", "WMP", "organization")],
    "takeouts.ledger_pdf": [Expect("HXOR", "WMP", "organization")],
    "takeouts.statistics_page": [Expect("HXOR", "WMP", "organization")],
    # receipts: both sides confirm, each for itself; the head looks, the giver acknowledges the end
    # pledges: everyone signs their own, nobody for somebody else
    "pledges.own": [Expect(INSIDE + "N", "MP")],
    "pledges.sign": [Expect("W", "HXOR", "worker's joining pledge", form=_form(typed_name="南 花子", is_read="y"))],
    "pledges.show": [Expect("WHOR", "X", "signed pledge")],
    "pledges.record_pdf": [Expect("WHOR", "X", "signed pledge")],
    "pledges.scan": [Expect("WHOR", "X", "signed pledge")],
    "pledges.cancel": [Expect("O", "WHXR", "signed pledge", form=_form(reason="別の方の紙でした"))],
    "pledges.coverage": [Expect("HXOR", "WMP", "organization")],
    "pledges.missing_pdf": [Expect("HXOR", "WMP", "organization")],
    "pledges.remind": [Expect("HXOR", "WMP", "organization")],
    "pledges.brief": [Expect("HXOR", "WMP", "organization", form=_form(asked="annual"))],
    "pledges.person": [Expect("HOR", "WX", "worker", form=_form(asked="annual"))],
    "pledges.blank_pdf": [Expect("HOR", "WX", "worker's joining pledge")],
    "pledges.wordings": [Expect("O", "WHXRMP", "organization", form=_form(month="10"))],
    "pledges.wording": [Expect("O", "WHXRMP", "wording", form=_form(paragraphs="車で話しません"))],
    "pledges.of_engagement": [Expect("ORM", "WHX", "engagement")],
    "pledges.list_pdf": [Expect("OR", "WHXM", "engagement")],
    "pledges.list_xlsx": [Expect("OR", "WHXM", "engagement")],
    # rules: everyone reads what is adopted, those who run the organization write it; heads read and comment on drafts
    "rulebooks.own": [Expect(INSIDE + "N", "MP")],
    "rulebooks.acknowledge": [Expect("WHXOR", "M", "rule version", form=_form(is_read="y"))],
    "rulebooks.show": [Expect("WHXORM", "", "rule version")],
    "rulebooks.version_pdf": [Expect("WHXORM", "", "rule version")],
    "rulebooks.article_pdf": [Expect("WHXORM", "", "article of a version")],
    "rulebooks.published": [
        Expect(public=200, target="published rule"),
        Expect(public=404, target="no published rule"),
    ],
    "rulebooks.published_pdf": [
        Expect(public=200, target="published rule"),
        Expect(public=404, target="no published rule"),
    ],
    "rulebooks.models": [Expect(EVERYONE)],
    "rulebooks.model": [Expect(EVERYONE, target="model rule")],
    "rulebooks.clauses": [Expect(EVERYONE)],
    "rulebooks.practices": [Expect(EVERYONE)],
    "rulebooks.index": [Expect("WHXORM", "P", "organization")],
    "rulebooks.wizard": [Expect("OR", "WHXMP", "organization", form=_form(answer_organization="はまかぜ"))],
    "rulebooks.draft": [Expect("HXOR", "W", "rule draft")],
    "rulebooks.draft_pdf": [Expect("HXOR", "W", "rule draft")],
    "rulebooks.article": [
        Expect("OR", "WHX", "article of a draft", form=_form(title="FAX", text="使わない。", seen="1"))
    ],
    "rulebooks.leave_out": [Expect("OR", "WHX", "article of a draft", form=_form(reason="使わないため", seen="1"))],
    "rulebooks.put_back": [Expect("OR", "WHX", "article of a draft")],
    "rulebooks.comment": [Expect("HXOR", "W", "article of a draft", form=_form(text="夜はどうしますか。"))],
    "rulebooks.add_article": [Expect("OR", "WHX", "rule draft", form=_form(number="9-9", title="鍵", text="かける。"))],
    "rulebooks.review": [Expect("OR", "WHX", "rule draft", form=_form(seen="1"))],
    "rulebooks.adopt": [Expect("OR", "WHX", "rule draft", form=_form(decided_by="board"))],
    "rulebooks.discard": [Expect("OR", "WHX", "rule draft")],
    "rulebooks.revise": [Expect("OR", "WHXM", "rule version")],
    "rulebooks.publish": [Expect("OR", "WHXM", "rule version", form=_form(publish="yes"))],
    "rulebooks.no_change": [
        Expect("OR", "WHXM", "rule version", form=_form(decided_by="board", on="2026-11-27", note="変えない")),
    ],
    "rulebooks.check": [Expect("OR", "WHXMP", "organization")],
    "rulebooks.updates": [Expect("OR", "WHXMP", "rule of organization", form=_form(answer="declined"))],
    "rulebooks.coverage": [Expect("HXOR", "WMP", "organization")],
    "rulebooks.summary_pdf": [Expect("HXOR", "WMP", "organization")],
    "rulebooks.enter_paper": [Expect("HOR", "WX", "paper of a version", form=_form(on="2026-11-27"))],
    # kits: those who run an organization look, take over and publish; a mentor reads what was opened
    "kits.shelf": [Expect("OR", "WHXMP", "organization")],
    "kits.bring_in": [Expect("OR", "WHXMP", "organization")],
    "kits.kit": [Expect("OR", "WHXMP", "kit on shelf", form=_form(parts="tips"))],
    "kits.export": [Expect("OR", "WHXMP", "kit on shelf")],
    "kits.publish": [Expect("OR", "WHXMP", "organization", form=_form(title="キット"))],
    "kits.withdraw": [Expect("OR", "WHXMP", "own kit", form=_form(reason="古くなったため"))],
    "kits.practice": [Expect("OR", "WHXMP", "organization", form=_form(extras="見ましたか。", seen="0"))],
    "kits.mentors": [Expect("OR", "WHX", "rule draft", form=_form(mentor="x"))],
    "kits.close": [Expect("OR", "WHX", "draft opening")],
    "kits.mentoring": [Expect("OR", "WHXMP", "organization")],
    "kits.mentored": [Expect("OR", "WHXMP", "opened draft", form=_form(article="purpose", text="よいですね。"))],
    "kits.of_municipality": [Expect("M", "P", "municipality")],
    "kits.publish_municipal": [Expect("M", "P", "municipality", form=_form(title="市のキット"))],
    "kits.withdraw_municipal": [Expect("M", "P", "municipal kit", form=_form(reason="改めるため"))],
    # councils: the municipality asks and convenes, the organization replies; a roster is signed without an account
    "councils.members": [Expect("M", "P", "municipality")],
    "councils.of_organization": [Expect("OR", "WHXMP", "organization")],
    "councils.ask": [Expect("M", "P", "municipality", form=_form(council="協議会", category="organ"))],
    "councils.membership": [Expect("ORM", "WHX", "council request")],
    "councils.consent": [Expect("OR", "WHXM", "council request", form=_form(name="北 代表", post="理事長"))],
    "councils.refuse": [Expect("ORM", "WHX", "council request", form=_form(reason="体制が整っていません"))],
    "councils.end": [Expect("ORM", "WHX", "council member", form=_form(ends_on="2026-11-27", reason="事業の終了"))],
    "councils.consent_pdf": [Expect("ORM", "WHX", "council member")],
    "councils.meetings": [Expect("M", "P", "municipality")],
    "councils.convene": [Expect("M", "P", "municipality", form=_form(number="R8-015", place="市役所"))],
    "councils.meeting": [Expect("M", "", "case meeting")],
    "councils.expect": [Expect("M", "", "case meeting", form=_form(organization="NPO", name="山 海"))],
    "councils.enter_paper": [Expect("M", "", "empty seat")],
    "councils.note_absence": [Expect("M", "", "empty seat")],
    "councils.read_out": [Expect("M", "", "case meeting", form=_form(said_by="市役所 太郎"))],
    "councils.close": [Expect("M", "", "case meeting")],
    "councils.roster_pdf": [Expect("M", "", "case meeting")],
    "councils.code": [Expect("M", "", "case meeting")],
    "councils.pass_round": [Expect("M", "", "case meeting")],
    "councils.sign": [Expect(public=200, target="meeting code"), Expect(public=409, target="no meeting code")],
    "councils.signed": [Expect(public=200, target="meeting code"), Expect(public=409, target="no meeting code")],
    "receipts.own": [Expect(INSIDE + "N", "MP")],
    "receipts.write": [Expect("WHXOR", "MP", "organization", form=_form(kind="give_inside"))],
    "receipts.write_for_municipality": [Expect("M", "P", "municipality", form=_form(direction="from_municipality"))],
    "receipts.show": [Expect("WHOR", "X", "waiting receipt"), Expect("HORM", "WX", "held receipt")],
    "receipts.answer": [
        Expect("W", "HXOR", "waiting receipt", form=_form(act="confirm", reason="")),
        Expect("ORM", "WHX", "held receipt", form=_form(act="confirm", reason="")),
    ],
    "receipts.confirm_on_paper": [Expect("WHOR", "X", "waiting receipt", form=_form(note="青いファイル"))],
    "receipts.extend": [Expect("ORM", "WHX", "held thing", form=_form(until_on="2026-12-28", reason="雨のため"))],
    "receipts.end": [
        Expect("HOR", "WXM", "held thing", form=_form(method="by_hand", count="1", done_on="2026-11-27", witness="市")),
    ],
    "receipts.acknowledge": [Expect("M", "WHXOR", "held receipt")],
    "receipts.receipt_pdf": [Expect("HORM", "WX", "held receipt")],
    "receipts.end_pdf": [Expect("HORM", "WX", "held receipt")],
    "receipts.register": [Expect("HXOR", "WMP", "organization")],
    "receipts.register_csv": [Expect("HXOR", "WMP", "organization")],
    "receipts.register_xlsx": [Expect("HXOR", "WMP", "organization")],
    "receipts.register_pdf": [Expect("HXOR", "WMP", "organization")],
    "receipts.of_municipality": [Expect("M", "P", "municipality")],
    # people: those who are looked after by the head of their center and the protection officer, never across centers
    "people.show": [
        Expect("WHO", "XR", "worker"),
        Expect("HO", "WXR", "left worker"),
        Expect("HO", "WXR", "officer worker"),
    ],
    "people.overview": [Expect("HXO", "WRMP", "organization")],
    "people.joining": [Expect("HO", "WXR", "worker"), Expect("O", "WHXR", "head worker")],
    "people.record_step": [
        Expect("HO", "WXR", "worker's pledge", form=_STEP),
        Expect("HO", "WXR", "drafting's briefing", form=_STEP),
    ],
    "people.withdraw_step": [Expect("HO", "WXR", "joining record", form=_form(reason="別の方の記録でした。"))],
    "people.meeting": [Expect("HXO", "WRMP", "organization", form=_form(step="course", manner="group"))],
    "people.things": [Expect("HO", "WXR", "worker", form=_THING)],
    "people.settle": [
        Expect("HO", "WXR", "thing", form=_form(fate="returned", happened_on="2026-11-27")),
        Expect("HO", "WXR", "lost thing"),
    ],
    "people.center_things": [Expect("HO", "WXRMN", "center")],
    "people.posts_of_worker": [Expect("O", "WHXR", "worker", form=_POST), Expect("O", "WHXR", "drafting worker")],
    "people.end_post": [Expect("O", "WHXR", "holding", form=_form(until_on="2026-11-27"))],
    "people.organization_posts": [Expect("HXOR", "WMP", "organization")],
    "people.move": [Expect("O", "WHXR", "worker")],
    "people.rejoin": [Expect("O", "WHXR", "left worker"), Expect("O", "WHXR", "worker")],
    "people.leave": [
        Expect("HO", "WXR", "worker"),
        Expect("HO", "WXR", "left worker"),
        Expect("O", "WHXR", "representative worker"),
    ],
    "people.cancel_leaving": [Expect("O", "WHXR", "left worker", form=_form(**{"cancel-reason": "間違いでした。"}))],
    # history
    "history.who_did_what": [Expect("O", "WHXRMP", "organization")],
    "history.municipality": [Expect("M", "P", "municipality")],
    # the municipality's room
    "sharing.dashboard": [Expect("M", "P", "municipality")],
    "sharing.export_csv": [Expect("M", "P", "municipality")],
    "sharing.export_xlsx": [Expect("M", "P", "municipality")],
    "sharing.partner": [Expect("M", "P", "partner")],
    "sharing.take_outs": [Expect("M", "P", "municipality")],
    "sharing.partner_take_outs": [Expect("M", "P", "partner")],
}
