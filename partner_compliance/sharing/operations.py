"""What can be done in the municipality's room, and when the rules refuse it."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from partner_compliance import acts
from partner_compliance.access import Principal
from partner_compliance.acts import Act
from partner_compliance.errors import RuleBroken, WrongEntry
from partner_compliance.organizations.models import Municipality
from partner_compliance.sharing import queries
from partner_compliance.sharing.models import SavedView

#: So many views a municipality shares, and so many of the own an officer keeps besides.
MOST_VIEWS = 20


class TooManyViews(RuleBroken):
    message = f"保存できる条件は、共有の条件と自分だけの条件それぞれ{MOST_VIEWS}件までです。"
    what_to_do = "使わなくなった条件を削除してから、もう一度保存してください。"


def save_view(
    session: Session,
    municipality: Municipality,
    *,
    name: str,
    wanted: Mapping[str, str],
    is_shared: bool,
    by: Principal,
    now: datetime,
    request_key: UUID,
) -> SavedView:
    """Keep a filter of the list of partners under a name, for oneself or for all officers of the municipality.

    The same `request_key` finds the view of an earlier sending. Raises WrongEntry without a name or for one that the
    officer's list has already, and TooManyViews.
    """
    found = session.scalar(
        select(SavedView).where(SavedView.municipality_id == municipality.id, SavedView.request_key == request_key)
    )
    if found is not None:
        return found
    if not name:
        raise WrongEntry("name", "名前を入力してください。")
    session.refresh(municipality, with_for_update=True)  # of two at once, one sees what the other saved
    beside = queries.saved_views(session, municipality.id, by.user_id)
    if any(queries.folded(each.name) == queries.folded(name) for each in beside):
        raise WrongEntry("name", "同じ名前の条件がすでにあります。別の名前にするか、前の条件を削除してください。")
    if sum(each.is_shared is is_shared for each in beside) >= MOST_VIEWS:
        raise TooManyViews
    made = SavedView(
        municipality_id=municipality.id, id=uuid4(), name=name, is_shared=is_shared, wanted=dict(wanted),
        request_key=request_key, made_at=now, by_id=by.user_id, by_name=by.name,
    )  # fmt: skip
    session.add(made)
    session.flush()
    _record(session, "view.saved", made, by=by, now=now)
    return made


def delete_view(session: Session, view: SavedView, *, by: Principal, now: datetime) -> None:
    """Throw a view away."""
    _record(session, "view.deleted", view, by=by, now=now)
    session.delete(view)


def _record(session: Session, act: str, view: SavedView, *, by: Principal, now: datetime) -> None:
    acts.record(
        session,
        Act(
            view.municipality_id, act, now, by.actor, object_kind="saved_view", object_id=view.id,
            details={"shared_view": view.is_shared},
        ),
    )  # fmt: skip
