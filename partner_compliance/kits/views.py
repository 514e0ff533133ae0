"""The pages of kits: the shelf, taking over, publishing, files, mentors, a municipality's kit."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge
from wtforms.fields.choices import SelectChoice

from partner_compliance import acts, clock
from partner_compliance.access import Principal, guarded
from partner_compliance.accounts.views import drop_held_input, typed_before
from partner_compliance.acts import Act
from partner_compliance.errors import InvalidInput, NotFound, Refused, RuleBroken, WrongEntry
from partner_compliance.kits import operations, package, policy, queries
from partner_compliance.kits.forms import (
    FileForm,
    MentorCommentForm,
    MentorForm,
    PracticeForm,
    PublishForm,
    TakeOverForm,
    WithdrawForm,
    lines_of,
    municipal_form,
    tips_of,
)
from partner_compliance.kits.models import DraftOpening, KitAdoption, MunicipalKitEdition
from partner_compliance.kits.package import MOST_BYTES, Package
from partner_compliance.kits.words import Activity, Headcount, Part
from partner_compliance.library.courses import fill
from partner_compliance.library.rules import Wizard
from partner_compliance.organizations.models import LegalForm, Municipality, Organization
from partner_compliance.rulebooks import policy as rule_policy
from partner_compliance.rulebooks import queries as rules
from partner_compliance.rulebooks.forms import field_name, first_answers, wizard_fields
from partner_compliance.rulebooks.models import RuleDraft
from partner_compliance.training.queries import law_on
from partner_compliance.web import (
    database_session,
    file_response,
    library,
    page_asked_for,
    put_at_field,
    restores_input,
    takes_files,
)

bp = Blueprint("kits", __name__, template_folder="templates")


# --- the shelf --------------------------------------------------------------------------------------------------


@bp.get("/organizations/<uuid:organization_id>/kits")
@guarded(policy.may_use, organization=Organization)
def shelf(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """The kits that can be taken over, narrowed by activity, size and legal form; the own ones, and a file."""
    return shelf_page(organization)


def shelf_page(
    organization: Organization, *, form: FileForm | None = None, refusal: Refused | None = None
) -> ResponseReturnValue:
    """The page of the shelf; with a file that came back."""
    session = database_session()
    wanted = {name: request.args.get(name, "") for name in ("activity", "headcount", "legal_form")}
    words = request.args.get("words", "")[:100].split()
    found = [
        each
        for each in queries.shelf(session, organization.id)
        if all(not value or getattr(each.edition, name) == value for name, value in wanted.items())
        and all(word in f"{each.edition.title}\n{each.edition.about}\n{each.edition.publisher}" for word in words)
    ]
    page = page_asked_for(len(found), 20)
    own = queries.own_editions(session, organization.id)
    newest = {edition.kit_id: edition for edition in reversed(own)}
    counts = queries.adopted(session, list(newest))
    response = render_template(
        "kits/shelf.html",
        organization=organization,
        kits=found[page.offset : page.offset + page.size],
        page=page,
        address="?" + "".join(f"{name}={value}&" for name, value in wanted.items() if value),
        wanted=wanted,
        words=" ".join(words),
        activities=list(Activity),
        headcounts=list(Headcount),
        legal_forms=list(LegalForm),
        own=[(edition, counts.get(edition.kit_id, 0)) for edition in newest.values()],
        form=form or FileForm(formdata=None),
        refusal=refusal,
    )
    return response, refusal.status if refusal else 422 if form is not None and form.errors else 200


@bp.post("/organizations/<uuid:organization_id>/kits/file")
@takes_files(MOST_BYTES)
@guarded(policy.may_use, organization=Organization)
def bring_in(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """Take in a kit's file from elsewhere: it stands on the own shelf, with its origin."""
    form = FileForm()
    try:
        is_valid = form.validate_on_submit()
        upload = request.files.get("file")
        content = upload.stream.read(MOST_BYTES + 1) if upload is not None and upload.filename else b""
    except RequestEntityTooLarge:
        form = FileForm(formdata=None)
        form.file.errors = [f"ファイルが大きすぎます（{MOST_BYTES // 1024 // 1024}MBまで）。何も取り込んでいません。"]
        return shelf_page(organization, form=form)
    if not is_valid or not content:
        form.file.errors = ["キットのファイルを選んでください。"]
        return shelf_page(organization, form=form)
    try:
        made = operations.bring_in(database_session(), library(), organization, content, by=principal, now=clock.now())
    except InvalidInput as error:
        form.file.errors = [f"{error.message}{error.what_to_do}"]
        return shelf_page(organization, form=form)
    except RuleBroken as error:
        return shelf_page(organization, refusal=error)
    flash(
        f"{made.publisher}のキット「{made.title}」を取り込みました。中を見て、取り入れるものを選んでください。",
        "success",
    )
    return redirect(url_for(".kit", organization_id=organization.id, edition=made.id), 303)


def _on_shelf(organization: Organization, edition: UUID) -> queries.OnShelf:
    found = queries.on_shelf(database_session(), organization.id, edition)
    if found is None:
        raise NotFound("このキットは、いま棚にありません。", "取りやめられたか、新しい版に替わりました。")
    return found


def _take_over_form(wizard: Wizard, made: Package, organization: Organization, *, data: Any = None) -> TakeOverForm:
    """The choice of parts, and below it the wizard: of a kit with rules only the names, for the rest is settled."""
    titles = [(rule.key, rule.title) for rule in made.rules] or [
        (rule.key, rule.title) for rule in library().rules_for(clock.today())
    ]
    states = rules.states_of(database_session(), organization.id, today=clock.today())
    before = next((state.answers for state in states if state.answers), {})
    first = first_answers(organization, {**before, **made.answers})
    if made.rules:  # the names are the adopter's, also where the source is another kind of group
        first |= first_answers(organization, {key: before[key] for key in ("we", "board") if key in before})
    held: dict[str, Any] = {"formdata": data} if data else {}
    parts = parts_in(made)
    asking = type("TakingForm", (TakeOverForm,), wizard_fields(wizard, names_only=bool(made.rules)))
    form: TakeOverForm = asking(
        **held, data=first | {"parts": [each.value for each in parts], "rules": [key for key, _ in titles]}
    )
    form.rules.choices = [SelectChoice(key, title) for key, title in titles]
    form.parts.choices = [SelectChoice(each.value, each.label) for each in parts]
    form.parts.flags.required = True
    return form


def _ask_nothing_of(form: TakeOverForm, wizard: Wizard) -> None:
    """Without rules among the parts, nobody has to answer the wizard."""
    for key in wizard.questions:
        if field_name(key) in form:
            field = form[field_name(key)]
            field.validators = []
            field.validate_choice = False


def parts_in(made: Package) -> list[Part]:
    """Which parts a kit has; a municipality's always has the models."""
    held = {
        Part.RULES: bool(made.rules) or made.publisher.kind == "municipality",
        Part.PROMISES: bool(made.promises),
        Part.EXTRAS: bool(made.extras),
        Part.TIPS: bool(made.tips),
        Part.COURSES: bool(made.courses) or bool(made.own_courses),
    }
    return [part for part, is_there in held.items() if is_there]


@bp.route("/organizations/<uuid:organization_id>/kits/<uuid:edition>", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_use, organization=Organization)
def kit(principal: Principal, organization: Organization, edition: UUID) -> ResponseReturnValue:
    """Look at a kit, and take over all of it or parts."""
    session, today = database_session(), clock.today()
    found = _on_shelf(organization, edition)
    made, wizard = found.package, library().wizard_for(today)
    held = typed_before()
    form = _take_over_form(wizard, made, organization, data=held)
    refusal: Refused | None = None
    if form.is_submitted():
        parts = [each for each in Part if each.value in (form.parts.data or [])]
        if Part.RULES not in parts:
            _ask_nothing_of(form, wizard)
        if form.validate():
            wanted = operations.Wanted(parts, form.rules.data or [], form.answers(wizard), form.sign_again_by.data)
            try:
                adoption, drafts = operations.take_over(
                    session, library(), organization, found, wanted, by=principal, now=clock.now()
                )
            except WrongEntry as error:
                if error.field in form:
                    put_at_field(form, error, "parts")
                else:
                    form.put_error(error.field, error.message)
            except RuleBroken as error:
                refusal = error
            else:
                drop_held_input()
                more = f"規程の下書きが{len(drafts)}つできました。" if drafts else ""
                told = _told_of_courses(made, adoption) if Part.COURSES in parts else ""
                flash(f"キットを取り入れました。{more}{told}", "success")
                place = "training.own_list" if told and not drafts else "rulebooks.index"
                return redirect(url_for(place, organization_id=organization.id), 303)
    page = render_template(
        "kits/kit.html",
        organization=organization,
        kit=found,
        package=made,
        parts=parts_in(made),
        form=form,
        wizard=wizard,
        refusal=refusal,
        is_own=made.publisher.id == organization.id,
        say=_sayer(),
        pledges={each.value: each.label for each in operations.PLEDGES},
    )
    return page, refusal.status if refusal else 422 if form.errors else 200


def _told_of_courses(made: Package, adoption: KitAdoption) -> str:
    """What became of a kit's courses; empty where it has none."""
    begun = len(queries.courses_begun_with(database_session(), adoption))
    before = len(made.own_courses) - begun
    told = ""
    if begun:
        told = f"団体の講座の下書きが{begun}つできました。「団体の講座」で読んで、直してから公開してください。"
    if before:
        told += f"前に取り入れた講座（{before}つ）の下書きは、もう一度は作りませんでした。"
    return told


def _sayer() -> Callable[[str], str]:
    """Fills the citations of law into a course's text; where the adopter's name will stand is still to be seen."""
    law = law_on(library(), clock.today())
    return lambda text: fill(text, "{organization}", law)


@bp.get("/organizations/<uuid:organization_id>/kits/<uuid:edition>/file")
@guarded(policy.may_use, organization=Organization)
def export(principal: Principal, organization: Organization, edition: UUID) -> ResponseReturnValue:
    """A kit as one file, to take it to another installation."""
    found = _on_shelf(organization, edition)
    acts.record(
        database_session(),
        Act(
            organization.id, "kit.exported", clock.now(), principal.actor, details={"kit": found.edition.title},
            is_look=True,
        ),
    )  # fmt: skip
    name = f"キット_{found.edition.title}_第{found.edition.number}版.zip"
    return file_response(package.to_file(found.package), name=name, mimetype="application/zip")


# --- publishing -------------------------------------------------------------------------------------------------


@bp.route("/organizations/<uuid:organization_id>/kits/publish", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_use, organization=Organization)
def publish(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """Publish the own kit, or a new edition of it; what will be read is shown first."""
    session, now = database_session(), clock.now()
    kit_id = _kit_asked_for()
    before = [each for each in queries.own_editions(session, organization.id) if each.kit_id == kit_id]
    if kit_id is not None and not before:
        raise NotFound
    held = typed_before()
    form = PublishForm(
        **({"formdata": held} if held else {}), obj=before[0] if before else None, parts=list(Part),
    )  # fmt: skip
    if before and not form.is_submitted():
        form.note.data = ""
        form.courses.data = "\n".join(Package.model_validate(before[0].package).courses) if before[0].package else ""
    refusal: Refused | None = None
    preview: Package | None = None
    if form.validate_on_submit():
        try:
            if request.form.get("preview"):
                preview = operations.build(
                    session, library(), organization, form.facts(), form.parts.data or [],
                    kit_id=kit_id or UUID(int=0), number=1, today=clock.today(),
                )  # fmt: skip
            else:
                made = operations.publish(
                    session, library(), organization, form.facts(), form.parts.data or [], kit_id=kit_id,
                    by=principal, now=now,
                )  # fmt: skip
                drop_held_input()
                flash(f"キット「{made.title}」第{made.number}版を公開しました。", "success")
                return redirect(url_for(".shelf", organization_id=organization.id), 303)
        except InvalidInput as error:
            put_at_field(form, error, "title")
        except RuleBroken as error:
            refusal = error
    page = render_template(
        "kits/publish.html", organization=organization, form=form, before=before, kit_id=kit_id, refusal=refusal,
        preview=preview, say=_sayer(), withdraw=WithdrawForm(formdata=None),
    )  # fmt: skip
    return page, refusal.status if refusal else 422 if form.errors else 200


def _kit_asked_for() -> UUID | None:
    text = request.args.get("kit", "")
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


@bp.post("/organizations/<uuid:organization_id>/kits/withdrawal")
@guarded(policy.may_use, organization=Organization)
def withdraw(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """Take the own kit from the shelf."""
    kit_id = _kit_asked_for()
    form = WithdrawForm()
    if kit_id is None:
        raise NotFound
    reason = (form.reason.data or "") if form.validate_on_submit() else ""
    if not reason:
        raise InvalidInput("取りやめる理由を、500文字以内で入力してください。")
    operations.withdraw(database_session(), organization, kit_id, reason=reason, by=principal, now=clock.now())
    flash("キットの公開を取りやめました。取り入れた団体の規程は、そのままです。", "success")
    return redirect(url_for(".shelf", organization_id=organization.id), 303)


# --- own practices ----------------------------------------------------------------------------------------------


@bp.route("/organizations/<uuid:organization_id>/practice", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_use, organization=Organization)
def practice(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """What stands beside the check sheet: own checks, and how things are done here."""
    session = database_session()
    before = queries.own_practice(session, organization.id)
    held = typed_before()
    form = PracticeForm(
        **({"formdata": held} if held else {}),
        seen=before.number if before else 0,
        extras="\n".join(before.extras) if before else "",
        tips="\n".join(f"{each['item']} | {each['text']}" for each in before.tips) if before else "",
    )
    if form.validate_on_submit():
        of = {(each["item"], each["text"]): each.get("of", "") for each in before.tips} if before else {}
        try:
            tips = [
                {"item": each.item, "text": each.text, "of": of.get((each.item, each.text), "")}
                for each in tips_of(form.tips.data)
            ]
            operations.keep_practice(
                session, organization, lines_of(form.extras.data), tips, seen=form.seen.data or 0, by=principal,
                now=clock.now(),
            )  # fmt: skip
        except WrongEntry as error:
            form.seen.show(before.number if before else 0)
            put_at_field(form, error, "extras")
        else:
            drop_held_input()
            flash("保存しました。チェックシートの画面に出ます。", "success")
            return redirect(url_for(".practice", organization_id=organization.id), 303)
    page = render_template("kits/practice.html", organization=organization, form=form, before=before)
    return page, 422 if form.errors else 200


# --- mentors ----------------------------------------------------------------------------------------------------


@bp.route("/rule-drafts/<uuid:draft_id>/mentors", methods=["GET", "POST"])
@guarded(rule_policy.may_write, draft=RuleDraft)
def mentors(principal: Principal, draft: RuleDraft) -> ResponseReturnValue:
    """To whom a draft is open, and opening it."""
    session = database_session()
    organization = session.get_one(Organization, draft.organization_id)
    candidates = queries.mentors_of(session, organization.id)
    form = MentorForm(candidates)
    refusal: Refused | None = None
    if form.validate_on_submit():
        mentor = next(each for each in candidates if str(each.id) == form.mentor.data)
        try:
            operations.open_to_mentor(session, draft, mentor, by=principal, now=clock.now())
        except RuleBroken as error:
            refusal = error
        else:
            flash(f"{mentor.name}に下書きを開きました。いつでも閉じられます。", "success")
            return redirect(url_for(".mentors", draft_id=draft.id), 303)
    page = render_template(
        "kits/mentors.html", organization=organization, draft=draft, openings=queries.openings_of(session, draft),
        candidates=candidates, form=form, refusal=refusal,
    )  # fmt: skip
    return page, refusal.status if refusal else 422 if form.errors else 200


@bp.post("/draft-openings/<uuid:opening_id>/closing")
@guarded(policy.may_close, opening=DraftOpening)
def close(principal: Principal, opening: DraftOpening) -> ResponseReturnValue:
    """End what a mentor may see of a draft."""
    operations.close_to_mentor(database_session(), opening, by=principal, now=clock.now())
    flash("下書きを閉じました。", "success")
    return redirect(url_for(".mentors", draft_id=opening.draft_id), 303)


@bp.get("/organizations/<uuid:organization_id>/mentoring")
@guarded(policy.may_mentor, organization=Organization)
def mentoring(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """The drafts that others have opened to the organization for comments."""
    found = queries.opened_to(database_session(), organization.id)
    return render_template("kits/mentoring.html", organization=organization, found=found)


@bp.route("/organizations/<uuid:organization_id>/mentoring/<uuid:opening>", methods=["GET", "POST"])
@guarded(policy.may_mentor, organization=Organization)
def mentored(principal: Principal, organization: Organization, opening: UUID) -> ResponseReturnValue:
    """Read a draft that was opened, and comment on its articles."""
    session = database_session()
    opened = next(iter(queries.opened_to(session, organization.id, opening)), None)
    if opened is None:
        raise NotFound
    rows = rules.articles_of(session, opened.draft)
    form = MentorCommentForm()
    if form.validate_on_submit():
        row = next((each for each in rows if each.key == form.article.data), None)
        if row is None:
            raise NotFound
        operations.comment_as_mentor(
            session, organization, opened, row, form.text.data or "", by=principal, now=clock.now()
        )
        flash("コメントを送りました。", "success")
        return redirect(url_for(".mentored", organization_id=organization.id, opening=opening) + f"#{row.key}", 303)
    page = render_template(
        "kits/mentored.html", organization=organization, opened=opened, rows=rows,
        comments=rules.comments_of(session, opened.draft), form=form,
    )  # fmt: skip
    return page, 422 if form.errors else 200


# --- a municipality's kit ---------------------------------------------------------------------------------------


@bp.get("/municipalities/<uuid:municipality_id>/kits")
@guarded(policy.may_publish_for, municipality=Municipality)
def of_municipality(principal: Principal, municipality: Municipality) -> ResponseReturnValue:
    """The municipality's own kits, and thanks to the partners whose kits others use."""
    session = database_session()
    own = queries.municipal_editions(session, municipality.id)
    newest = {edition.kit_id: edition for edition in reversed(own)}
    counts = queries.adopted(session, list(newest))
    return render_template(
        "kits/of_municipality.html",
        municipality=municipality,
        own=[(edition, counts.get(edition.kit_id, 0)) for edition in newest.values()],
        partners=queries.of_partners(session, municipality.id, today=clock.today()),
        today=clock.today(),
    )


def _of_municipality(municipality: Municipality) -> tuple[UUID | None, list[MunicipalKitEdition]]:
    kit_id = _kit_asked_for()
    held = queries.municipal_editions(database_session(), municipality.id)
    before = [each for each in held if each.kit_id == kit_id]
    if kit_id is not None and not before:
        raise NotFound
    return kit_id, before


@bp.route("/municipalities/<uuid:municipality_id>/kits/publish", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_publish_for, municipality=Municipality)
def publish_municipal(principal: Principal, municipality: Municipality) -> ResponseReturnValue:
    """Publish the municipality's kit, or a new edition of it."""
    kit_id, before = _of_municipality(municipality)
    wizard = library().wizard_for(clock.today())
    held = typed_before()
    last = Package.model_validate(before[0].package) if before and before[0].package else None
    form = municipal_form(wizard, **({"formdata": held} if held else {}), data=_typed_of(last))
    refusal: Refused | None = None
    if form.validate_on_submit():
        try:
            made = operations.publish_municipal(
                database_session(), library(), municipality, form.facts(wizard), kit_id=kit_id, by=principal,
                now=clock.now(),
            )  # fmt: skip
        except InvalidInput as error:
            put_at_field(form, error, "title")
        except RuleBroken as error:
            refusal = error
        else:
            drop_held_input()
            flash(f"キット「{made.title}」第{made.number}版を公開しました。", "success")
            return redirect(url_for(".of_municipality", municipality_id=municipality.id), 303)
    page = render_template(
        "kits/municipal.html", municipality=municipality, form=form, before=before, kit_id=kit_id, wizard=wizard,
        names=[field_name(key) for key in wizard.questions if field_name(key) in form], refusal=refusal,
        withdraw=WithdrawForm(formdata=None),
    )  # fmt: skip
    return page, refusal.status if refusal else 422 if form.errors else 200


def _typed_of(last: Package | None) -> dict[str, Any]:
    if last is None:
        return {"size": "s"}
    return {
        "title": last.title,
        "about": last.about,
        "activity": last.activity,
        "size": last.answers.get("edition", "s"),
        "promises": "\n".join(line for lines in last.promises.values() for line in lines),
        "extras": "\n".join(last.extras),
        "tips": "\n".join(f"{each.item} | {each.text}" for each in last.tips),
        **{field_name(key): said for key, said in last.answers.items()},
    }


@bp.post("/municipalities/<uuid:municipality_id>/kits/withdrawal")
@guarded(policy.may_publish_for, municipality=Municipality)
def withdraw_municipal(principal: Principal, municipality: Municipality) -> ResponseReturnValue:
    """Take the municipality's kit from the shelf."""
    kit_id, _ = _of_municipality(municipality)
    form = WithdrawForm()
    if kit_id is None:
        raise NotFound
    reason = (form.reason.data or "") if form.validate_on_submit() else ""
    if not reason:
        raise InvalidInput("取りやめる理由を、500文字以内で入力してください。")
    operations.withdraw_municipal(
        database_session(), municipality, kit_id, reason=reason, by=principal, now=clock.now()
    )
    flash("キットの公開を取りやめました。", "success")
    return redirect(url_for(".of_municipality", municipality_id=municipality.id), 303)
