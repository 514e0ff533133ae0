"""The pages of those who keep the rules: the wizard, drafts, adoption, coverage, changes at the sources."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from partner_compliance import clock
from partner_compliance.access import Principal, guarded, opens_at_kiosks
from partner_compliance.accounts.views import drop_held_input, typed_before
from partner_compliance.errors import InvalidInput, NotFound, Refused, RuleBroken, WrongEntry
from partner_compliance.organizations.models import Center, Organization, Worker
from partner_compliance.organizations.queries import centers_of
from partner_compliance.rulebooks import adoption, clauses, lineage, operations, paper, policy, proposals, queries
from partner_compliance.rulebooks.forms import (
    AddArticleForm,
    AdoptForm,
    ArticleForm,
    CommentForm,
    NoChangeForm,
    PaperForm,
    ReasonForm,
    ReplyForm,
    ReviewForm,
    WizardForm,
    first_answers,
    wizard_form,
)
from partner_compliance.rulebooks.models import DraftArticle, Rulebook, RuleDraft, RuleVersion
from partner_compliance.rulebooks.views import PDF, bp, clause_titles, kits_now
from partner_compliance.rulebooks.words import Answer
from partner_compliance.web import (
    database_session,
    file_response,
    library,
    put_at_field,
    restores_input,
)


def _organization(organization_id: UUID) -> Organization:
    return database_session().get_one(Organization, organization_id)


def _back(draft: RuleDraft, said: str) -> ResponseReturnValue:
    flash(said, "success")
    return redirect(url_for(".draft", draft_id=draft.id), 303)


# --- the list and the wizard ------------------------------------------------------------------------------------


@bp.get("/organizations/<uuid:organization_id>/rules")
@guarded(policy.may_see_rules, organization=Organization)
def index(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """Where each rule of an organization stands."""
    session, today = database_session(), clock.today()
    states = queries.states_of(session, organization.id, today=today)
    begun = {state.rulebook.key for state in states}
    may_keep = policy.may_keep(principal, organization)
    is_inside = organization.id in principal.organization_ids
    changes = {}
    if may_keep:
        for state in states:
            changes[state.rulebook.id] = (
                len(proposals.proposals_of(session, library(), state, kits_now(), today=today)),
                proposals.withdrawn_sources(session, library(), state, kits_now(), today=today),
            )
    return render_template(
        "rulebooks/index.html",
        organization=organization,
        states=states if is_inside else [state for state in states if state.versions],
        missing=[each for each in library().rules_for(today) if each.key not in begun],
        may_keep=may_keep,
        may_read_drafts=may_keep or policy.may_see_coverage(principal, organization),
        is_inside=is_inside,
        changes=changes,
        today=today,
        soon=today + queries.SAY_BEFORE,
    )


@bp.route("/organizations/<uuid:organization_id>/rules/new", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_keep, organization=Organization)
def wizard(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """Answer some questions; the organization's own rules come out as drafts."""
    session, today = database_session(), clock.today()
    asked = library().wizard_for(today)
    offered = [(each.key, each.title) for each in library().rules_for(today)]
    states = queries.states_of(session, organization.id, today=today)
    taken = {state.rulebook.key for state in states if state.draft is not None or state.versions}
    held = typed_before()
    given: dict[str, Any] = {"formdata": held} if held else {}
    before = next((state.answers for state in states if state.answers), {})
    data = first_answers(organization, before) | {"rules": [key for key, _ in offered if key not in taken]}
    form = wizard_form(asked, offered, **given, data=data)
    refusal: Refused | None = None
    if form.validate_on_submit():
        try:
            made = operations.begin(
                session, library(), organization, form.rules.data or [], form.answers(asked), by=principal,
                now=clock.now(),
            )  # fmt: skip
        except WrongEntry as error:
            form.put_error(error.field, error.message)
        except RuleBroken as error:
            refusal = error
        else:
            drop_held_input()
            flash(f"{len(made)}つの下書きができました。読んで、団体に合うように直してください。", "success")
            return redirect(url_for(".index", organization_id=organization.id), 303)
    return wizard_page("rulebooks/wizard.html", form, refusal, organization=organization, wizard=asked, taken=taken)


def wizard_page(template: str, form: WizardForm, refusal: Refused | None, **context: Any) -> tuple[str, int]:
    """A page with the wizard's questions, as sent back or for the first time."""
    page = render_template(template, form=form, refusal=refusal, **context)
    return page, refusal.status if refusal else 422 if form.errors else 200


# --- a draft ----------------------------------------------------------------------------------------------------


@bp.get("/rule-drafts/<uuid:draft_id>")
@guarded(policy.may_read_draft, draft=RuleDraft)
def draft(principal: Principal, draft: RuleDraft) -> ResponseReturnValue:
    """A draft: all its articles, what is still open, comments, and what comes next."""
    return draft_page(principal, draft)


def draft_page(
    principal: Principal, draft: RuleDraft, *, form: ReviewForm | None = None, refusal: Refused | None = None
) -> ResponseReturnValue:
    """The page of a draft; with why something could not be done."""
    session, now = database_session(), clock.now()
    rows = queries.articles_of(session, draft)
    rulebook = session.get_one(Rulebook, (draft.organization_id, draft.rulebook_id))
    mandatory = operations.mandatory_of(library(), rulebook.key, draft.answers, now)
    asked = form or ReviewForm(formdata=None)
    asked.seen.show(draft.revision)
    page = render_template(
        "rulebooks/draft.html",
        draft=draft,
        rulebook=rulebook,
        organization=_organization(draft.organization_id),
        rows=rows,
        problems=operations.problems_of(draft, rows, mandatory) if draft.ended_at is None else [],
        comments=queries.comments_of(session, draft),
        form=asked,
        refusal=refusal,
        may_write=policy.may_write(principal, draft) and draft.ended_at is None,
        is_reviewed=draft.reviewed_revision == draft.revision,
    )
    return page, refusal.status if refusal else 422 if form is not None and form.errors else 200


@bp.get("/rule-drafts/<uuid:draft_id>/pdf")
@guarded(policy.may_read_draft, draft=RuleDraft)
def draft_pdf(principal: Principal, draft: RuleDraft) -> ResponseReturnValue:
    """The draft as PDF, for those who decide on it."""
    rows = queries.articles_of(database_session(), draft)
    articles = [queries.as_article(row) for row in rows if not row.is_left_out]
    content = paper.draft_pdf(draft, articles, _organization(draft.organization_id), made_at=clock.now())
    return file_response(content, name=f"{draft.title}_案.pdf", mimetype=PDF, inline=True)


def _row(draft: RuleDraft, key: str) -> DraftArticle:
    found = queries.article_of(database_session(), draft, key)
    if found is None:
        raise NotFound
    return found


@bp.route("/rule-drafts/<uuid:draft_id>/articles/<key>", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_write, draft=RuleDraft)
def article(principal: Principal, draft: RuleDraft, key: str) -> ResponseReturnValue:
    """Write an article, with its source beside it, what changed, and what is said about it."""
    session, row = database_session(), _row(draft, key)
    held = typed_before()
    form = ArticleForm(**({"formdata": held} if held else {}), obj=row, seen=row.revision)
    refusal: Refused | None = None
    mine = ""
    if form.validate_on_submit():
        try:
            operations.change_article(
                session, draft, row, form.typed(), seen=form.seen.data or 0, by=principal, now=clock.now()
            )
        except operations.ChangedMeanwhile as error:
            # What was typed stays; the next sending is based on what is shown beside it.
            refusal, mine = error, form.text.data or ""
            form.seen.show(row.revision)
        except InvalidInput as error:
            put_at_field(form, error, "text")
        except RuleBroken as error:
            refusal = error
        else:
            drop_held_input()
            return _back(draft, f"{row.title}を保存しました。")
    return _article_page(draft, row, form, refusal, mine=mine)


def _article_page(
    draft: RuleDraft,
    row: DraftArticle,
    form: ArticleForm,
    refusal: Refused | None = None,
    *,
    mine: str = "",
    reason: ReasonForm | None = None,
    remark: CommentForm | None = None,
) -> ResponseReturnValue:
    session, today = database_session(), clock.today()
    wizard = library().wizard_for(today)
    source = lineage.Source.from_json(row.source)
    rulebook = session.get_one(Rulebook, (draft.organization_id, draft.rulebook_id))
    reason = reason or ReasonForm(formdata=None)
    reason.seen.show(row.revision)
    errors = form.errors or reason.errors or (remark.errors if remark is not None else {})
    page = render_template(
        "rulebooks/article.html",
        draft=draft,
        organization=_organization(draft.organization_id),
        row=row,
        form=form,
        reason=reason,
        remark=remark or CommentForm(formdata=None),
        refusal=refusal,
        mine=mine,
        source=source,
        source_text=lineage.filled(source.template, wizard, draft.answers) if source else "",
        comments=queries.comments_of(session, draft).get(row.key, []),
        practices=library().practices_for(today).about(f"{rulebook.key}/{row.key}"),
        clauses=clause_titles(),
        has_errors=bool(errors),
    )
    return page, refusal.status if refusal else 422 if errors else 200


@bp.post("/rule-drafts/<uuid:draft_id>/articles/<key>/left-out")
@guarded(policy.may_write, draft=RuleDraft)
def leave_out(principal: Principal, draft: RuleDraft, key: str) -> ResponseReturnValue:
    """Leave an article out of the rule."""
    session, row = database_session(), _row(draft, key)
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            operations.leave_out(
                session, library(), draft, row, reason=form.reason.data or "", seen=form.seen.data or 0, by=principal,
                now=clock.now(),
            )  # fmt: skip
        except InvalidInput as error:
            put_at_field(form, error, "reason")
        except RuleBroken as error:
            typed = ArticleForm(formdata=None, obj=row, seen=row.revision)
            return _article_page(draft, row, typed, error, reason=form)
        else:
            return _back(draft, f"{row.title}を除きました。戻すこともできます。")
    return _article_page(draft, row, ArticleForm(formdata=None, obj=row, seen=row.revision), reason=form)


@bp.post("/rule-drafts/<uuid:draft_id>/articles/<key>/put-back")
@guarded(policy.may_write, draft=RuleDraft)
def put_back(principal: Principal, draft: RuleDraft, key: str) -> ResponseReturnValue:
    """Take an article that was left out into the rule again."""
    row = _row(draft, key)
    operations.put_back(database_session(), draft, row, by=principal, now=clock.now())
    return _back(draft, f"{row.title}を戻しました。")


@bp.post("/rule-drafts/<uuid:draft_id>/articles/<key>/comments")
@guarded(policy.may_read_draft, draft=RuleDraft)
def comment(principal: Principal, draft: RuleDraft, key: str) -> ResponseReturnValue:
    """Say something about an article."""
    row = _row(draft, key)
    form = CommentForm()
    if form.validate_on_submit():
        operations.comment(database_session(), draft, row, form.text.data or "", by=principal, now=clock.now())
        flash("コメントを書きました。", "success")
        return redirect(url_for(".draft", draft_id=draft.id) + f"#{row.key}", 303)
    if not policy.may_write(principal, draft):
        return draft_page(principal, draft, refusal=InvalidInput("コメントを1000文字以内で入力してください。"))
    return _article_page(draft, row, ArticleForm(formdata=None, obj=row, seen=row.revision), remark=form)


@bp.route("/rule-drafts/<uuid:draft_id>/new-article", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_write, draft=RuleDraft)
def add_article(principal: Principal, draft: RuleDraft) -> ResponseReturnValue:
    """Add an article of one's own."""
    session = database_session()
    chapters = list(dict.fromkeys(row.chapter for row in queries.articles_of(session, draft)))
    held = typed_before()
    form = AddArticleForm(chapters, **({"formdata": held} if held else {}))
    refusal: Refused | None = None
    if form.validate_on_submit():
        try:
            operations.add_article(
                session, draft, form.number.data or "", form.chapter.data, form.typed(), by=principal, now=clock.now()
            )
        except InvalidInput as error:
            put_at_field(form, error, "number")
        except RuleBroken as error:
            refusal = error
        else:
            drop_held_input()
            return _back(draft, "条を加えました。")
    page = render_template(
        "rulebooks/new_article.html", draft=draft, organization=_organization(draft.organization_id), form=form,
        refusal=refusal,
    )  # fmt: skip
    return page, refusal.status if refusal else 422 if form.errors else 200


@bp.post("/rule-drafts/<uuid:draft_id>/review")
@guarded(policy.may_write, draft=RuleDraft)
def review(principal: Principal, draft: RuleDraft) -> ResponseReturnValue:
    """Say that the whole draft was read and is in order."""
    form = ReviewForm()
    if form.validate_on_submit():
        try:
            operations.review(
                database_session(), library(), draft, seen=form.seen.data or 0, by=principal, now=clock.now()
            )
        except RuleBroken as error:
            return draft_page(principal, draft, refusal=error)
        return _back(draft, "全体を確認しました。次は、決める場で決めて、採択を記録してください。")
    return draft_page(principal, draft, form=form)


@bp.post("/rule-drafts/<uuid:draft_id>/discard")
@guarded(policy.may_write, draft=RuleDraft)
def discard(principal: Principal, draft: RuleDraft) -> ResponseReturnValue:
    """Throw a draft away."""
    operations.discard(database_session(), draft, by=principal, now=clock.now())
    flash("下書きを取り消しました。", "success")
    return redirect(url_for(".index", organization_id=draft.organization_id), 303)


@bp.route("/rule-drafts/<uuid:draft_id>/adoption", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_write, draft=RuleDraft)
def adopt(principal: Principal, draft: RuleDraft) -> ResponseReturnValue:
    """Record that a reviewed draft was decided on."""
    session, today = database_session(), clock.today()
    rulebook = session.get_one(Rulebook, (draft.organization_id, draft.rulebook_id))
    before = queries.state_of(session, rulebook, today=today)
    held = typed_before()
    form = AdoptForm(**({"formdata": held} if held else {}), decided_on=today, in_force_from=today)
    refusal: Refused | None = None
    if form.is_submitted() and before.versions and not form.kind.data:
        form.validate()
        form.kind.errors = ["変更の大きさを選んでください。"]
    elif form.validate_on_submit():
        decision = adoption.Decision(
            form.decided_by.data, form.decided_on.data, form.in_force_from.data, form.kind.data == "material",
            form.acknowledge_by.data, form.change.data or "",
        )  # fmt: skip
        try:
            made = adoption.adopt(session, library(), draft, decision, by=principal, now=clock.now())
        except InvalidInput as error:
            put_at_field(form, error, "decided_on")
        except RuleBroken as error:
            refusal = error
        else:
            drop_held_input()
            flash(f"{made.title} 第{made.number}版の採択を記録しました。", "success")
            return redirect(url_for(".show", version_id=made.id), 303)
    page = render_template(
        "rulebooks/adopt.html", draft=draft, organization=_organization(draft.organization_id), before=before,
        form=form, refusal=refusal, is_reviewed=draft.reviewed_revision == draft.revision,
    )  # fmt: skip
    return page, refusal.status if refusal else 422 if form.errors else 200


# --- a version --------------------------------------------------------------------------------------------------


@bp.get("/rule-versions/<uuid:version_id>")
@opens_at_kiosks
@guarded(policy.may_read, version=RuleVersion)
def show(principal: Principal, version: RuleVersion) -> ResponseReturnValue:
    """An adopted version, word for word, with where each article comes from and what it is for."""
    return version_page(principal, version)


def version_page(
    principal: Principal, version: RuleVersion, *, form: NoChangeForm | None = None, refusal: Refused | None = None
) -> ResponseReturnValue:
    """The page of a version; with a form that came back, or with why something could not be done."""
    session, today = database_session(), clock.today()
    rulebook = session.get_one(Rulebook, (version.organization_id, version.rulebook_id))
    state = queries.state_of(session, rulebook, today=today)
    is_current = state.current is not None and state.current.id == version.id
    page = render_template(
        "rulebooks/version.html",
        version=version,
        organization=_organization(version.organization_id),
        articles=queries.articles_in(version),
        state=state,
        is_current=is_current,
        is_inside=version.organization_id in principal.organization_ids,
        may_keep=policy.may_publish(principal, version) and principal.kiosk_id is None,
        form=form or NoChangeForm(formdata=None, on=today),
        refusal=refusal,
        public_address=url_for(".published", code=rulebook.code, _external=True),
        today=today,
    )
    return page, refusal.status if refusal else 422 if form is not None and form.errors else 200


@bp.post("/rule-versions/<uuid:version_id>/revision")
@guarded(policy.may_publish, version=RuleVersion)
def revise(principal: Principal, version: RuleVersion) -> ResponseReturnValue:
    """Begin to change an adopted rule."""
    session = database_session()
    try:
        made = operations.begin_revision(
            session, _organization(version.organization_id), version, by=principal, now=clock.now()
        )
    except RuleBroken as error:
        return version_page(principal, version, refusal=error)
    return _back(made, "改正の下書きを始めました。")


@bp.post("/rule-versions/<uuid:version_id>/publication")
@guarded(policy.may_publish, version=RuleVersion)
def publish(principal: Principal, version: RuleVersion) -> ResponseReturnValue:
    """Let everyone read the rule under its permanent address, or take it back."""
    try:
        if request.form.get("publish") == "no":
            adoption.unpublish(database_session(), version, by=principal, now=clock.now())
            flash("公開を取りやめました。", "success")
        else:
            adoption.publish(database_session(), version, by=principal, now=clock.now())
            flash("公開しました。アドレスは、版が変わっても同じです。", "success")
    except RuleBroken as error:
        return version_page(principal, version, refusal=error)
    return redirect(url_for(".show", version_id=version.id), 303)


@bp.post("/rule-versions/<uuid:version_id>/review")
@guarded(policy.may_publish, version=RuleVersion)
def no_change(principal: Principal, version: RuleVersion) -> ResponseReturnValue:
    """Record the decision that a rule stays as it is."""
    form = NoChangeForm()
    if form.validate_on_submit():
        try:
            adoption.review_without_change(
                database_session(), version, decided_by=form.decided_by.data, on=form.on.data,
                note=form.note.data or "", by=principal, now=clock.now(),
            )  # fmt: skip
        except InvalidInput as error:
            put_at_field(form, error, "note")
        except RuleBroken as error:
            return version_page(principal, version, refusal=error)
        else:
            flash("見直しの結果を記録しました。", "success")
            return redirect(url_for(".show", version_id=version.id), 303)
    return version_page(principal, version, form=form)


# --- what contracts ask -----------------------------------------------------------------------------------------


@bp.get("/organizations/<uuid:organization_id>/rules/contracts")
@guarded(policy.may_keep, organization=Organization)
def check(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """What the clauses of the contracts ask for, and which of it the rules do not say yet."""
    session, today = database_session(), clock.today()
    states = queries.states_of(session, organization.id, today=today)
    agreed = clauses.agreed(session, library(), organization.id, today=today)
    checked = clauses.check(
        library(), agreed, [(state.title, state.articles, state.answers) for state in states], today=today
    )
    grouped: dict[UUID, list[clauses.Checked]] = {}
    for each in checked:
        grouped.setdefault(each.agreed.engagement.id, []).append(each)
    return render_template(
        "rulebooks/check.html",
        organization=organization,
        groups=list(grouped.values()),
        has_rules=bool(states),
        lacking=sum(1 for each in checked if not each.is_met),
    )


# --- changes at the sources -------------------------------------------------------------------------------------


def _state(organization: Organization, key: str) -> queries.State:
    states = queries.states_of(database_session(), organization.id, today=clock.today())
    found = next((each for each in states if each.rulebook.key == key), None)
    if found is None:
        raise NotFound
    return found


@bp.route("/organizations/<uuid:organization_id>/rules/<key>/updates", methods=["GET", "POST"])
@guarded(policy.may_keep, organization=Organization)
def updates(principal: Principal, organization: Organization, key: str) -> ResponseReturnValue:
    """What the sources of a rule have changed, article by article: take it, adapt it, or decline it."""
    session, state = database_session(), _state(organization, key)
    form = ReplyForm()
    refusal: Refused | None = None
    asked = (request.form.get("article", ""), request.form.get("digest", ""))
    if request.method == "POST" and request.form.get("answer") in set(Answer) and form.validate():
        said = proposals.Reply(Answer(request.form["answer"]), form.text.data or "", form.reason.data or "")
        try:
            draft = proposals.reply(
                session, library(), organization, state.rulebook, *asked, said, kits_now(), by=principal,
                now=clock.now(),
            )  # fmt: skip
        except InvalidInput as error:
            put_at_field(form, error, "text")
        except RuleBroken as error:
            refusal = error
        else:
            where = "下書きに入れました。" if draft is not None else "見送ったことを記録しました。"
            flash(where, "success")
            return redirect(url_for(".updates", organization_id=organization.id, key=key), 303)
    page = render_template(
        "rulebooks/updates.html",
        organization=organization,
        state=state,
        found=proposals.proposals_of(session, library(), state, kits_now(), today=clock.today()),
        withdrawn=proposals.withdrawn_sources(session, library(), state, kits_now(), today=clock.today()),
        form=form,
        asked=asked,
        refusal=refusal,
        has_errors=bool(form.errors),
    )
    return page, refusal.status if refusal else 422 if request.method == "POST" else 200


# --- making known -----------------------------------------------------------------------------------------------


def _centers(principal: Principal, organization: Organization) -> tuple[list[Center], list[UUID] | None]:
    within: frozenset[UUID] | None = None
    if not policy.sees_everyone(principal, organization):
        within = frozenset(center for held, center in principal.headed_centers if held == organization.id)
    found = [each for each in centers_of(database_session(), organization.id) if within is None or each.id in within]
    chosen = next((each.id for each in found if str(each.id) == request.values.get("center", "")), None)
    return found, [chosen] if chosen else None if within is None else sorted(within)


@bp.get("/organizations/<uuid:organization_id>/rules/coverage")
@guarded(policy.may_see_coverage, organization=Organization)
def coverage(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """Who knows the rules in force, by center, and who does not yet."""
    session, today = database_session(), clock.today()
    centers, wanted = _centers(principal, organization)
    rows = queries.rows_of(session, organization.id, wanted, today=today)
    versions = queries.in_force_for(session, [organization.id], today=today)
    return coverage_page(principal, organization, centers, wanted, rows, versions)


def coverage_page(
    principal: Principal,
    organization: Organization,
    centers: list[Center],
    wanted: list[UUID] | None,
    rows: list[queries.Row],
    versions: list[RuleVersion],
) -> ResponseReturnValue:
    """The page of who knows what."""
    groups: dict[str, list[queries.Row]] = {}
    for row in rows:
        groups.setdefault(row.center.name, []).append(row)
    return render_template(
        "rulebooks/coverage.html",
        organization=organization,
        centers=centers,
        chosen=wanted[0] if wanted and len(wanted) == 1 else None,
        groups=groups,
        rows=rows,
        missing=[row for row in rows if row.dues],
        versions=versions,
        own_ids=principal.worker_ids,
        may_keep=policy.may_keep(principal, organization),
    )


@bp.route("/rule-versions/<uuid:version_id>/paper/<uuid:worker_id>", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_see_paper, version=RuleVersion, worker=Worker)
def enter_paper(principal: Principal, version: RuleVersion, worker: Worker) -> ResponseReturnValue:
    """Record for somebody that they have read a rule on paper."""
    held = typed_before()
    form = PaperForm(**({"formdata": held} if held else {}), on=clock.today())
    refusal: Refused | None = None
    if form.validate_on_submit():
        try:
            adoption.enter_paper(database_session(), version, worker, on=form.on.data, by=principal, now=clock.now())
        except InvalidInput as error:
            put_at_field(form, error, "on")
        except RuleBroken as error:
            refusal = error
        else:
            drop_held_input()
            flash(f"{worker.name}さんの確認を記録しました。", "success")
            return redirect(url_for(".coverage", organization_id=version.organization_id), 303)
    page = render_template(
        "rulebooks/paper.html", version=version, worker=worker,
        organization=_organization(version.organization_id), form=form, refusal=refusal,
    )  # fmt: skip
    return page, refusal.status if refusal else 422 if form.errors else 200


@bp.get("/organizations/<uuid:organization_id>/rules/summary.pdf")
@guarded(policy.may_see_coverage, organization=Organization)
def summary_pdf(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """What the rules in force mean for everyone, on one page to hand out and to sign."""
    states = queries.states_of(database_session(), organization.id, today=clock.today())
    if not any(state.current for state in states):
        raise NotFound("要約を作れる規程がありません。", "規程を採択し、効力が生じてから印刷できます。")
    content = paper.summary_pdf(states, organization, made_at=clock.now())
    return file_response(content, name="きまりの要約.pdf", mimetype=PDF, inline=True)
