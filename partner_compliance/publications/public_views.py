"""What everyone can read without signing in: the published level, its files, the list, the keys, what levels are."""

import json
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, render_template, request
from flask.typing import ResponseReturnValue

from partner_compliance import clock
from partner_compliance.access import public
from partner_compliance.errors import NotFound, Refused
from partner_compliance.publications import badges, keys, queries, signing
from partner_compliance.publications.badges import Addresses
from partner_compliance.publications.visits import Visits
from partner_compliance.publications.words import ABOUT_A_LEVEL, ABOUT_LEVELS
from partner_compliance.readiness.assessment import Assessment
from partner_compliance.readiness.queries import assessment_of
from partner_compliance.web import database_session, library, page_asked_for, settings

bp = Blueprint("publications", __name__, template_folder="templates")
bp.record_once(lambda state: state.app.extensions.update({"published_visits": Visits()}))


class Gone(Refused):
    """The page was there once, and the organization has taken it away (410)."""

    status = 410
    title = "公開は終わっています"
    message = "この団体は、準備度をいま公開していません。"
    what_to_do = "くわしいことは、団体にお尋ねください。"


class NeverPublished(NotFound):
    """No organization has ever had this address (404)."""

    title = "公開ページが見つかりません"
    message = "このアドレスの公開ページはありません。"
    what_to_do = "アドレスに間違いがないか、確かめてください。"


def addresses() -> Addresses:
    """Where this service publishes: permanent, whatever name a request came under."""
    return Addresses(settings().base_url)


def _refuse_flood() -> None:
    visits: Visits = current_app.extensions["published_visits"]
    visits.refuse_flood(request.remote_addr or "", now=clock.now())


def _found(code: UUID) -> queries.Published:
    """What an address means today; raises TooMany, NeverPublished, and Gone once it is switched off."""
    _refuse_flood()
    found = queries.published_under(database_session(), code, today=clock.today())
    if found is None:
        raise NeverPublished
    if not found.is_public:
        raise Gone
    return found


def _level_of(found: queries.Published) -> Assessment:
    """The level of today, from the records as they are now."""
    return assessment_of(database_session(), library(), clock.today(), found.organization.id)


# --- pages ------------------------------------------------------------------------------------------------------


@bp.get("/published")
@public
def listing() -> ResponseReturnValue:
    """The organizations that have agreed to be listed, by name, without their levels."""
    _refuse_flood()
    session, today = database_session(), clock.today()
    page = page_asked_for(queries.how_many_listed(session, today=today))
    rows = queries.listed(session, today=today, limit=page.size, offset=page.offset)
    return render_template("publications/listing.html", rows=rows, page=page)


@bp.get("/published/levels")
@public
def levels() -> ResponseReturnValue:
    """What the levels are: the ladder of today, the same for everyone."""
    _refuse_flood()
    ladder = library().ladder_for(clock.today())
    return render_template("publications/levels.html", ladder=ladder, about=ABOUT_LEVELS)


@bp.get("/published/<uuid:code>")
@public
def published(code: UUID) -> ResponseReturnValue:
    """An organization's level today: name, level, title and day, and nothing else of it."""
    found = _found(code)
    return render_template(
        "publications/published.html",
        organization=found.organization.name,
        level=_level_of(found),
        about=ABOUT_LEVELS,
        code=code,
        credential=queries.newest_credential(database_session(), found.publication),
        is_listed=found.is_listed,
    )


# --- files ------------------------------------------------------------------------------------------------------


def _json(content: str, status: int = 200) -> Response:
    """Public data, also for pages of other sites (which get no cookie of ours along with it)."""
    answer = Response(content, status, content_type="application/json")
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def _data(content: dict[str, Any], status: int = 200) -> Response:
    return _json(json.dumps(content, ensure_ascii=False, indent=2), status)


def _refused(refusal: Refused) -> Response:
    """The same refusal for a program."""
    return _data({"error": refusal.message, "what_to_do": refusal.what_to_do}, refusal.status)


@bp.get("/published/<uuid:code>.json")
@public
def published_json(code: UUID) -> ResponseReturnValue:
    """The same as the page, for programs."""
    try:
        found = _found(code)
    except Refused as refusal:
        return _refused(refusal)
    at, level = addresses(), _level_of(found)
    has_credential = queries.newest_credential(database_session(), found.publication) is not None
    return _data(
        {
            "organization": found.organization.name,
            "level": level.level,
            "title": level.title,
            "as_of": level.as_of.isoformat(),
            "note": ABOUT_A_LEVEL,
            "page": at.page(code),
            "credential": f"{at.page(code)}/credential.json" if has_credential else None,
        }
    )


@bp.get("/published/<uuid:code>/credential.json")
@public
def credential(code: UUID) -> ResponseReturnValue:
    """The newest credential that was not taken back (Open Badges 3.0)."""
    try:
        found = _found(code)
    except Refused as refusal:
        return _refused(refusal)
    newest = queries.newest_credential(database_session(), found.publication)
    if newest is None:
        return _refused(NeverPublished("この団体の証明ファイルは、まだありません。", "団体にお尋ねください。"))
    return _json(newest.document)


@bp.get("/published/<uuid:code>/revocations.json")
@public
def revocations(code: UUID) -> ResponseReturnValue:
    """Which credentials were taken back (1EdTech Revocation List); it stays when the page is switched off."""
    session, now, at = database_session(), clock.now(), addresses()
    try:
        _refuse_flood()
        found = queries.published_under(session, code, today=clock.today())
        if found is None:
            raise NeverPublished
    except Refused as refusal:
        return _refused(refusal)
    listed = badges.revocations(code, queries.revoked_ids(session, found.publication), at)
    newest = next(iter(keys.keys_that_verify(session)), None)
    signer = keys.signer_of(newest, keys.vault_of(settings().secret_key), at) if newest else None
    return _data(signing.sign(listed, signer, created=now) if signer else listed)


@bp.get("/published/keys.json")
@public
def keys_json() -> ResponseReturnValue:
    """The platform's public keys: what verifies a credential offline."""
    try:
        _refuse_flood()
    except Refused as refusal:
        return _refused(refusal)
    found = keys.keys_that_verify(database_session())
    return _data(badges.keys([each.public_key for each in found], addresses()))
