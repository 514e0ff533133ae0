"""Who may do what with hand-over receipts. Each rule answers yes or no, and does nothing else."""

from partner_compliance.access import Principal, Role
from partner_compliance.organizations.models import Municipality, Organization
from partner_compliance.receipts.models import Receipt
from partner_compliance.receipts.words import Direction, Side


def works(principal: Principal) -> bool:
    """Whoever is on a roster hands things over and receives them."""
    return bool(principal.worker_ids)


def may_write(principal: Principal, organization: Organization) -> bool:
    """Whoever is on the organization's roster, each for the own side."""
    return any(held.organization_id == organization.id and held.worker_id for held in principal.standings) and (
        organization.id in principal.organization_ids
    )


def is_of_municipality(principal: Principal, municipality: Municipality) -> bool:
    """The municipality's officers."""
    return municipality.id in principal.municipality_ids


def speaks_for_organization(principal: Principal, organization_id: object) -> bool:
    """The protection officer and the representative stand for the organization."""
    return any(
        held.role in (Role.PROTECTION_OFFICER, Role.REPRESENTATIVE)
        and held.organization_id == organization_id
        and not held.network_id
        for held in principal.standings
    )


def sides_of(principal: Principal, receipt: Receipt) -> frozenset[Side]:
    """For which sides of a receipt the reader can speak.

    Inside the organization each side is one person; towards a municipality the organization's side is the person named
    or whoever stands for the organization, the other side any officer of that municipality.
    """
    found = set()
    people = {Side.GIVER: receipt.giver_id, Side.RECEIVER: receipt.receiver_id}
    of_municipality = {
        Direction.INSIDE: None,
        Direction.FROM_MUNICIPALITY: Side.GIVER,
        Direction.TO_MUNICIPALITY: Side.RECEIVER,
    }.get(receipt.direction)
    for side in Side:
        if side is of_municipality:
            if receipt.municipality_id in principal.municipality_ids:
                found.add(side)
        elif people[side] in principal.worker_ids or (
            of_municipality is not None and speaks_for_organization(principal, receipt.organization_id)
        ):
            found.add(side)
    return frozenset(found)


def may_look_after(principal: Principal, receipt: Receipt) -> bool:
    """Those who stand for the organization, and the head of the center of its person."""
    return speaks_for_organization(principal, receipt.organization_id) or (
        receipt.center_id is not None and principal.heads(receipt.organization_id, receipt.center_id)
    )


def may_read(principal: Principal, receipt: Receipt) -> bool:
    """Both sides, and those who look after it."""
    return bool(sides_of(principal, receipt)) or may_look_after(principal, receipt)


def may_stand_by(principal: Principal, receipt: Receipt) -> bool:
    """Whoever speaks for one of the sides."""
    return bool(sides_of(principal, receipt))


def may_end(principal: Principal, receipt: Receipt) -> bool:
    """Whoever speaks for the receiver, and those who look after it in the organization that holds it."""
    if Side.RECEIVER in sides_of(principal, receipt):
        return True
    return receipt.direction is not Direction.TO_MUNICIPALITY and may_look_after(principal, receipt)


def may_confirm_on_paper(principal: Principal, receipt: Receipt) -> bool:
    """Whoever speaks for a side or looks after it enters what the other side has confirmed on paper."""
    return may_read(principal, receipt)


def may_acknowledge(principal: Principal, receipt: Receipt) -> bool:
    """Whoever speaks for the giver."""
    return Side.GIVER in sides_of(principal, receipt)


def may_see_register(principal: Principal, organization: Organization) -> bool:
    """Heads see the receipts of the people of their centers, the protection officer and the representative all."""
    return any(
        principal.is_(role, organization.id)
        for role in (Role.CENTER_HEAD, Role.PROTECTION_OFFICER, Role.REPRESENTATIVE)
    )


def sees_all(principal: Principal, organization: Organization) -> bool:
    """Whether the reader sees the receipts of every center."""
    return speaks_for_organization(principal, organization.id)
