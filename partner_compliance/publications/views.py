"""The organization's own page about publication: what will be public, on and off, credentials, the notice."""

from collections.abc import Callable
from uuid import UUID

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from partner_compliance import clock
from partner_compliance.access import Principal, guarded
from partner_compliance.errors import NotFound, Refused, RuleBroken
from partner_compliance.organizations.models import Organization
from partner_compliance.publications import keys, operations, policy, queries
from partner_compliance.publications.forms import ListForm, PublishForm
from partner_compliance.publications.models import LevelCredential
from partner_compliance.publications.paper import notice_pdf
from partner_compliance.publications.public_views import addresses, bp
from partner_compliance.publications.words import consent_to_be_listed, consent_to_publish
from partner_compliance.readiness.queries import assessment_of
from partner_compliance.web import database_session, file_response, library, qr_picture, settings

#: The blueprint, for the app: all pages of this room hang at it.
__all__ = ["bp"]


def _page(
    principal: Principal,
    organization: Organization,
    *,
    publish: PublishForm | None = None,
    listing: ListForm | None = None,
    refusal: Refused | None = None,
) -> ResponseReturnValue:
    session, today = database_session(), clock.today()
    state = queries.state_of(session, organization.id)
    address = addresses().page(state.publication.id) if state.publication else ""
    sent = publish or listing
    page = render_template(
        "publications/manage.html",
        organization=organization,
        state=state,
        address=address,
        qr=qr_picture(address) if state.is_public else None,
        level=assessment_of(session, library(), today, organization.id),
        credentials=queries.credentials_of(session, organization.id) if state.publication else [],
        publish=publish or PublishForm(formdata=None),
        listing=listing or ListForm(formdata=None),
        consent=consent_to_publish(organization.name),
        list_consent=consent_to_be_listed(organization.name),
        sent=sent,
        refusal=refusal,
        may_issue=policy.may_issue(principal, organization),
    )
    return page, refusal.status if refusal else 422 if sent is not None and sent.errors else 200


@bp.get("/organizations/<uuid:organization_id>/publication")
@guarded(policy.may_publish, organization=Organization)
def show(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """How the organization's public page stands, and what can be done with it."""
    return _page(principal, organization)


@bp.post("/organizations/<uuid:organization_id>/publication/start")
@guarded(policy.may_publish, organization=Organization)
def switch_on(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """Make the level public."""
    form = PublishForm()
    if not form.validate_on_submit():
        return _page(principal, organization, publish=form)
    try:
        operations.switch_on(
            database_session(), organization, also_listed=bool(form.is_listed.data), by=principal, now=clock.now()
        )
    except RuleBroken as error:
        return _page(principal, organization, refusal=error)
    flash("公開を始めました。下のアドレスで、だれでも見られます。", "success")
    return _back(organization.id)


def _back(organization_id: UUID) -> ResponseReturnValue:
    return redirect(url_for(".show", organization_id=organization_id), 303)


def _do(
    principal: Principal, organization: Organization, act: Callable[[Session], None], said: str
) -> ResponseReturnValue:
    """Do one thing, and say what was done or why not."""
    try:
        act(database_session())
    except RuleBroken as error:
        return _page(principal, organization, refusal=error)
    flash(said, "success")
    return _back(organization.id)


@bp.post("/organizations/<uuid:organization_id>/publication/end")
@guarded(policy.may_publish, organization=Organization)
def switch_off(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """Take the page away, and every credential back."""
    return _do(
        principal,
        organization,
        lambda session: operations.switch_off(session, organization, by=principal, now=clock.now()),
        "公開をやめました。公開ページはもう見られません。証明ファイルは取り消しました。",
    )


@bp.post("/organizations/<uuid:organization_id>/publication/listing")
@guarded(policy.may_publish, organization=Organization)
def list_it(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """Let the page stand in the public list."""
    form = ListForm()
    if not form.validate_on_submit():
        return _page(principal, organization, listing=form)
    return _do(
        principal,
        organization,
        lambda session: operations.list_it(session, organization, by=principal, now=clock.now()),
        "「公開している団体の一覧」に載せました。",
    )


@bp.post("/organizations/<uuid:organization_id>/publication/listing/end")
@guarded(policy.may_publish, organization=Organization)
def take_off_the_list(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """Take the page out of the public list."""
    return _do(
        principal,
        organization,
        lambda session: operations.take_off_the_list(session, organization, by=principal, now=clock.now()),
        "「公開している団体の一覧」から外しました。公開ページは、アドレスを知っている人だけが見られます。",
    )


@bp.get("/organizations/<uuid:organization_id>/publication/notice.pdf")
@guarded(policy.may_publish, organization=Organization)
def hang_up_pdf(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """The notice to hang up, with the level of today."""
    session, today = database_session(), clock.today()
    state = queries.state_of(session, organization.id)
    if not state.is_public or state.publication is None:
        raise NotFound("掲示用の紙はありません。", "公開を始めると、印刷できます。")
    found = assessment_of(session, library(), today, organization.id)
    content = notice_pdf(
        organization.name, found.level, found.title, today, addresses().page(state.publication.id),
        made_at=clock.now(),
    )  # fmt: skip
    return file_response(content, name=f"準備度の掲示_{today.isoformat()}.pdf", mimetype="application/pdf", inline=True)


# --- credentials ------------------------------------------------------------------------------------------------


@bp.post("/organizations/<uuid:organization_id>/publication/credentials")
@guarded(policy.may_issue, organization=Organization)
def issue(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """Sign a credential about the level of today."""
    return _do(
        principal,
        organization,
        lambda session: _issue(session, organization, principal),
        "今日の段階の証明ファイルを作りました。",
    )


def _issue(session: Session, organization: Organization, principal: Principal) -> None:
    operations.issue(
        session, library(), organization, at=addresses(), vault=keys.vault_of(settings().secret_key), by=principal,
        now=clock.now(),
    )  # fmt: skip


@bp.get("/level-credentials/<uuid:credential_id>/file")
@guarded(policy.may_handle, credential=LevelCredential)
def download(principal: Principal, credential: LevelCredential) -> Response:
    """A credential as a file to pass on."""
    name = f"証明ファイル_段階{credential.level}_{credential.as_of.isoformat()}.json"
    return file_response(credential.document.encode(), name=name, mimetype="application/json")


@bp.post("/level-credentials/<uuid:credential_id>/revocation")
@guarded(policy.may_handle, credential=LevelCredential)
def revoke(principal: Principal, credential: LevelCredential) -> ResponseReturnValue:
    """Take a credential back."""
    session = database_session()
    organization = session.get_one(Organization, credential.organization_id)
    return _do(
        principal,
        organization,
        lambda inner: operations.revoke(inner, credential, by=principal, now=clock.now()),
        "証明ファイルを取り消しました。確かめた人には「取り消されています」と表示されます。",
    )
