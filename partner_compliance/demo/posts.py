"""Posts in the demo: who answers for personal data and for security, each with a deputy, where somebody has said so."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from partner_compliance import clock
from partner_compliance.access import Role
from partner_compliance.demo.cast import Partner
from partner_compliance.demo.take_outs import Move, Scene
from partner_compliance.roster import operations as roster
from partner_compliance.roster.models import Post

#: Those of the partners with a story who have named everybody; the others stay below the first level.
_NAMED = (0, 1, 2)


def moves_of(partner: Partner, *, begins: datetime, now: datetime) -> list[Move]:
    """On the second day the operator writes down the posts of those who have named them."""
    at = begins + timedelta(days=1)
    if partner.number not in _NAMED or at > now:
        return []
    officer = next(place for place, person in enumerate(partner.people) if Role.PROTECTION_OFFICER in person.posts)
    head = partner.head_of(0)
    posts = (
        (officer, Post.PRIVACY_OFFICER),
        (head, Post.PRIVACY_OFFICER_DEPUTY),
        (head, Post.SECURITY_MANAGER),
        (officer, Post.SECURITY_MANAGER_DEPUTY),
    )

    def names(session: Session, scene: Scene) -> None:
        by = scene.principal(session, officer, at)
        for place, post in posts:
            worker = scene.worker(place)
            from_on = max(worker.joined_on, clock.local_date(begins))
            if post not in {held.post for held in roster.posts_of(session, worker, on=from_on)}:
                roster.open_post(session, worker, post, from_on=from_on, by=by.actor, now=at)

    return [(at, names)]
