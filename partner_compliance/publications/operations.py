"""What can be done with publication, and when the rules refuse it."""

import json
from datetime import datetime
from hashlib import sha256
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from partner_compliance import acts
from partner_compliance.access import Principal
from partner_compliance.accounts.sealing import Vault
from partner_compliance.acts import Act
from partner_compliance.clock import local_date
from partner_compliance.errors import RuleBroken
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Organization
from partner_compliance.publications import badges, contents, keys, queries, signing
from partner_compliance.publications.models import (
    CredentialRevocation,
    LevelCredential,
    Publication,
    PublicationEvent,
    SigningKey,
)
from partner_compliance.publications.words import (
    EventKind,
    RevocationKind,
    consent_to_be_listed,
    consent_to_publish,
)
from partner_compliance.readiness.queries import assessment_of


class AlreadyPublic(RuleBroken):
    message = "準備度は、すでに公開されています。"
    what_to_do = "最新の状態を確認してください。"


class NotPublic(RuleBroken):
    message = "準備度は、いま公開されていません。"
    what_to_do = "先に公開を始めてください。"


class AlreadyListed(RuleBroken):
    message = "一覧には、すでに載っています。"
    what_to_do = "最新の状態を確認してください。"


class NotListed(RuleBroken):
    message = "一覧には、載っていません。"
    what_to_do = "最新の状態を確認してください。"


class NothingToProve(RuleBroken):
    message = "今日の段階は0のため、証明ファイルは作れません。"
    what_to_do = "「準備度」の画面で、段階1までにすることを確認してください。"


class AlreadyRevoked(RuleBroken):
    message = "この証明ファイルは、すでに取り消されています。"
    what_to_do = "最新の状態を確認してください。"


# --- the page ---------------------------------------------------------------------------------------------------


def switch_on(
    session: Session, organization: Organization, *, also_listed: bool, by: Principal, now: datetime
) -> Publication:
    """Make the level public under the organization's permanent address, and listed where that was agreed to as well.

    Raises AlreadyPublic.
    """
    state = _locked(session, organization)
    if state.is_public:
        raise AlreadyPublic
    publication = state.publication
    if publication is None:
        publication = Publication(organization_id=organization.id, id=uuid4(), made_at=now)
        session.add(publication)
        session.flush()
    agreed = consent_to_publish(organization.name)
    _happened(session, publication, EventKind.SWITCHED_ON, agreed, state, by=by, now=now)
    if also_listed:
        state = queries.state_of(session, organization.id)
        agreed = consent_to_be_listed(organization.name)
        _happened(session, publication, EventKind.LISTED, agreed, state, by=by, now=now)
    return publication


def switch_off(session: Session, organization: Organization, *, by: Principal, now: datetime) -> None:
    """Take the page away at once, and every credential back. Raises NotPublic."""
    state, publication = _public(session, organization)
    for credential in queries.valid_credentials(session, publication):
        _revoke(session, credential, RevocationKind.SWITCHED_OFF, by=by, now=now)
    _happened(session, publication, EventKind.SWITCHED_OFF, "", state, by=by, now=now)


def list_it(session: Session, organization: Organization, *, by: Principal, now: datetime) -> None:
    """Let the page stand in the public list. Raises NotPublic and AlreadyListed."""
    state, publication = _public(session, organization)
    if state.is_listed:
        raise AlreadyListed
    agreed = consent_to_be_listed(organization.name)
    _happened(session, publication, EventKind.LISTED, agreed, state, by=by, now=now)


def take_off_the_list(session: Session, organization: Organization, *, by: Principal, now: datetime) -> None:
    """Take the page out of the public list; it stays under its address. Raises NotPublic and NotListed."""
    state, publication = _public(session, organization)
    if not state.is_listed:
        raise NotListed
    _happened(session, publication, EventKind.UNLISTED, "", state, by=by, now=now)


def _locked(session: Session, organization: Organization) -> queries.PublicationState:
    """How the page stands, with nobody else changing it meanwhile."""
    session.refresh(organization, with_for_update=True)
    return queries.state_of(session, organization.id)


def _public(session: Session, organization: Organization) -> tuple[queries.PublicationState, Publication]:
    state = _locked(session, organization)
    if not state.is_public or state.publication is None:
        raise NotPublic
    return state, state.publication


def _happened(
    session: Session,
    publication: Publication,
    kind: EventKind,
    agreed: str,
    before: queries.PublicationState,
    *,
    by: Principal,
    now: datetime,
) -> None:
    event = PublicationEvent(
        organization_id=publication.organization_id, id=uuid4(), publication_id=publication.id,
        number=before.events[0].number + 1 if before.events else 1, kind=kind, agreed=agreed, at=now, by_id=by.user_id,
        by_name=by.name,
    )  # fmt: skip
    session.add(event)
    session.flush()
    acts.record(
        session,
        Act(
            event.organization_id, f"publication.{kind.value}", now, by.actor, object_kind="publication_event",
            object_id=event.id, content=contents.event_content(event),
        ),
    )  # fmt: skip


# --- credentials ------------------------------------------------------------------------------------------------


def issue(
    session: Session,
    library: Library,
    organization: Organization,
    *,
    at: badges.Addresses,
    vault: Vault,
    by: Principal,
    now: datetime,
) -> LevelCredential:
    """Sign a credential about the level of today, computed now.

    Asked for again on the same day, it is the same one while level and name are the same. Raises NotPublic, and
    NothingToProve for level 0.
    """
    _, publication = _public(session, organization)
    today = local_date(now)
    found = assessment_of(session, library, today, organization.id)
    if found.level == 0:
        raise NothingToProve
    said = badges.Statement(
        uuid4(), publication.id, organization.name, found.level, found.title, today, found.ladder.edition, now
    )
    key, signer = keys.present_signer(session, vault, at, now=now)
    for each in queries.valid_credentials(session, publication):
        if each.as_of == today and each.key_id == key.id and _says_the_same(each, said, at):
            return each
    return keep_signed(session, organization, said, at, key, signer, by=by)


def keep_signed(
    session: Session,
    organization: Organization,
    said: badges.Statement,
    at: badges.Addresses,
    key: SigningKey,
    signer: signing.Signer,
    *,
    by: Principal,
) -> LevelCredential:
    """Sign a statement and keep it as the credential that is published."""
    signed = signing.sign(badges.credential(said, at), signer, created=said.issued_at)
    document = json.dumps(signed, ensure_ascii=False, indent=2)
    made = LevelCredential(
        organization_id=organization.id, id=said.id, publication_id=said.publication_id, level=said.level,
        title=said.title, as_of=said.as_of, issued_at=said.issued_at, key_id=key.id, document=document,
        digest=sha256(document.encode()).hexdigest(), by_id=by.user_id, by_name=by.name,
    )  # fmt: skip
    session.add(made)
    session.flush()
    acts.record(
        session,
        Act(
            organization.id, "credential.issued", said.issued_at, by.actor, object_kind="level_credential",
            object_id=made.id, content=contents.credential_content(made),
            details={"level": made.level, "as_of": made.as_of.isoformat()},
        ),
    )  # fmt: skip
    return made


def _says_the_same(issued: LevelCredential, said: badges.Statement, at: badges.Addresses) -> bool:
    before = json.loads(issued.document)
    return bool(before["credentialSubject"] == badges.credential(said, at)["credentialSubject"])


def revoke(session: Session, credential: LevelCredential, *, by: Principal, now: datetime) -> None:
    """Take a credential back. Raises AlreadyRevoked."""
    organization = session.get_one(Organization, credential.organization_id)
    _locked(session, organization)
    known = session.scalar(
        select(CredentialRevocation.id).where(
            CredentialRevocation.organization_id == credential.organization_id,
            CredentialRevocation.credential_id == credential.id,
        )
    )
    if known is not None:
        raise AlreadyRevoked
    _revoke(session, credential, RevocationKind.TAKEN_BACK, by=by, now=now)


def _revoke(
    session: Session, credential: LevelCredential, kind: RevocationKind, *, by: Principal, now: datetime
) -> None:
    made = CredentialRevocation(
        organization_id=credential.organization_id, id=uuid4(), credential_id=credential.id, kind=kind, at=now,
        by_id=by.user_id, by_name=by.name,
    )  # fmt: skip
    session.add(made)
    session.flush()
    acts.record(
        session,
        Act(
            made.organization_id, "credential.revoked", now, by.actor, object_kind="credential_revocation",
            object_id=made.id, content=contents.revocation_content(made),
            details={"level": credential.level, "as_of": credential.as_of.isoformat()},
        ),
    )  # fmt: skip
