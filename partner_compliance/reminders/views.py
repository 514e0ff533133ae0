"""The home page: what is to be done today, and nothing else above it."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from partner_compliance import clock
from partner_compliance.access import Principal, Role, anyone, guarded
from partner_compliance.organizations.models import Municipality
from partner_compliance.reminders import queries
from partner_compliance.web import database_session

bp = Blueprint("reminders", __name__, template_folder="templates")


@bp.get("/")
@guarded(anyone)
def home(principal: Principal) -> ResponseReturnValue:
    """今日やること."""
    session = database_session()
    today = clock.today()
    municipalities = [session.get_one(Municipality, found) for found in sorted(principal.municipality_ids)]
    return render_template(
        "reminders/home.html",
        tasks=queries.tasks_of(session, principal, today=today),
        municipalities=municipalities,
        is_operator=principal.is_(Role.OPERATOR),
        today=today,
    )
