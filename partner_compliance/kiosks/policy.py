"""Who may do what with shared tablets."""

from partner_compliance.access import Principal, Role
from partner_compliance.kiosks.models import Kiosk
from partner_compliance.organizations.models import Center, Worker


def _looks_after(principal: Principal, row: Kiosk | Worker) -> bool:
    return principal.heads(row.organization_id, row.center_id) or principal.is_(
        Role.PROTECTION_OFFICER, row.organization_id
    )


def may_run_kiosks(principal: Principal, center: Center) -> bool:
    """The head looks after the center's shared tablets; the protection officer after those of all centers."""
    return principal.heads(center.organization_id, center.id) or principal.is_(
        Role.PROTECTION_OFFICER, center.organization_id
    )


def may_close_kiosk(principal: Principal, kiosk: Kiosk) -> bool:
    """Whoever looks after the center's shared tablets."""
    return _looks_after(principal, kiosk)


def may_make_slip(principal: Principal, worker: Worker) -> bool:
    """The head of the center on the worker's row, and the protection officer."""
    return _looks_after(principal, worker)


def is_at_kiosk(principal: Principal) -> bool:
    """Someone who has proved who they are at a shared tablet."""
    return principal.kiosk_id is not None
