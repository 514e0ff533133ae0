"""What can be done about networks: open one, join and leave, let the office act, choose who works in it."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from partner_compliance import acts
from partner_compliance.access import Entrusted, Role
from partner_compliance.accounts import operations as accounts
from partner_compliance.accounts.models import OrganizationRole
from partner_compliance.acts import Act, Actor
from partner_compliance.clock import local_date
from partner_compliance.errors import InvalidInput, RuleBroken
from partner_compliance.organizations.models import Organization, Worker
from partner_compliance.organizations.networks import (
    Network,
    NetworkMandate,
    NetworkMandateEnd,
    NetworkMembership,
    end_content,
    mandate_content,
)
from partner_compliance.organizations.operations import refuse_unusable
from partner_compliance.web import control_characters

LONGEST_RULES = 2000


class NotANetwork(RuleBroken):
    message = "この団体は、協議会・ネットワークとして登録されていません。"
    what_to_do = "先に「協議会・ネットワークとして登録する」から登録してください。"


class AlreadyMember(RuleBroken):
    message = "この団体は、すでにこのネットワークに参加しています。"
    what_to_do = "「協議会・ネットワーク」のページで、参加の状況を確認してください。"


class MemberOfItself(RuleBroken):
    message = "団体が、自分自身のネットワークに参加することはできません。"
    what_to_do = "招待は、参加してほしい団体の方に渡してください。"


class NotMember(RuleBroken):
    message = "この団体は、もうこのネットワークに参加していません。"
    what_to_do = "最新の状態を確認してください。"


class AlreadyInOffice(RuleBroken):
    message = "この方は、すでに事務局の担当者です。"


class NobodyInOffice(RuleBroken):
    message = "アカウントのない方や活動を終えた方を、事務局の担当者にすることはできません。"
    what_to_do = "先に、その方を招待して、アカウントを作ってもらってください。"


class MandateEnded(RuleBroken):
    message = "この任せ方は、すでに終わっています。"
    what_to_do = "最新の状態を確認してください。"


# --- the network ------------------------------------------------------------------------------------------------


def open_network(
    session: Session, organization: Organization, *, name: str, rules: str, by: Actor, now: datetime
) -> Network:
    """Make an organization a network, or change the name and the rules of the one it is.

    Raises InvalidInput for an unusable name or rules that are too long.
    """
    refuse_unusable(name, "ネットワークの名前", longest=200)
    if len(rules) > LONGEST_RULES or control_characters(rules, allow_lines=True):
        raise InvalidInput(f"取り決めは、{LONGEST_RULES}文字以内で書いてください。")
    network = session.get(Network, organization.id, with_for_update=True)
    is_new = network is None
    if network is None:
        network = Network(organization_id=organization.id, opened_at=now, opened_by_id=by.user_id)
        session.add(network)
    elif (network.name, network.rules) == (name, rules):
        return network
    network.name, network.rules = name, rules
    session.flush()
    acts.record(
        session,
        Act(
            organization.id, "network.opened" if is_new else "network.changed", now, by, object_kind="network",
            object_id=organization.id, details={"of_network": name},
        ),
    )  # fmt: skip
    return network


def appoint(session: Session, worker: Worker, *, by: Actor, now: datetime) -> OrganizationRole:
    """Let someone of the network's organization work in its office; what it may do for a member, that mandate says.

    Raises NotANetwork, NobodyInOffice and AlreadyInOffice.
    """
    if session.get(Network, worker.organization_id) is None:
        raise NotANetwork
    if worker.user_id is None or (worker.left_on is not None and worker.left_on < local_date(now)):
        raise NobodyInOffice
    try:
        return accounts.grant_role(session, worker, Role.NETWORK_OFFICE, by=by, now=now)
    except accounts.AlreadyHeld:
        raise AlreadyInOffice from None


# --- membership -------------------------------------------------------------------------------------------------


def join(
    session: Session, network: Network, organization: Organization, *, by: Actor, now: datetime
) -> NetworkMembership:
    """Let an organization belong to a network from today on; both histories tell of it.

    Raises MemberOfItself and AlreadyMember.
    """
    if network.organization_id == organization.id:
        raise MemberOfItself
    # The member's row is locked, so that of two at once one joins.
    session.execute(select(Organization.id).where(Organization.id == organization.id).with_for_update())
    if session.scalar(
        select(NetworkMembership.id).where(
            NetworkMembership.organization_id == organization.id,
            NetworkMembership.network_id == network.organization_id,
            NetworkMembership.ended_on.is_(None),
        )
    ):
        raise AlreadyMember
    made = NetworkMembership(
        organization_id=organization.id,
        id=uuid4(),
        network_id=network.organization_id,
        from_on=local_date(now),
        joined_at=now,
        joined_by_id=by.user_id,
        ended_on=None,
    )
    session.add(made)
    session.flush()
    _record_membership(session, made, "network.joined", network, organization, by, now=now)
    return made


def leave(session: Session, membership: NetworkMembership, *, by: Actor, now: datetime) -> None:
    """End a membership, at once and with it all that the network's office may do; raises NotMember."""
    session.refresh(membership, with_for_update=True)
    if membership.ended_on is not None:
        raise NotMember
    for mandate in _open_mandates(session, membership):
        _end(session, mandate, by=by, now=now)
    membership.ended_on = local_date(now)
    membership.ended_by_id = by.user_id
    network = session.get_one(Network, membership.network_id)
    organization = session.get_one(Organization, membership.organization_id)
    _record_membership(session, membership, "network.left", network, organization, by, now=now)


def _record_membership(
    session: Session,
    membership: NetworkMembership,
    name: str,
    network: Network,
    organization: Organization,
    by: Actor,
    *,
    now: datetime,
) -> None:
    for log_id, details in (
        (membership.organization_id, {"of_network": network.name}),
        (membership.network_id, {"member": organization.name}),
    ):
        acts.record(
            session,
            Act(log_id, name, now, by, object_kind="network_membership", object_id=membership.id, details=details),
        )


# --- what the office may do -------------------------------------------------------------------------------------


def entrust(
    session: Session,
    membership: NetworkMembership,
    tasks: Collection[Entrusted],
    *,
    from_on: date,
    until_on: date | None,
    by: Actor,
    now: datetime,
) -> NetworkMandate:
    """Let the network's office act for the member from one day to another; what was entrusted before ends.

    Raises NotMember, and InvalidInput when nothing is entrusted or the days are in the wrong order or in the past.
    """
    if not tasks:
        raise InvalidInput("任せることを、1つ以上選んでください。")
    if until_on is not None and until_on < max(from_on, local_date(now)):
        raise InvalidInput("終わりの日は、始まりの日と今日以降にしてください。")
    session.refresh(membership, with_for_update=True)
    if membership.ended_on is not None:
        raise NotMember
    for mandate in _open_mandates(session, membership):
        _end(session, mandate, by=by, now=now)
    made = NetworkMandate(
        organization_id=membership.organization_id,
        id=uuid4(),
        membership_id=membership.id,
        network_id=membership.network_id,
        enters_paper=Entrusted.PAPER in tasks,
        confirms_heads=Entrusted.HEADS in tasks,
        from_on=from_on,
        until_on=until_on,
        given_at=now,
        given_by_id=by.user_id,
        given_by_name=by.name,
    )
    session.add(made)
    session.flush()
    network = session.get_one(Network, membership.network_id)
    acts.record(
        session,
        Act(
            made.organization_id, "mandate.given", now, by, object_kind="network_mandate", object_id=made.id,
            content=mandate_content(made), details={
                "of_network": network.name, "tasks": "、".join(sorted(tasks)), "from_on": from_on.isoformat(),
                "until_on": until_on.isoformat() if until_on else None,
            },
        ),
    )  # fmt: skip
    return made


def revoke(session: Session, mandate: NetworkMandate, *, by: Actor, now: datetime) -> None:
    """Take a mandate back, at once: the office's next request is refused. Raises MandateEnded."""
    membership = session.get_one(NetworkMembership, (mandate.organization_id, mandate.membership_id))
    session.refresh(membership, with_for_update=True)
    if all(each.id != mandate.id for each in _open_mandates(session, membership)):
        raise MandateEnded
    _end(session, mandate, by=by, now=now)


def _open_mandates(session: Session, membership: NetworkMembership) -> list[NetworkMandate]:
    """The mandates of a membership (which is locked) that nobody has taken back."""
    ended = select(NetworkMandateEnd.mandate_id).where(NetworkMandateEnd.organization_id == membership.organization_id)
    return list(
        session.scalars(
            select(NetworkMandate).where(
                NetworkMandate.organization_id == membership.organization_id,
                NetworkMandate.membership_id == membership.id,
                NetworkMandate.id.not_in(ended),
            )
        )
    )


def _end(session: Session, mandate: NetworkMandate, *, by: Actor, now: datetime) -> None:
    made = NetworkMandateEnd(
        organization_id=mandate.organization_id,
        id=uuid4(),
        mandate_id=mandate.id,
        ended_at=now,
        ended_by_id=by.user_id,
        ended_by_name=by.name,
    )
    session.add(made)
    session.flush()
    network = session.get_one(Network, mandate.network_id)
    acts.record(
        session,
        Act(
            mandate.organization_id, "mandate.ended", now, by, object_kind="network_mandate_end", object_id=made.id,
            content=end_content(made), details={"of_network": network.name},
        ),
    )  # fmt: skip
