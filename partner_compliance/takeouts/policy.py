"""Who may do what with take-outs. Each rule answers yes or no, and does nothing else."""

from collections.abc import Collection
from uuid import UUID

from partner_compliance.access import Principal, Role
from partner_compliance.organizations.models import Center, Organization, Worker
from partner_compliance.takeouts.models import LossReport, StandingPermit, TakeOut, TakeOutLabel, TakeOutSettings

#: (organization, center) of the centers at which the reader stands in for the head today.
Substituted = Collection[tuple[UUID, UUID]]


def works(principal: Principal) -> bool:
    """Whoever is on a roster has take-outs of their own."""
    return bool(principal.worker_ids)


def is_own(principal: Principal, take_out: TakeOut) -> bool:
    """Whether the reader is who takes the things out."""
    return take_out.worker_id in principal.worker_ids


def is_of_organization(principal: Principal, take_out: TakeOut) -> bool:
    """Whether the reader belongs to the organization whose ledger it is; what of it is shown, the view narrows."""
    return take_out.organization_id in principal.organization_ids


def may_ask(principal: Principal, worker: Worker) -> bool:
    """The worker, and those who enter it for someone: the head of the center and the protection officer."""
    return worker.id in principal.worker_ids or may_look_after(principal, worker.organization_id, worker.center_id)


def may_look_after(principal: Principal, organization_id: UUID, center_id: UUID) -> bool:
    """The head of the center, and the protection officer for all centers."""
    return principal.heads(organization_id, center_id) or principal.is_(Role.PROTECTION_OFFICER, organization_id)


def permits(principal: Principal, take_out: TakeOut, substituted: Substituted = ()) -> Role | None:
    """The role in which the reader decides on this row; None when it is not theirs to decide.

    Nobody permits the own take-out. The head decides, the protection officer for every center (and for the head), the
    representative for the officer; someone whom the head has named stands in (DOMAIN E17).
    """
    if is_own(principal, take_out):
        return None
    return decides_at(principal, take_out.organization_id, take_out.center_id, substituted)


def decides_at(
    principal: Principal, organization_id: UUID, center_id: UUID, substituted: Substituted = ()
) -> Role | None:
    """The role in which the reader decides on take-outs from a center."""
    if principal.is_(Role.PROTECTION_OFFICER, organization_id):
        return Role.PROTECTION_OFFICER
    if principal.is_(Role.REPRESENTATIVE, organization_id):
        return Role.REPRESENTATIVE
    if principal.heads(organization_id, center_id) or (organization_id, center_id) in substituted:
        return Role.CENTER_HEAD
    return None


def permits_while_forbidden(role: Role | None) -> bool:
    """Where take-outs are forbidden, an exception is the protection officer's or the representative's (DOMAIN B23)."""
    return role in (Role.PROTECTION_OFFICER, Role.REPRESENTATIVE)


def works_with(role: Role | None, settings: TakeOutSettings) -> bool:
    """Whether a decision in that role counts under the organization's settings."""
    return role is not None and (not settings.is_forbidden or permits_while_forbidden(role))


def reads(principal: Principal, take_out: TakeOut, substituted: Substituted = ()) -> bool:
    """The worker, and those who look after the row or decide on it."""
    return (
        is_own(principal, take_out)
        or may_look_after(principal, take_out.organization_id, take_out.center_id)
        or permits(principal, take_out, substituted) is not None
    )


def may_see_ledger(principal: Principal, organization: Organization) -> bool:
    """Heads see the rows of their centers, the protection officer and the representative all."""
    return any(
        principal.is_(role, organization.id)
        for role in (Role.CENTER_HEAD, Role.PROTECTION_OFFICER, Role.REPRESENTATIVE)
    )


def sees_all(principal: Principal, organization: Organization) -> bool:
    """Whether the reader sees the ledger of every center."""
    return principal.is_(Role.PROTECTION_OFFICER, organization.id) or principal.is_(
        Role.REPRESENTATIVE, organization.id
    )


def may_settle_settings(principal: Principal, organization: Organization) -> bool:
    """The protection officer says whether take-outs are allowed and whether a second person taps."""
    return principal.is_(Role.PROTECTION_OFFICER, organization.id)


def may_run_center(principal: Principal, center: Center) -> bool:
    """The head of the center, and the protection officer."""
    return may_look_after(principal, center.organization_id, center.id)


def may_keep_label(principal: Principal, label: TakeOutLabel) -> bool:
    """Those who run the center whose label it is."""
    return may_look_after(principal, label.organization_id, label.center_id)


def may_end_standing(principal: Principal, standing: StandingPermit) -> bool:
    """Those who run the center for which it was given."""
    return may_look_after(principal, standing.organization_id, standing.center_id)


def may_see_loss(principal: Principal, loss: LossReport) -> bool:
    """The worker whose row it is, and those who run the center."""
    return loss.worker_id in principal.worker_ids or may_look_after(principal, loss.organization_id, loss.center_id)
