"""Who gets in where: one line for each endpoint and each thing it can be asked about.

Letters: W worker, H head of the worker's center, X head of another center of the same organization, O protection
officer, R representative, M municipal officer (its engagement is valid today), P operator. `enters` names those who
are let in, `sees_no` those who reach the thing but may not do this (403); for everyone else it does not exist (404).
Strangers are sent to the door, except where `public` says otherwise.

A stranger to the tenant gets 404 for everything; the operator reaches the tenants themselves, and gets 403 there.
"""

from dataclasses import dataclass

EVERYONE = "WHXORMP"
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
    "reminders.home": [Expect(EVERYONE)],
    "history.who_looked": [Expect(EVERYONE)],
    "sheets.own": [Expect(INSIDE, "MP")],
    # accounts and roles
    "accounts.accounts": [Expect("O", "WHXRMP", "organization")],
    "accounts.roles": [Expect("O", "WHXR", "worker", form=_ROLE)],
    "accounts.end_role": [Expect("O", "WHXR", "role")],
    "accounts.print_reset": [Expect("O", "WHXR", "spare worker")],
    "accounts.stopped": [Expect("P", "WHXORM")],
    # shared tablets: who looks after them; their screen is for browsers that show their cookie, whoever is signed in
    "kiosks.devices": [Expect("HO", "WXRM", "center")],
    "kiosks.close": [Expect("HO", "WXR", "kiosk")],
    "kiosks.slips": [Expect("HO", "WXRM", "center")],
    "kiosks.pin_slip": [Expect("HO", "WXR", "worker")],
    "kiosks.names": [Expect(public=404)],
    "kiosks.pin": [Expect(public=404, target="worker")],
    "kiosks.first": [Expect(public=404, target="worker")],
    "kiosks.thanks": [Expect(public=404)],
    "kiosks.end": [Expect(public=303)],
    "kiosks.alive": [Expect(public=200)],
    "kiosks.hold": [Expect("", EVERYONE)],
    # organizations
    "organizations.tenants": [Expect("P", "WHXORM")],
    "organizations.municipalities": [Expect("P", "WHXORM")],
    "organizations.show": [Expect("HXOR", "WMP", "organization")],
    # one sheet: a worker's, the officer's own, and that of someone without an account
    "sheets.fill_in": [
        Expect("W", "HXOR", "worker's sheet", form=_form(act="draft", based_on="0", reason="直します")),
        Expect("O", "WHXR", "officer's sheet"),
    ],
    "sheets.correct": [Expect("W", "HXOR", "worker's sheet", form=_form(act="submit", based_on="0"))],
    "sheets.enter_from_paper": [
        Expect("HO", "WXR", "volunteer's sheet", form=_form(act="submit", signed_on="2026-11-26")),
        Expect("HO", "WXR", "worker's sheet"),
        Expect("H", "WXOR", "officer's sheet"),
    ],
    "sheets.show": [
        Expect("WHO", "XR", "worker's sheet"),
        Expect("HO", "WXR", "volunteer's sheet"),
        Expect("HOR", "WX", "officer's sheet"),
        Expect("HO", "WXR", "head's sheet"),
        Expect("XO", "WHR", "other head's sheet"),
    ],
    "sheets.blank_pdf": [Expect("WHO", "XR", "worker's sheet"), Expect("HOR", "WX", "officer's sheet")],
    "sheets.record_pdf": [Expect("WHO", "XR", "worker's sheet"), Expect("HOR", "WX", "officer's sheet")],
    # nobody signs off the own sheet (D01), and nobody one of another line (C05)
    "sheets.sign_off": [
        Expect("HO", "WXR", "worker's sheet", form=_form(version="1")),
        Expect("R", "WHXO", "officer's sheet", form=_form(version="1")),
        Expect("O", "WHXR", "head's sheet", form=_form(version="1")),
        Expect("O", "WHXR", "other head's sheet", form=_form(version="1")),
    ],
    "sheets.return_for_changes": [
        Expect("HO", "WXR", "worker's sheet", form=_RETURN),
        Expect("R", "WHXO", "officer's sheet", form=_RETURN),
        Expect("O", "WHXR", "head's sheet", form=_RETURN),
    ],
    "sheets.excuse": [
        Expect("HO", "WXR", "volunteer's sheet", form=_EXCUSE),
        Expect("R", "WHXO", "officer's sheet", form=_EXCUSE),
        Expect("O", "WHXR", "head's sheet", form=_EXCUSE),
    ],
    # a center's month; the municipality reaches a partner's center by its name only, never its month
    "sheets.center": [Expect("HO", "WXRM", "center")],
    "sheets.center_month": [Expect("HO", "WXRM", "center's month")],
    "sheets.close_month": [Expect("HO", "WXRM", "center's month")],
    "sheets.blanks_pdf": [Expect("HO", "WXRM", "center's month")],
    "sheets.make_binder": [Expect("HO", "WXRM", "center's month")],
    "sheets.binder": [Expect("HO", "WXR", "binder")],
    "sheets.binder_progress": [Expect("HO", "WXR", "binder")],
    "sheets.binder_pdf": [Expect("HO", "WXR", "binder")],
    "sheets.mend": [Expect("HO", "WXR", "action", form=_form(outcome="置き場所を決めました。"))],
    # the organization's months
    "sheets.organization_months": [Expect("O", "WHXRMP", "organization")],
    "sheets.deadlines": [Expect("O", "WHXRMP", "organization", form=_form(submission="4", sign_off="9"))],
    # history
    "history.who_did_what": [Expect("O", "WHXRMP", "organization")],
    "history.municipality": [Expect("M", "P", "municipality")],
    # the municipality's room
    "sharing.dashboard": [Expect("M", "P", "municipality")],
    "sharing.export_csv": [Expect("M", "P", "municipality")],
    "sharing.export_xlsx": [Expect("M", "P", "municipality")],
    "sharing.partner": [Expect("M", "P", "partner")],
}
