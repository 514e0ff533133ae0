"""Who may do what with a sheet. Each rule answers yes or no, and does nothing else."""

from collections.abc import Collection
from datetime import date

from partner_compliance.access import Entrusted, Principal, Role
from partner_compliance.organizations.models import Center, Organization, Worker
from partner_compliance.sheets.models import BinderJob, CheckSheet, CorrectiveAction


def is_own(principal: Principal, sheet: CheckSheet) -> bool:
    """Whether the sheet is the reader's own."""
    return sheet.worker_id in principal.worker_ids


def may_fill_in(principal: Principal, sheet: CheckSheet) -> bool:
    """Only the worker answers the own sheet (paper is entered elsewhere)."""
    return is_own(principal, sheet)


def may_look_after(principal: Principal, sheet: CheckSheet) -> bool:
    """The head of the sheet's center and the protection officer look after the sheets of others, never the own one."""
    return not is_own(principal, sheet) and (
        principal.heads(sheet.organization_id, sheet.center_id)
        or principal.is_(Role.PROTECTION_OFFICER, sheet.organization_id)
    )


def may_enter_paper(principal: Principal, sheet: CheckSheet) -> bool:
    """Those who look after the sheet, and a network's office to which the organization has entrusted its paper."""
    return may_look_after(principal, sheet) or (
        not is_own(principal, sheet) and principal.is_entrusted(sheet.organization_id, Entrusted.PAPER)
    )


def may_confirm(principal: Principal, sheet: CheckSheet) -> bool:
    """Who can be asked to sign off or return at all; whose line it is for this sheet, `confirms` decides."""
    return may_look_after(principal, sheet) or (
        not is_own(principal, sheet)
        and (
            principal.is_(Role.REPRESENTATIVE, sheet.organization_id)
            or principal.is_entrusted(sheet.organization_id, Entrusted.HEADS)
        )
    )


def may_read(principal: Principal, sheet: CheckSheet) -> bool:
    """The worker, and those who may confirm or enter; for some of them only their own line, `reads` decides."""
    return is_own(principal, sheet) or may_confirm(principal, sheet) or may_enter_paper(principal, sheet)


def reads(principal: Principal, sheet: CheckSheet, posts: Collection[Role], *, has_account: bool) -> bool:
    """Whether the sheet of a worker who holds `posts` is one that the reader has to do with.

    The representative reads the protection officers' sheets; a network's office those it confirms, and the paper of
    people without an account.
    """
    if is_own(principal, sheet) or may_look_after(principal, sheet):
        return True
    return confirms(principal, sheet, posts) is not None or enters_for_network(
        principal, sheet, has_account=has_account
    )


def enters_for_network(principal: Principal, sheet: CheckSheet, *, has_account: bool) -> bool:
    """Whether the reader enters this worker's paper for a network: only that of people without an account."""
    return not has_account and principal.is_entrusted(sheet.organization_id, Entrusted.PAPER)


def acts_for_network(principal: Principal, sheet: CheckSheet) -> str:
    """The name of the network for which the reader touches this sheet; empty for those of the organization itself."""
    if is_own(principal, sheet) or may_look_after(principal, sheet):
        return ""
    if principal.is_(Role.REPRESENTATIVE, sheet.organization_id):
        return ""
    return principal.network_in(sheet.organization_id)


def confirms(principal: Principal, sheet: CheckSheet, posts: Collection[Role]) -> Role | None:
    """The role in which the reader signs off this sheet of a worker who holds `posts`; None when it is not their line.

    Nobody signs off the own sheet: a worker's is confirmed by the head of the center (the protection officer stands
    in), a head's by the protection officer, the officer's by another officer or the representative
    (DOMAIN E15; §2, oddity 6). A head's also by the network's office to which the organization has entrusted that.
    """
    if is_own(principal, sheet):
        return None
    if principal.is_(Role.PROTECTION_OFFICER, sheet.organization_id):
        return Role.PROTECTION_OFFICER
    if Role.PROTECTION_OFFICER in posts:
        return Role.REPRESENTATIVE if principal.is_(Role.REPRESENTATIVE, sheet.organization_id) else None
    if Role.CENTER_HEAD in posts:
        return Role.NETWORK_OFFICE if principal.is_entrusted(sheet.organization_id, Entrusted.HEADS) else None
    return Role.CENTER_HEAD if principal.heads(sheet.organization_id, sheet.center_id) else None


def excuses(principal: Principal, sheet: CheckSheet, posts: Collection[Role]) -> Role | None:
    """The role in which the reader excuses the worker from a month; that is never left to a network's office."""
    role = confirms(principal, sheet, posts)
    return None if role is Role.NETWORK_OFFICE else role


def may_see_month(principal: Principal, center: Center) -> bool:
    """Those who run the center; a network's office sees of its month what it has to do there."""
    return may_run_center(principal, center) or principal.is_entrusted(center.organization_id)


def may_print_blanks(principal: Principal, center: Center) -> bool:
    """Those who enter the paper sheets print them too."""
    return may_run_center(principal, center) or principal.is_entrusted(center.organization_id, Entrusted.PAPER)


def may_run_center(principal: Principal, center: Center) -> bool:
    """The head runs the center's month; the protection officer sees to all centers."""
    return principal.heads(center.organization_id, center.id) or principal.is_(
        Role.PROTECTION_OFFICER, center.organization_id
    )


def may_oversee(principal: Principal, organization: Organization) -> bool:
    """The protection officer oversees every center's month and sets the days on which sheets are due."""
    return principal.is_(Role.PROTECTION_OFFICER, organization.id)


def takes_paper(worker: Worker, today: date, *, has_account: bool) -> bool:
    """Whether somebody else enters the worker's sheet: who has no account (or one for shared tablets only), or has left
    and can no longer sign in."""
    return not has_account or (worker.left_on is not None and worker.left_on < today)


def takes_paper_from(
    principal: Principal, sheet: CheckSheet, worker: Worker, today: date, *, has_account: bool
) -> bool:
    """Whether this reader may enter this worker's paper; a network's office never for someone with an account."""
    if may_look_after(principal, sheet):
        return takes_paper(worker, today, has_account=has_account)
    return not is_own(principal, sheet) and enters_for_network(principal, sheet, has_account=has_account)


def acts_for_networks(principal: Principal) -> bool:
    """Whoever works in the office of a network that acts for a member today."""
    return bool(principal.entrusting_ids)


def may_fetch_binder(principal: Principal, binder: BinderJob) -> bool:
    """Whoever runs the center whose month it binds."""
    return principal.heads(binder.organization_id, binder.center_id) or principal.is_(
        Role.PROTECTION_OFFICER, binder.organization_id
    )


def may_mend(principal: Principal, action: CorrectiveAction) -> bool:
    """Heads and the protection officer record what was done; whether it is the head's center, the view checks."""
    return principal.is_(Role.PROTECTION_OFFICER, action.organization_id) or principal.is_(
        Role.CENTER_HEAD, action.organization_id
    )
