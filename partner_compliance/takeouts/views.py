"""The worker's pages of take-outs: asking, leaving, coming back; and one row with all that happened to it."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from partner_compliance import clock
from partner_compliance.access import Principal, anyone, guarded, opens_at_kiosks
from partner_compliance.accounts.views import drop_held_input, typed_before
from partner_compliance.errors import InvalidInput, NotAllowed, NotFound, Refused, RuleBroken
from partner_compliance.kiosks.views import after_task
from partner_compliance.organizations.models import Worker
from partner_compliance.takeouts import operations, policy, queries
from partner_compliance.takeouts.forms import (
    AfterwardsForm,
    AskForm,
    CommentForm,
    DecideForm,
    DepartForm,
    ExtendForm,
    ReturnForm,
    StandingTripForm,
)
from partner_compliance.takeouts.models import StandingPermit, TakeOut, TakeOutLabel
from partner_compliance.takeouts.words import (
    ENTRUSTED,
    KEPT_INSIDE,
    ON_LEAVING,
    ON_RETURN,
    EventKind,
    Protection,
    State,
)
from partner_compliance.web import database_session, render_form, restores_input

bp = Blueprint("takeouts", __name__, template_folder="templates")

#: How many of the own rows one page shows: all that is open, and the latest.
OWN_ROWS = 60


def substituted(principal: Principal) -> frozenset[tuple[UUID, UUID]]:
    """The centers at which the reader stands in for the head today; at a shared tablet nobody is more than a worker."""
    if principal.kiosk_id is not None:
        return frozenset()
    return queries.substituted_centers(database_session(), principal.worker_ids, clock.today())


def put_at_field(form: Any, error: InvalidInput, otherwise: str) -> None:
    """Show a refusal at the field that it is about."""
    name = error.field if isinstance(error, operations.WrongEntry) and error.field in form else otherwise
    form[name].errors = [error.message]


def answer(template: str, form: Any, refusal: Refused | None, **context: Any) -> ResponseReturnValue:
    """The page of a form, with the status of its refusal."""
    page, status = render_form(template, form, refusal=refusal, **context)
    return page, refusal.status if refusal else status


# --- the own rows -----------------------------------------------------------------------------------------------


@bp.get("/my/take-outs")
@opens_at_kiosks
@guarded(policy.works)
def own(principal: Principal) -> ResponseReturnValue:
    """What the reader has outside, has asked for, and had; and the standing permissions that hold today."""
    session, today = database_session(), clock.today()
    rows = queries.own_lines(session, principal.worker_ids, principal.organization_ids, limit=OWN_ROWS)
    workers = [
        session.get_one(Worker, (held.organization_id, held.worker_id))
        for held in {(each.organization_id, each.worker_id): each for each in principal.standings}.values()
        if held.organization_id and held.worker_id
    ]
    return render_template(
        "takeouts/own.html",
        rows=[row for row in rows if row.line.state in queries.OPEN],
        past=[row for row in rows if row.line.state not in queries.OPEN],
        workers=workers,
        permits=[
            (worker, permit)
            for worker in workers
            for permit in queries.permits(session, worker.organization_id, worker_id=worker.id, since=today)
            if permit.holds_on(today)
        ],
        witnessing=queries.waiting_for_witness(session, workers, today=today),
        number=queries.record_number,
        today=today,
    )


# --- asking -----------------------------------------------------------------------------------------------------


@bp.route("/workers/<uuid:worker_id>/take-outs/new", methods=["GET", "POST"])
@restores_input
@opens_at_kiosks
@guarded(policy.may_ask, worker=Worker)
def ask(principal: Principal, worker: Worker) -> ResponseReturnValue:
    """Ask for permission to take something out; heads and officers enter it for those who cannot."""
    session = database_session()
    label = _label_sent(worker)
    given: dict[str, Any] = {"label": label.code, "medium": label.medium} if label else {}
    held = typed_before()
    form = AskForm(**({"formdata": held} if held else {}), **given)
    refusal: Refused | None = None
    if form.validate_on_submit():
        try:
            made = operations.ask(
                session, worker, form.facts(), by=principal, now=clock.now(), request_key=form.request_key.data,
                label=label,
            )  # fmt: skip
        except InvalidInput as error:
            put_at_field(form, error, "description")
        except RuleBroken as error:
            refusal = error
        else:
            drop_held_input()
            return after_task(
                principal,
                url_for(".show", take_out_id=made.id),
                "持ち出しを申請しました。許可が出るまでお待ちください。",
            )
    return answer(
        "takeouts/ask.html", form, refusal, worker=worker, label=label, is_own=worker.id in principal.worker_ids,
        settings=queries.settings_of(session, worker.organization_id), entrusted=ENTRUSTED, kept_inside=KEPT_INSIDE,
    )  # fmt: skip


def _label_sent(worker: Worker) -> TakeOutLabel | None:
    code = request.values.get("label", "")
    label = queries.label_with_code(database_session(), code) if code else None
    return label if label is not None and label.organization_id == worker.organization_id else None


@bp.route("/workers/<uuid:worker_id>/take-outs/afterwards", methods=["GET", "POST"])
@restores_input
@opens_at_kiosks
@guarded(policy.may_ask, worker=Worker)
def write_afterwards(principal: Principal, worker: Worker) -> ResponseReturnValue:
    """Write down what has left already without a row."""
    session = database_session()
    held = typed_before()
    form = AfterwardsForm(**({"formdata": held} if held else {}))
    refusal: Refused | None = None
    if form.validate_on_submit() and form.is_complete():
        try:
            made = operations.write_afterwards(
                session,
                worker,
                form.facts(),
                returned_at=form.returned.data,
                returned_count=form.returned_count.data,
                explanation=form.explanation.data or "",
                by=principal,
                now=clock.now(),
                request_key=form.request_key.data,
            )
        except InvalidInput as error:
            put_at_field(form, error, "explanation")
        except RuleBroken as error:
            refusal = error
        else:
            drop_held_input()
            return after_task(principal, url_for(".show", take_out_id=made.id), "事後の記入として、台帳に残しました。")
    return answer("takeouts/afterwards.html", form, refusal, worker=worker, is_own=worker.id in principal.worker_ids)


@bp.route("/standing-permits/<uuid:standing_id>/take-outs/new", methods=["GET", "POST"])
@restores_input
@opens_at_kiosks
@guarded(lambda principal, standing: bool(principal.worker_ids), standing=StandingPermit)
def take_with_standing(principal: Principal, standing: StandingPermit) -> ResponseReturnValue:
    """Leave with a standing permission, in one step."""
    session = database_session()
    permit = queries.permit_of(session, standing)
    own_ids = sorted(principal.worker_ids & permit.people.keys())
    if not own_ids:
        raise NotAllowed("この継続許可には、あなたの名前が入っていません。", "「持ち出しの申請」から申請してください。")
    worker = session.get_one(Worker, (standing.organization_id, own_ids[0]))
    label = _label_sent(worker)
    held = typed_before()
    form = StandingTripForm(
        ON_LEAVING[standing.medium],
        **({"formdata": held} if held else {}),
        count=standing.most,
        label=label.code if label else "",
    )
    refusal: Refused | None = None
    if form.validate_on_submit():
        try:
            made = operations.take_with_standing(
                session, worker, permit, count=form.count.data, purpose=form.purpose.data or "",
                checks=form.checks.data or (), by=principal, now=clock.now(), request_key=form.request_key.data,
                label=label,
            )  # fmt: skip
        except InvalidInput as error:
            put_at_field(form, error, "checks")
        except RuleBroken as error:
            refusal = error
        else:
            drop_held_input()
            return after_task(principal, url_for(".show", take_out_id=made.id), "持ち出しを記録しました。気をつけて。")
    return answer(
        "takeouts/standing_trip.html", form, refusal, permit=permit, worker=worker, label=label, today=clock.today()
    )


# --- one row ----------------------------------------------------------------------------------------------------


@bp.get("/take-outs/<uuid:take_out_id>")
@opens_at_kiosks
@guarded(policy.is_of_organization, take_out=TakeOut)
def show(principal: Principal, take_out: TakeOut) -> ResponseReturnValue:
    """One row with all that happened to it, and what the reader can do now."""
    return _row_page(principal, take_out)


def _row_page(
    principal: Principal, take_out: TakeOut, *, form: DecideForm | None = None, refusal: Refused | None = None
) -> ResponseReturnValue:
    session, today = database_session(), clock.today()
    stands_in = substituted(principal)
    if not policy.reads(principal, take_out, stands_in):
        raise NotAllowed
    operations.record_look(session, take_out, by=principal, now=clock.now())
    story = queries.story_of(session, take_out)
    standing = story.standing
    role = policy.permits(principal, take_out, stands_in)
    undecided = story.event(EventKind.PERMITTED, EventKind.REFUSED) is None
    settings = queries.settings_of(session, take_out.organization_id)
    page = render_template(
        "takeouts/show.html",
        story=story,
        take_out=take_out,
        standing=standing,
        number=queries.record_number(take_out),
        is_own=policy.is_own(principal, take_out),
        looks_after=policy.may_look_after(principal, take_out.organization_id, take_out.center_id),
        decides=role
        if undecided and standing.state is not State.WITHDRAWN and policy.works_with(role, settings)
        else None,
        is_stopped=settings.is_forbidden,
        needs_witness=settings.needs_witness and standing.state is State.RETURNED and not standing.is_witnessed,
        may_withdraw=standing.state in (State.ASKED, State.PERMITTED),
        may_extend=standing.state in (State.PERMITTED, State.OUT) and standing.due_on >= today,
        may_explain=standing.state in queries.LEFT,
        kept_inside=take_out.data_class in KEPT_INSIDE,
        protections=[Protection(each).label for each in take_out.protections],
        form=form or DecideForm(formdata=typed_before()),
        refusal=refusal,
        today=today,
    )
    return page, refusal.status if refusal else 422 if form is not None and form.errors else 200


@bp.post("/take-outs/<uuid:take_out_id>/decision")
@guarded(policy.is_of_organization, take_out=TakeOut)
def decide(principal: Principal, take_out: TakeOut) -> ResponseReturnValue:
    """Permit or refuse."""
    stands_in = substituted(principal)
    if policy.permits(principal, take_out, stands_in) is None:
        raise operations.NotYourDecision
    form = DecideForm()
    act = request.form.get("act", "")
    if act not in ("permit", "refuse"):
        raise NotFound
    if not form.validate():
        return _row_page(principal, take_out, form=form)
    do = operations.permit if act == "permit" else operations.refuse
    try:
        do(
            database_session(), take_out, comment=form.comment.data or "", by=principal, now=clock.now(),
            substituted=stands_in,
        )  # fmt: skip
    except InvalidInput as error:
        form.comment.errors = [error.message]
        return _row_page(principal, take_out, form=form)
    except RuleBroken as refusal:
        return _row_page(principal, take_out, form=form, refusal=refusal)
    drop_held_input(url_for(".show", take_out_id=take_out.id))
    flash(
        "許可しました。" if act == "permit" else "「許可しない」と記録しました。ご本人に理由が表示されます。", "success"
    )
    return redirect(url_for(".decisions"), 303)


def _own_or_looked_after(principal: Principal, take_out: TakeOut) -> bool:
    """The worker at the door, and those who write it down for someone."""
    return policy.is_own(principal, take_out) or policy.may_look_after(
        principal, take_out.organization_id, take_out.center_id
    )


@bp.route("/take-outs/<uuid:take_out_id>/departure", methods=["GET", "POST"])
@restores_input
@opens_at_kiosks
@guarded(_own_or_looked_after, take_out=TakeOut)
def depart(principal: Principal, take_out: TakeOut) -> ResponseReturnValue:
    """持ち出します: two checks and one button."""
    session = database_session()
    held = typed_before()
    form = DepartForm(ON_LEAVING[take_out.medium], **({"formdata": held} if held else {}), count=take_out.count)
    refusal: Refused | None = None
    if form.validate_on_submit():
        try:
            operations.depart(
                session, take_out, count=form.count.data, checks=form.checks.data or (),
                comment=form.comment.data or "", by=principal, now=clock.now(),
            )  # fmt: skip
        except InvalidInput as error:
            put_at_field(form, error, "checks")
        except RuleBroken as error:
            refusal = error
        else:
            drop_held_input()
            return after_task(
                principal, url_for(".show", take_out_id=take_out.id), "持ち出しを記録しました。気をつけて。"
            )
    story = queries.story_of(session, take_out)
    if request.method == "GET" and story.standing.state in (*queries.LEFT, State.REFUSED, State.WITHDRAWN):
        return redirect(url_for(".show", take_out_id=take_out.id))
    return answer("takeouts/depart.html", form, refusal, story=story, take_out=take_out, standing=story.standing)


@bp.route("/take-outs/<uuid:take_out_id>/return", methods=["GET", "POST"])
@restores_input
@opens_at_kiosks
@guarded(_own_or_looked_after, take_out=TakeOut)
def come_back(principal: Principal, take_out: TakeOut) -> ResponseReturnValue:
    """戻りました: count, check, done."""
    session = database_session()
    held = typed_before()
    form = ReturnForm(ON_RETURN[take_out.medium], **({"formdata": held} if held else {}))
    refusal: Refused | None = None
    story = queries.story_of(session, take_out)
    expected = story.standing.count
    if form.validate_on_submit() and (counted := form.counted(expected)) is not None:
        try:
            _, loss = operations.come_back(
                session, take_out, count=counted, checks=form.checks.data or (), comment=form.comment.data or "",
                by=principal, now=clock.now(), said_at=form.returned.data,
            )  # fmt: skip
        except InvalidInput as error:
            put_at_field(form, error, "checks")
        except RuleBroken as error:
            refusal = error
        else:
            drop_held_input()
            if loss is not None and principal.kiosk_id is None:
                flash("返却を記録しました。数が合わないため、すぐにすることをお知らせします。", "warning")
                return redirect(url_for(".loss", loss_id=loss.id), 303)
            said = (
                "数が合いません。すぐにセンター長に知らせてください。"
                if loss
                else "返却を記録しました。おつかれさまでした。"
            )
            return after_task(principal, url_for(".show", take_out_id=take_out.id), said)
    if request.method == "GET" and story.standing.state is State.RETURNED:
        return redirect(url_for(".show", take_out_id=take_out.id))
    return answer("takeouts/come_back.html", form, refusal, story=story, take_out=take_out, standing=story.standing)


@bp.route("/take-outs/<uuid:take_out_id>/witness", methods=["GET", "POST"])
@opens_at_kiosks
@guarded(policy.is_of_organization, take_out=TakeOut)
def witness(principal: Principal, take_out: TakeOut) -> ResponseReturnValue:
    """A second person saw the things come back."""
    session = database_session()
    refusal: Refused | None = None
    if request.method == "POST":
        try:
            operations.witness(session, take_out, by=principal, now=clock.now())
        except RuleBroken as error:
            refusal = error
        else:
            return after_task(principal, url_for("reminders.home"), "立ち会いの確認を記録しました。")
    story = queries.story_of(session, take_out)
    page = render_template(
        "takeouts/witness.html", story=story, take_out=take_out, standing=story.standing, refusal=refusal,
        is_own=policy.is_own(principal, take_out), back=story.event(EventKind.RETURNED),
    )  # fmt: skip
    return page, refusal.status if refusal else 200


@bp.route("/take-outs/<uuid:take_out_id>/extension", methods=["GET", "POST"])
@restores_input
@opens_at_kiosks
@guarded(_own_or_looked_after, take_out=TakeOut)
def extend(principal: Principal, take_out: TakeOut) -> ResponseReturnValue:
    """A later planned return, with a reason, before it is overdue."""
    held = typed_before()
    form = ExtendForm(**({"formdata": held} if held else {}))
    refusal: Refused | None = None
    if form.validate_on_submit():
        try:
            operations.extend(
                database_session(), take_out, until=form.until.data, comment=form.comment.data or "", by=principal,
                now=clock.now(),
            )  # fmt: skip
        except InvalidInput as error:
            put_at_field(form, error, "until")
        except RuleBroken as error:
            refusal = error
        else:
            drop_held_input()
            return after_task(principal, url_for(".show", take_out_id=take_out.id), "返却予定を延ばしました。")
    story = queries.story_of(database_session(), take_out)
    return answer("takeouts/extend.html", form, refusal, story=story, take_out=take_out, standing=story.standing)


@bp.route("/take-outs/<uuid:take_out_id>/explanation", methods=["GET", "POST"])
@restores_input
@opens_at_kiosks
@guarded(_own_or_looked_after, take_out=TakeOut)
def explain(principal: Principal, take_out: TakeOut) -> ResponseReturnValue:
    """Add to a row what it does not say yet."""
    held = typed_before()
    form = CommentForm(**({"formdata": held} if held else {}))
    refusal: Refused | None = None
    if form.validate_on_submit():
        try:
            operations.explain(
                database_session(), take_out, comment=form.comment.data or "", by=principal, now=clock.now()
            )
        except InvalidInput as error:
            put_at_field(form, error, "comment")
        except RuleBroken as error:
            refusal = error
        else:
            drop_held_input()
            return after_task(principal, url_for(".show", take_out_id=take_out.id), "説明を書き足しました。")
    story = queries.story_of(database_session(), take_out)
    return answer("takeouts/explain.html", form, refusal, story=story, take_out=take_out, standing=story.standing)


@bp.post("/take-outs/<uuid:take_out_id>/withdrawal")
@opens_at_kiosks
@guarded(_own_or_looked_after, take_out=TakeOut)
def withdraw(principal: Principal, take_out: TakeOut) -> ResponseReturnValue:
    """Take back a request before anything has left."""
    try:
        operations.withdraw(database_session(), take_out, comment="", by=principal, now=clock.now())
    except RuleBroken as refusal:
        return _row_page(principal, take_out, refusal=refusal)
    return after_task(principal, url_for(".own"), "申請を取り下げました。")


# --- a label is scanned -----------------------------------------------------------------------------------------


@bp.get("/l/<code>")
@opens_at_kiosks
@guarded(anyone)
def scan(principal: Principal, code: str) -> ResponseReturnValue:
    """Where the QR code of a label leads: to the row that is meant, or to a request with the label filled in."""
    session, today = database_session(), clock.today()
    label = queries.label_with_code(session, code.upper()) if len(code) <= 16 else None
    if label is None or label.organization_id not in principal.organization_ids:
        raise NotFound(
            "このラベルは、あなたの団体のものではありません。",
            "見つけたものなら、開けずに、書かれている団体か、あなたの団体のセンター長に知らせてください。",
        )
    if label.retired_at is not None:
        raise operations.LabelRetired
    worker_id = next(
        (
            held.worker_id
            for held in principal.standings
            if held.worker_id and held.organization_id == label.organization_id
        ),
        None,
    )
    stories = queries.stories_of(session, queries.open_rows_with_label(session, label))
    for wanted, page in ((State.OUT, ".come_back"), (State.PERMITTED, ".depart"), (State.ASKED, ".depart")):
        for story in stories:
            if story.take_out.worker_id == worker_id and story.standing.state is wanted:
                return redirect(url_for(page, take_out_id=story.take_out.id))
    if worker_id is None:
        raise NotFound(
            "このラベルで記録できる持ち出しはありません。", "従事者として登録されている方が読み取ってください。"
        )
    outside = next((story for story in stories if story.standing.state is State.OUT), None)
    return render_template(
        "takeouts/scan.html",
        label=label,
        worker=session.get_one(Worker, (label.organization_id, worker_id)),
        permits=[
            each
            for each in queries.permits(session, label.organization_id, worker_id=worker_id, since=today)
            if each.holds_on(today) and each.permit.medium is label.medium
        ],
        outside=outside,
        today=today,
    )
