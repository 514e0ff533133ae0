"""The home page: what is to be done today, and nothing else above it."""

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from partner_compliance import clock
from partner_compliance.access import Principal, Role, anyone, guarded, opens_at_kiosks
from partner_compliance.organizations.models import Municipality
from partner_compliance.reminders import queries
from partner_compliance.web import database_session, library

bp = Blueprint("reminders", __name__, template_folder="templates")


@bp.get("/")
@opens_at_kiosks
@guarded(anyone)
def home(principal: Principal) -> ResponseReturnValue:
    """今日やること."""
    session = database_session()
    today = clock.today()
    tasks = queries.tasks_of(session, principal, library(), today=today, more=current_app.extensions["more_tasks"])
    if principal.kiosk_id is not None:  # what does not open at a shared tablet is not asked for there
        views = current_app.view_functions
        tasks = [task for task in tasks if getattr(views[task.endpoint], "opens_at_kiosks", False)]
    municipalities = [session.get_one(Municipality, found) for found in sorted(principal.municipality_ids)]
    return render_template(
        "reminders/home.html",
        tasks=tasks,
        municipalities=municipalities,
        takes_out=bool(principal.worker_ids),
        is_operator=principal.is_(Role.OPERATOR),
        today=today,
    )
