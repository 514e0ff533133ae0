"""The pages of people: one person, joining, things in hands, posts and moving; those of leaving are beside."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from partner_compliance import clock
from partner_compliance.access import Principal, Role, guarded, proved_lately
from partner_compliance.accounts.models import User
from partner_compliance.accounts.views import drop_held_input, typed_before
from partner_compliance.errors import InvalidInput, NotAllowed, NotFound, Refused, RuleBroken
from partner_compliance.organizations.models import Center, Organization, Worker
from partner_compliance.organizations.queries import centers_of
from partner_compliance.people import operations, policy, posts, queries
from partner_compliance.people.forms import (
    DismissForm,
    GroupForm,
    MoveForm,
    PostForm,
    ReasonForm,
    RejoinForm,
    SettleForm,
    StepForm,
    ThingForm,
)
from partner_compliance.people.models import Fate, JoiningRecord, JoiningStep, LentItem, Manner
from partner_compliance.roster import operations as roster
from partner_compliance.roster.models import Post, PostHolding
from partner_compliance.sheets.queries import has_account
from partner_compliance.web import database_session, page_asked_for, render_form, restores_input

bp = Blueprint("people", __name__, template_folder="templates")

#: How long someone who has left stays in the lists.
LISTED = 365


def put_at_field(form: Any, error: InvalidInput, otherwise: str) -> None:
    """Show a refusal at the field that it is about."""
    name = error.field if isinstance(error, operations.WrongEntry) else otherwise
    form[name].errors = [error.message]


def worker_in_reach(principal: Principal, organization_id: UUID, worker_id: UUID) -> Worker:
    """The person a record is about; raises NotAllowed when the reader does not look after them."""
    worker = database_session().get_one(Worker, (organization_id, worker_id))
    if not policy.may_look_after(principal, worker):
        raise NotAllowed
    return worker


def own_centers(principal: Principal, organization_id: UUID) -> frozenset[UUID] | None:
    """The centers to which a head's lists are narrowed; None for the protection officer, who sees them all."""
    if principal.is_(Role.PROTECTION_OFFICER, organization_id):
        return None
    return frozenset(center for organization, center in principal.headed_centers if organization == organization_id)


def _listed_since(today: date) -> date:
    return date.fromordinal(today.toordinal() - LISTED)


# --- one person -------------------------------------------------------------------------------------------------


@bp.get("/workers/<uuid:worker_id>")
@guarded(policy.may_read, worker=Worker)
def show(principal: Principal, worker: Worker) -> ResponseReturnValue:
    """One person: what the roster says, posts, joining, account, things in hand and leaving."""
    session, today = database_session(), clock.today()
    looks_after = policy.may_look_after(principal, worker)
    operations.record_look(session, worker, by=principal, now=clock.now())
    user = session.get(User, worker.user_id) if worker.user_id else None
    story = queries.leaving_of(session, worker)
    return render_template(
        "people/show.html",
        worker=worker,
        center=session.get_one(Center, (worker.organization_id, worker.center_id)),
        account=user,
        ways_in=[text for tell in current_app.extensions.get("ways_in", ()) if (text := tell(session, worker))],
        held=posts.posts_of_worker(session, worker),
        clearance=queries.clearance(session, worker, on=today),
        things=_things_out(worker),
        sheets=queries.unfinished_sheets(session, worker),
        story=story if story is not None and story.is_open else None,
        has_left=worker.left_on is not None and worker.left_on < today,
        previous=queries.previous_row_of(session, worker),
        following=queries.next_row_of(session, worker),
        looks_after=looks_after,
        decides=policy.may_decide(principal, worker),
        is_own=policy.is_own(principal, worker),
        elsewhere=_pages_elsewhere(principal, worker) if looks_after else [],
        slip=_address_of("kiosks.pin_slip", worker) if looks_after else "",
        today=today,
    )


def _things_out(worker: Worker) -> list[queries.Thing]:
    """What someone has in hand: of the register here, and of the ledgers of other rooms."""
    session = database_session()
    found = [thing for thing in queries.things_of(session, worker) if thing.is_out]
    return found + [thing for _, thing in taken_out([worker])]


def taken_out(workers: Sequence[Worker]) -> list[tuple[Worker, queries.Thing]]:
    """What the ledgers of other rooms say that these people have in hand."""
    session, found = database_session(), []
    for ledger in current_app.extensions.get("open_take_outs", ()):
        things_by_worker = ledger(session, workers)
        found += [(worker, thing) for worker in workers for thing in things_by_worker.get(worker.id, ())]
    return found


def _address_of(endpoint: str, worker: Worker) -> str:
    """The address of another room's page about someone."""
    return url_for(endpoint, worker_id=worker.id)


def _pages_elsewhere(principal: Principal, worker: Worker) -> list[tuple[str, str]]:
    """What other rooms can do for someone: (label, address)."""
    wanted = [("登録内容を変更する", "roster.edit"), ("変更の履歴", "roster.changes")]
    if policy.may_decide(principal, worker) and worker.user_id is not None:
        wanted.append(("アカウントと役割", "accounts.roles"))
    if not has_account(database_session(), worker):
        wanted.append(("招待する", "invitations.invite"))
    return [(label, _address_of(endpoint, worker)) for label, endpoint in wanted]


# --- who is joining and leaving ---------------------------------------------------------------------------------


@bp.get("/organizations/<uuid:organization_id>/people")
@guarded(policy.may_see_joiners_and_leavers, organization=Organization)
def overview(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """加入・退職: who is joining, who leaves, and what is still open."""
    session, today = database_session(), clock.today()
    centers = own_centers(principal, organization.id)
    out = queries.things_out(session, organization.id, centers)
    joiners = queries.joiners(session, organization.id, centers, on=today)
    page = page_asked_for(len(joiners))
    return render_template(
        "people/overview.html",
        organization=organization,
        joiners=joiners[page.offset : page.offset + page.size],
        page=page,
        leavers=queries.leavers(session, organization.id, centers, since=_listed_since(today)),
        centers=[
            (center, sum(1 for worker, _ in out if worker.center_id == center.id))
            for center in centers_of(session, organization.id)
            if centers is None or center.id in centers
        ],
        overdue=sum(1 for _, thing in out if thing.is_overdue(today)),
        own_ids=principal.worker_ids,
        is_officer=centers is None,
        steps=list(JoiningStep),
        today=today,
    )


# --- joining ----------------------------------------------------------------------------------------------------


@bp.get("/workers/<uuid:worker_id>/joining")
@guarded(policy.may_look_after, worker=Worker)
def joining(principal: Principal, worker: Worker) -> ResponseReturnValue:
    """The steps of someone's joining, and every record of them."""
    return _joining_page(worker)


def _joining_page(
    worker: Worker,
    *,
    form: ReasonForm | None = None,
    record: JoiningRecord | None = None,
    refusal: Refused | None = None,
) -> ResponseReturnValue:
    session, today = database_session(), clock.today()
    present = queries.steps_of(session, worker)
    page = render_template(
        "people/joining.html",
        worker=worker,
        clearance=queries.clearance(session, worker, on=today),
        steps=list(JoiningStep),
        present=present,
        records=queries.all_records_of(session, worker),
        form=form,
        asked=record,
        reason_form=form or ReasonForm(formdata=None),
        refusal=refusal,
        has_left=worker.left_on is not None and worker.left_on < today,
        today=today,
    )
    return page, refusal.status if refusal else 422 if form is not None and form.errors else 200


@bp.route("/workers/<uuid:worker_id>/joining/<step>", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_look_after, worker=Worker)
def record_step(principal: Principal, worker: Worker, step: str) -> ResponseReturnValue:
    """Record a step of someone's joining, or correct its record."""
    if step not in set(JoiningStep):
        raise NotFound
    session, kind = database_session(), JoiningStep(step)
    present = queries.steps_of(session, worker).get(kind)
    given: dict[str, Any] = {"done_on": clock.today(), "manner": Manner.ALONE, "by_whom": ""}
    if present is not None:
        given = {
            "done_on": present.done_on,
            "manner": present.manner,
            "subject": present.subject or "",
            "by_whom": present.by_whom or "",
        }
    held = typed_before()
    form = StepForm(kind, corrects=present is not None, **({"formdata": held} if held else {}), **given)
    refusal: Refused | None = None
    if form.validate_on_submit():
        facts = operations.StepFacts(
            kind,
            form.done_on.data,
            form.manner.data,
            form.subject.data or "",
            form.by_whom.data or "",
            (form.reason.data or "") if present is not None else "",
        )
        try:
            operations.record_step(session, worker, facts, seen=_id_sent("seen"), by=principal.actor, now=clock.now())
        except InvalidInput as error:
            put_at_field(form, error, "done_on")
        except RuleBroken as error:
            refusal = error
        else:
            drop_held_input()
            flash(f"{worker.name}さんの「{kind.label}」を記録しました。", "success")
            return redirect(url_for(".joining", worker_id=worker.id), 303)
    page, status = render_form(
        "people/record_step.html", form, worker=worker, step=kind, present=present, refusal=refusal
    )
    return page, refusal.status if refusal else status


def _id_sent(name: str) -> UUID | None:
    try:
        return UUID(request.form.get(name, ""))
    except ValueError:
        return None


@bp.post("/joining-records/<uuid:record_id>/withdrawal")
@guarded(policy.may_withdraw, record=JoiningRecord)
def withdraw_step(principal: Principal, record: JoiningRecord) -> ResponseReturnValue:
    """Take back a record of joining that was a mistake."""
    worker = worker_in_reach(principal, record.organization_id, record.worker_id)
    form = ReasonForm()
    if not form.validate():
        return _joining_page(worker, form=form, record=record)
    try:
        operations.withdraw_step(
            database_session(), record, reason=form.reason.data or "", by=principal.actor, now=clock.now()
        )
    except RuleBroken as refusal:
        return _joining_page(worker, refusal=refusal)
    flash(f"「{record.step.label}」の記録を取り消しました。", "success")
    return redirect(url_for(".joining", worker_id=worker.id), 303)


@bp.route("/organizations/<uuid:organization_id>/people/meeting", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_see_joiners_and_leavers, organization=Organization)
def meeting(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """Record a briefing, pledges or a course for everyone who took part."""
    session, today = database_session(), clock.today()
    people = [
        (worker, center)
        for worker, center in queries.people_with_centers(
            session, organization.id, own_centers(principal, organization.id), on=today
        )
        if policy.may_look_after(principal, worker)
    ]
    cleared = queries.clearances(session, [worker for worker, _ in people], on=today)
    people.sort(key=lambda pair: not cleared[pair[0].id].missing)
    held = typed_before()
    form = GroupForm(
        [(worker.id, f"{worker.name}（{center.name}）") for worker, center in people],
        **({"formdata": held} if held else {}),
        done_on=today,
        manner=Manner.GROUP,
    )
    if form.validate_on_submit() and _record_meeting(principal, form, [worker for worker, _ in people]):
        drop_held_input()
        return redirect(url_for(".overview", organization_id=organization.id), 303)
    missing = {
        str(worker_id): "まだ: " + "・".join(step.label for step in each.missing) if each.missing else "すべて済み"
        for worker_id, each in cleared.items()
    }
    return render_form("people/meeting.html", form, organization=organization, people=people, missing=missing)


def _record_meeting(principal: Principal, form: GroupForm, people: Sequence[Worker]) -> bool:
    asked = set(form.workers.data or ())
    step = form.step.data
    facts = operations.StepFacts(
        step, form.done_on.data, form.manner.data, form.subject.data or "", form.by_whom.data or ""
    )
    workers = [worker for worker in people if worker.id in asked]
    try:
        new, had = operations.record_steps(database_session(), workers, facts, by=principal.actor, now=clock.now())
    except operations.NobodyChosen as refusal:
        form.workers.errors = [refusal.message]
    except InvalidInput as refusal:
        put_at_field(form, refusal, "done_on")
    else:
        if new:
            flash(f"{len(new)}人の「{step.label}」を記録しました。", "success")
        if had:
            flash(f"{len(had)}人は、すでに記録があるため、そのままにしました。")
        return True
    return False


# --- things in hands --------------------------------------------------------------------------------------------


@bp.route("/workers/<uuid:worker_id>/things", methods=["GET", "POST"])
@guarded(policy.may_look_after, worker=Worker)
def things(principal: Principal, worker: Worker) -> ResponseReturnValue:
    """What someone has in hand, and a thing more."""
    session, today = database_session(), clock.today()
    form = ThingForm(handed_on=today)
    refusal: Refused | None = None
    if form.validate_on_submit():
        facts = operations.ThingFacts(
            form.kind.data, form.label.data or "", form.handed_on.data, form.count.data, form.due_on.data
        )
        try:
            operations.lend(session, worker, facts, by=principal.actor, now=clock.now())
        except InvalidInput as error:
            put_at_field(form, error, "handed_on")
        except RuleBroken as error:
            refusal = error
        else:
            flash(f"{worker.name}さんに渡したものを登録しました。", "success")
            return redirect(url_for(".things", worker_id=worker.id), 303)
    listed = queries.things_of(session, worker)
    others = [thing for _, thing in taken_out([worker])]
    page, status = render_form(
        "people/things.html",
        form,
        worker=worker,
        out=[thing for thing in listed if thing.is_out] + others,
        back=[thing for thing in listed if not thing.is_out],
        has_left=worker.left_on is not None and worker.left_on < today,
        refusal=refusal,
        today=today,
    )
    return page, refusal.status if refusal else status


@bp.route("/things/<uuid:item_id>", methods=["GET", "POST"])
@guarded(policy.may_settle, item=LentItem)
def settle(principal: Principal, item: LentItem) -> ResponseReturnValue:
    """Note what became of a thing."""
    session = database_session()
    worker = worker_in_reach(principal, item.organization_id, item.worker_id)
    last = queries.last_event(session, item)
    fates = [
        fate
        for fate in Fate
        if (fate is not Fate.ERASED or item.kind.may_hold_data) and (last is None or fate is not Fate.LOST)
    ]
    form = SettleForm(fates, happened_on=clock.today())
    refusal: Refused | None = None
    if form.validate_on_submit():
        try:
            operations.settle(
                session,
                item,
                form.fate.data,
                on=form.happened_on.data,
                note=form.note.data or "",
                by=principal.actor,
                now=clock.now(),
            )
        except InvalidInput as error:
            put_at_field(form, error, "happened_on")
        except RuleBroken as error:
            refusal = error
        else:
            if form.fate.data is Fate.LOST:
                flash(
                    "紛失を記録しました。個人情報が入っている可能性があるときは、すぐに個人情報責任者に知らせてください。",
                    "warning",
                )
            else:
                flash("記録しました。", "success")
            return redirect(url_for(".things", worker_id=worker.id), 303)
    page, status = render_form(
        "people/settle.html", form, item=item, worker=worker, last=last, refusal=refusal, lost=Fate.LOST
    )
    return page, refusal.status if refusal else status


@bp.get("/centers/<uuid:center_id>/things")
@guarded(policy.may_run_center, center=Center)
def center_things(principal: Principal, center: Center) -> ResponseReturnValue:
    """What is out at a center."""
    session = database_session()
    return render_template(
        "people/center_things.html",
        center=center,
        rows=queries.things_out(session, center.organization_id, [center.id])
        + taken_out(queries.everyone_at(session, center)),
        today=clock.today(),
    )


# --- posts ------------------------------------------------------------------------------------------------------


@bp.route("/workers/<uuid:worker_id>/posts", methods=["GET", "POST"])
@guarded(policy.may_decide, worker=Worker)
@proved_lately
def posts_of_worker(principal: Principal, worker: Worker) -> ResponseReturnValue:
    """Someone's posts, and a new one."""
    session = database_session()
    centers = [center for center in centers_of(session, worker.organization_id) if center.closed_on is None]
    form = PostForm([(str(center.id), center.name) for center in centers], from_on=clock.today())
    refusal: Refused | None = None
    if form.validate_on_submit():
        center = next((each for each in centers if str(each.id) == form.center.data), None)
        try:
            operations.appoint(
                session,
                worker,
                form.post.data,
                center=center,
                from_on=form.from_on.data,
                by=principal.actor,
                now=clock.now(),
            )
        except InvalidInput as error:
            put_at_field(form, error, "center" if "拠点" in error.message else "from_on")
        except RuleBroken as error:
            refusal = error
        else:
            flash(f"{worker.name}さんの「{form.post.data.label}」への就任を登録しました。", "success")
            return redirect(url_for(".posts_of_worker", worker_id=worker.id), 303)
    return _posts_page(worker, form, refusal=refusal)


def _posts_page(
    worker: Worker,
    form: PostForm,
    *,
    dismissing: PostHolding | None = None,
    dismiss_form: DismissForm | None = None,
    refusal: Refused | None = None,
) -> ResponseReturnValue:
    session, today = database_session(), clock.today()
    held = posts.posts_of_worker(session, worker)
    page = render_template(
        "people/posts_of_worker.html",
        worker=worker,
        form=form,
        now_held=[each for each in held if each.holding.until_on is None or each.holding.until_on >= today],
        before=[each for each in held if each.holding.until_on is not None and each.holding.until_on < today],
        dismissing=dismissing,
        dismiss_form=dismiss_form or DismissForm(formdata=None, until_on=today),
        has_errors=bool(form.errors or (dismiss_form and dismiss_form.errors)),
        refusal=refusal,
        has_left=worker.left_on is not None and worker.left_on < today,
        today=today,
    )
    has_errors = bool(form.errors or (dismiss_form and dismiss_form.errors))
    return page, refusal.status if refusal else 422 if has_errors else 200


@bp.post("/posts/<uuid:holding_id>/end")
@guarded(policy.may_dismiss, holding=PostHolding)
@proved_lately
def end_post(principal: Principal, holding: PostHolding) -> ResponseReturnValue:
    """End a post on a day; the role that goes with it ends at once."""
    session = database_session()
    worker = session.get_one(Worker, (holding.organization_id, holding.worker_id))
    form = DismissForm()
    refusal: Refused | None = None
    if form.validate():
        try:
            operations.dismiss(session, holding, until_on=form.until_on.data, by=principal.actor, now=clock.now())
        except InvalidInput as error:
            put_at_field(form, error, "until_on")
        except RuleBroken as error:
            refusal = error
        else:
            flash(f"{worker.name}さんの「{holding.post.label}」の退任を登録しました。", "success")
            return redirect(url_for(".posts_of_worker", worker_id=worker.id), 303)
    centers = [(str(center.id), center.name) for center in centers_of(session, worker.organization_id)]
    empty = PostForm(centers, formdata=None, from_on=clock.today())
    return _posts_page(worker, empty, dismissing=holding, dismiss_form=form, refusal=refusal)


@bp.get("/organizations/<uuid:organization_id>/posts")
@guarded(policy.may_see_posts, organization=Organization)
def organization_posts(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """Who holds which post of an organization, which are vacant, and who held them before."""
    session, today = database_session(), clock.today()
    held = posts.posts_held(session, organization.id, on=today)
    return render_template(
        "people/posts.html",
        organization=organization,
        held=sorted(held, key=lambda each: list(Post).index(each.holding.post)),
        before=posts.posts_over(session, organization.id, on=today),
        gaps=posts.gaps(
            held,
            centers_of(session, organization.id),
            with_volunteers=posts.has_volunteers(session, organization.id, on=today),
            on=today,
        ),
        is_officer=principal.is_(Role.PROTECTION_OFFICER, organization.id),
    )


# --- moving and coming back -------------------------------------------------------------------------------------


@bp.route("/workers/<uuid:worker_id>/move", methods=["GET", "POST"])
@guarded(policy.may_decide, worker=Worker)
def move(principal: Principal, worker: Worker) -> ResponseReturnValue:
    """Let someone work at another center from a day on."""
    session, today = database_session(), clock.today()
    centers = [center for center in centers_of(session, worker.organization_id) if center.closed_on is None]
    others = [center for center in centers if center.id != worker.center_id]
    is_head = any(
        each.holding.center_id == worker.center_id and each.holding.until_on is None
        for each in posts.posts_of_worker(session, worker)
    )
    form = MoveForm([(str(each.id), each.name) for each in others], is_head=is_head, moved_on=today)
    refusal: Refused | None = None
    if form.validate_on_submit():
        try:
            operations.move(
                session,
                worker,
                next(each for each in others if str(each.id) == form.center.data),
                on=form.moved_on.data,
                keeps_posts=is_head and form.keeps_posts.data == "keep",
                based_on=_number_sent("based_on"),
                by=principal.actor,
                now=clock.now(),
            )
        except InvalidInput as error:
            put_at_field(form, error, "moved_on")
        except RuleBroken as error:
            refusal = error
        else:
            flash(f"{worker.name}さんの異動を登録しました。", "success")
            return redirect(url_for(".show", worker_id=worker.id), 303)
    page, status = render_form(
        "people/move.html",
        form,
        worker=worker,
        center=session.get_one(Center, (worker.organization_id, worker.center_id)),
        others=others,
        is_head=is_head,
        based_on=roster.last_number(session, worker),
        sheets=queries.unfinished_sheets(session, worker),
        has_left=worker.left_on is not None and worker.left_on < today,
        refusal=refusal,
    )
    return page, refusal.status if refusal else status


def _number_sent(name: str) -> int | None:
    text = request.form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


@bp.route("/workers/<uuid:worker_id>/rejoining", methods=["GET", "POST"])
@guarded(policy.may_decide, worker=Worker)
def rejoin(principal: Principal, worker: Worker) -> ResponseReturnValue:
    """Put someone who had left on the roster again, under a new row."""
    session, today = database_session(), clock.today()
    if worker.left_on is None or worker.left_on >= today:
        raise operations.StillHere
    if queries.next_row_of(session, worker) is not None:
        raise operations.AlreadyBack
    centers = [center for center in centers_of(session, worker.organization_id) if center.closed_on is None]
    form = RejoinForm(
        [(str(center.id), center.name) for center in centers],
        joined_on=today,
        name_kana=worker.name_kana,
        kind=worker.kind,
        center=str(worker.center_id),
        is_handler=False,
    )
    refusal: Refused | None = None
    if form.validate_on_submit():
        facts = roster.WorkerFacts(
            name=worker.name,
            name_kana=form.name_kana.data or "",
            staff_number=worker.staff_number,
            kind=form.kind.data,
            center_id=UUID(form.center.data),
            joined_on=form.joined_on.data,
            is_handler=form.is_handler.data,
        )
        try:
            made = operations.rejoin(session, worker, facts, by=principal.actor, now=clock.now())
        except roster.WrongFacts as error:
            form.name_kana.errors = list(error.faults.values())
        except InvalidInput as error:
            put_at_field(form, error, "joined_on")
        except RuleBroken as error:
            refusal = error
        else:
            flash(f"{worker.name}さんを、もう一度名簿に加えました。加入の手続きを行ってください。", "success")
            return redirect(url_for(".joining", worker_id=made.id), 303)
    page, status = render_form("people/rejoin.html", form, worker=worker, refusal=refusal)
    return page, refusal.status if refusal else status
