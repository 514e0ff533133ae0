"""The platform's signing keys: kept sealed in the database, one signs, all that are not withdrawn verify.

Kept as the secrets of authenticators are: whoever has only the database, or a backup of it, cannot sign. After a change
of SECRET_KEY the next credential is signed with a new key; the public halves of the old ones go on verifying.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from partner_compliance import acts
from partner_compliance.accounts.sealing import Vault
from partner_compliance.acts import PLATFORM_LOG, Act, Actor
from partner_compliance.history.models import LogState
from partner_compliance.history.operations import open_log
from partner_compliance.publications.badges import Addresses
from partner_compliance.publications.models import SigningKey
from partner_compliance.publications.signing import Signer, multikey

_PURPOSE = b"partner-compliance: keys that sign credentials, 1"


def vault_of(secret_key: str) -> Vault:
    """The vault that the private halves are sealed in."""
    return Vault(secret_key, purpose=_PURPOSE)


def keys_that_verify(session: Session) -> Sequence[SigningKey]:
    """The keys that verify, newest first: all since the last one that withdrew the earlier ones."""
    found: list[SigningKey] = []
    for key in session.scalars(select(SigningKey).order_by(SigningKey.number.desc())):
        found.append(key)
        if key.withdraws_earlier:
            break
    return found


def signer_of(key: SigningKey, vault: Vault, at: Addresses) -> Signer | None:
    """Sign with a key; None where SECRET_KEY was changed since it was made."""
    secret = vault.open(key.sealed)
    if secret is None:
        return None
    return Signer(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret)), at.key(key.public_key))


def make_key(session: Session, vault: Vault, *, withdraw_earlier: bool, by: Actor, now: datetime) -> SigningKey:
    """Make a new key that signs from now on; the earlier ones go on verifying, unless they are withdrawn."""
    private = Ed25519PrivateKey.generate()
    last = session.scalars(select(SigningKey).order_by(SigningKey.number.desc()).limit(1)).first()
    key = SigningKey(
        id=uuid4(), number=last.number + 1 if last else 1, public_key=multikey(private.public_key()),
        sealed=vault.seal(private.private_bytes_raw().hex()), withdraws_earlier=withdraw_earlier, made_at=now,
    )  # fmt: skip
    session.add(key)
    session.flush()
    if session.get(LogState, PLATFORM_LOG) is None:
        open_log(session, PLATFORM_LOG, "platform", now=now)
    acts.record(
        session,
        Act(PLATFORM_LOG, "signing_key.made", now, by,
            details={"key": key.public_key, "withdrawn": withdraw_earlier}),
    )  # fmt: skip
    return key


def present_signer(session: Session, vault: Vault, at: Addresses, *, now: datetime) -> tuple[SigningKey, Signer]:
    """The key that signs today, made by the platform where there is none yet."""
    newest = next(iter(keys_that_verify(session)), None)
    signer = signer_of(newest, vault, at) if newest is not None else None
    if newest is None or signer is None:
        newest = make_key(session, vault, withdraw_earlier=False, by=acts.SYSTEM, now=now)
        signer = signer_of(newest, vault, at)
        assert signer is not None  # noqa: S101 - it was sealed just now
    return newest, signer
