"""The pages of whoever reads: own rules to know, versions, the public page, models, clauses, practices."""

import re
from collections.abc import Iterable, Mapping
from uuid import UUID

from flask import Blueprint, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from partner_compliance import clock
from partner_compliance.access import Principal, anyone, guarded, opens_at_kiosks, public
from partner_compliance.accounts.views import drop_held_input, typed_before
from partner_compliance.errors import NotFound, Refused, RuleBroken
from partner_compliance.kiosks.views import after_task
from partner_compliance.library.rules import RULE_KEYS, ModelRule, Size, Wizard, article_label
from partner_compliance.organizations.models import Organization, Worker
from partner_compliance.rulebooks import adoption, lineage, paper, policy, queries, texts
from partner_compliance.rulebooks.models import RuleVersion
from partner_compliance.rulebooks.proposals import KitsNow
from partner_compliance.rulebooks.texts import Article
from partner_compliance.web import database_session, file_response, library, restores_input

bp = Blueprint("rulebooks", __name__, template_folder="templates")
PDF = "application/pdf"

bp.add_app_template_filter(texts.blocks, "blocks")
bp.add_app_template_filter(article_label, "article_label")
bp.add_app_template_filter(texts.by_chapter, "by_chapter")
bp.add_app_template_global(lineage.differences, "differences")


@bp.app_template_filter("named")
def named(keys: Iterable[str], names: Mapping[str, str]) -> list[str]:
    """The names of some keys; a key without a name falls away."""
    return [names[key] for key in keys if key in names]


def kits_now() -> KitsNow:
    """What kits say today; the app introduces the room that knows."""
    found: KitsNow = current_app.extensions["kits_now"]
    return found


# --- the own rules ----------------------------------------------------------------------------------------------


@bp.get("/my/rules")
@opens_at_kiosks
@guarded(policy.works)
def own(principal: Principal) -> ResponseReturnValue:
    """The rules in force, those that are still to be acknowledged first, and what was acknowledged."""
    session, today = database_session(), clock.today()
    keys = {(held.organization_id, held.worker_id) for held in principal.standings if held.worker_id}
    workers = [session.get_one(Worker, key) for key in sorted(keys, key=str)]
    dues = queries.dues_of(session, workers, today=today)
    return render_template(
        "rulebooks/own.html",
        dues=[due for worker in workers for due in dues[worker.id]],
        versions=queries.in_force_for(session, {worker.organization_id for worker in workers}, today=today),
        records=queries.acknowledgements_of(session, [(each.organization_id, each.id) for each in workers]),
    )


def own_worker(principal: Principal, organization_id: UUID) -> Worker:
    """The reader's own roster row in an organization; raises NotFound."""
    for held in principal.standings:
        if held.worker_id is not None and held.organization_id == organization_id:
            return database_session().get_one(Worker, (organization_id, held.worker_id))
    raise NotFound


_MISSED = re.compile(r"[a-z0-9-]{0,60}(,[a-z0-9-]{1,60}){0,9}")


@bp.route("/rule-versions/<uuid:version_id>/acknowledgement", methods=["GET", "POST"])
@opens_at_kiosks
@restores_input
@guarded(policy.may_acknowledge, version=RuleVersion)
def acknowledge(principal: Principal, version: RuleVersion) -> ResponseReturnValue:
    """Read a version, answer three short questions until they are right, and say that it was read."""
    session = database_session()
    worker = own_worker(principal, version.organization_id)
    questions = queries.questions_for(library(), version, worker.id)
    known = {each.key for each in questions}
    typed = request.form if request.method == "POST" else typed_before() or request.form
    given = {each.key: typed.get(f"question-{each.key}", "") for each in questions}
    said = typed.get("missed", "")
    missed = {each for each in said.split(",") if each in known} if _MISSED.fullmatch(said) else set()
    refusal: Refused | None = None
    errors: list[tuple[str, str]] = []
    wrong: list[str] = []
    if request.method == "POST":
        wrong = [each.key for each in adoption.wrong_of(questions, given)]
        missed |= {key for key in wrong if given[key]}
        is_read = request.form.get("is_read") == "y"
        for number, each in enumerate(questions, start=1):
            if not given[each.key]:
                errors.append((f"question-{each.key}-1", f"問{number}: 答えを選んでください。"))
            elif each.key in wrong:
                errors.append((f"question-{each.key}-1", f"問{number}: 説明を読んで、もう一度選んでください。"))
        if not is_read:
            errors.append(("is_read", "規程を読んで、チェックを入れてください。"))
        if not errors:
            try:
                adoption.acknowledge(
                    session, version, worker, asked=len(questions), right_at_first=len(questions) - len(missed),
                    by=principal, now=clock.now(),
                )  # fmt: skip
            except RuleBroken as error:
                refusal = error
            else:
                drop_held_input()
                return after_task(principal, url_for(".own"), "規程の確認を記録しました。ありがとうございます。")
    page = render_template(
        "rulebooks/acknowledge.html",
        version=version,
        articles=queries.articles_in(version),
        questions=questions,
        given=given,
        wrong=wrong,
        missed=",".join(sorted(missed)),
        errors=errors,
        has_errors=bool(errors),
        is_read=typed.get("is_read") == "y",
        refusal=refusal,
    )
    return page, refusal.status if refusal else 422 if errors else 200


# --- versions ---------------------------------------------------------------------------------------------------


def _organization_of(version: RuleVersion) -> Organization:
    return database_session().get_one(Organization, version.organization_id)


@bp.get("/rule-versions/<uuid:version_id>/pdf")
@guarded(policy.may_read, version=RuleVersion)
def version_pdf(principal: Principal, version: RuleVersion) -> ResponseReturnValue:
    """The same as PDF."""
    content = paper.version_pdf(version, _organization_of(version), made_at=clock.now())
    return file_response(content, name=f"{version.title}_第{version.number}版.pdf", mimetype=PDF, inline=True)


@bp.get("/rule-versions/<uuid:version_id>/articles/<key>/pdf")
@guarded(policy.may_read, version=RuleVersion)
def article_pdf(principal: Principal, version: RuleVersion, key: str) -> ResponseReturnValue:
    """One article large on a page, to put up or to hand out."""
    article = next((each for each in queries.articles_in(version) if each.key == key), None)
    if article is None:
        raise NotFound
    content = paper.article_pdf(version, article, _organization_of(version), made_at=clock.now())
    return file_response(content, name=f"{article.title}.pdf", mimetype=PDF, inline=True)


# --- for everyone -----------------------------------------------------------------------------------------------


def _published(code: str) -> tuple[queries.State, Organization, RuleVersion]:
    found = queries.published_under(database_session(), code, today=clock.today())
    if found is None or (version := found[0].published) is None:
        raise NotFound("この規程は公開されていません。", "アドレスを確かめるか、団体にお問い合わせください。")
    return found[0], found[1], version


@bp.get("/published-rules/<code>")
@public
def published(code: str) -> ResponseReturnValue:
    """The rule in force under its permanent address, for whoever wants to read it."""
    state, organization, version = _published(code)
    return render_template(
        "rulebooks/published.html",
        state=state,
        organization=organization,
        version=version,
        articles=queries.articles_in(version),
        code=code,
    )


@bp.get("/published-rules/<code>/pdf")
@public
def published_pdf(code: str) -> ResponseReturnValue:
    """The same as PDF."""
    _, organization, version = _published(code)
    content = paper.version_pdf(version, organization, made_at=clock.now())
    return file_response(content, name=f"{version.title}_{organization.name}.pdf", mimetype=PDF, inline=True)


# --- models, clauses, practices ---------------------------------------------------------------------------------


@bp.get("/rules/models")
@guarded(anyone)
def models(principal: Principal) -> ResponseReturnValue:
    """The model rules of the house, in both lengths."""
    return render_template("rulebooks/models.html", models=library().rules_for(clock.today()), sizes=list(Size))


def sample_answers(wizard: Wizard, size: Size) -> dict[str, str]:
    """Answers with which a model is shown as an example: the first of each choice, the hint's example as a name."""
    found = {}
    for key, question in wizard.questions.items():
        found[key] = question.options[0].key if question.options else f"（{question.label}）"
    return {**found, "edition": size.value, "organization": "○○の会"}


@bp.get("/rules/models/<key>/<size>")
@guarded(anyone)
def model(principal: Principal, key: str, size: str) -> ResponseReturnValue:
    """One model rule: each article with what it is for, who does what, which clauses and laws it serves."""
    if key not in RULE_KEYS or size not in [each.value for each in Size]:
        raise NotFound
    today = clock.today()
    found, wizard = library().rule_for(key, today), library().wizard_for(today)
    practices = library().practices_for(today)
    return render_template(
        "rulebooks/model.html",
        model=found,
        size=Size(size),
        articles=_as_written(found, wizard, Size(size)),
        sources=found.articles,
        wizard=wizard,
        practices={each: practices.about(f"{key}/{each}") for each in found.articles},
        clauses=clause_titles(),
    )


def _as_written(found: ModelRule, wizard: Wizard, size: Size) -> list[Article]:
    return [Article.of_model(each, {}) for each in found.written(wizard, sample_answers(wizard, size))]


def clause_titles() -> dict[str, str]:
    """{key of a clause: its title}, of both lists."""
    month = clock.month_of(clock.today())
    lists = (library().clauses_for(month), library().it_clauses_for(month))
    return {key: clause.title for each in lists for key, clause in each.clauses.items()}


@bp.get("/rules/clauses")
@guarded(anyone)
def clauses(principal: Principal) -> ResponseReturnValue:
    """Which clause of a contract is met by which article, and shown by which record."""
    today = clock.today()
    month = clock.month_of(today)
    serving: dict[str, list[tuple[str, str, str]]] = {}
    for found in library().rules_for(today):
        for key, article in found.articles.items():
            for clause in article.serves:
                serving.setdefault(clause, []).append(
                    (found.key, key, f"{found.title} {article_label(article.number)}")
                )
    return render_template(
        "rulebooks/clauses.html",
        lists=[library().clauses_for(month), library().it_clauses_for(month)],
        serving=serving,
        evidence=library().evidence_for(today).by_clause,
    )


@bp.get("/practices")
@guarded(anyone)
def practices(principal: Principal) -> ResponseReturnValue:
    """The practices of the report's regions, searched by words and by topic."""
    found = library().practices_for(clock.today())
    words = request.args.get("words", "")[:100]
    topics = {each.key: each.label for each in found.topics}
    topic = request.args.get("topic", "")
    topic = topic if topic in topics else ""
    titles = {f"{rule.key}/{key}": (rule, article) for rule in library().rules_for(clock.today())
              for key, article in rule.articles.items()}  # fmt: skip
    return render_template(
        "rulebooks/practices.html",
        cards=found.found(words, topic),
        topics=topics,
        topic=topic,
        words=words,
        titles=titles,
    )
