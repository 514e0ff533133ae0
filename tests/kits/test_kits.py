"""What a mature partner knows, in a new group's hands: publishing, taking over, keeping up, mentoring."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import Engine, func, select

from partner_compliance.access import Role
from partner_compliance.database import open_session
from partner_compliance.errors import NotAllowed, WrongEntry
from partner_compliance.history.operations import write_acts
from partner_compliance.kits import operations, package, queries
from partner_compliance.kits.models import KitAdoption, KitEdition, OwnPractice
from partner_compliance.kits.words import Activity, Headcount, Part
from partner_compliance.library.rules import Size
from partner_compliance.library.shelf import Library
from partner_compliance.pledges.models import OwnWording
from partner_compliance.rulebooks import operations as rules
from partner_compliance.rulebooks import proposals
from partner_compliance.rulebooks import queries as rule_queries
from partner_compliance.rulebooks.models import RuleDraft
from partner_compliance.rulebooks.words import Answer
from tests.conftest import SetClock
from tests.factories import a_center, a_municipality, an_officer_of, an_organization, principal_of, someone
from tests.kits.conftest import NEW, Exchange
from tests.rulebooks.conftest import ANSWERS, FRIDAY, Desk, with_new_edition
from tests.sheets.conftest import House, Person


def texts_of(exchange: Exchange, draft: RuleDraft) -> dict[str, str]:
    return {row.key: row.text for row in rule_queries.articles_of(exchange.desk.house.session, draft)}


def test_a_kit_hands_on_everything_in_the_adopters_own_names(exchange: Exchange) -> None:
    edition = exchange.publish()
    made = exchange.on_shelf(edition).package
    said = str(made.model_dump(mode="json"))
    assert "ひなた" not in said.replace(made.publisher.name, "")
    assert "集会所" not in said
    adoption, drafts = exchange.take(edition)
    assert [draft.title for draft in drafts] == ["個人情報保護規程", "情報セキュリティ基本規程", "事故対応手順"]
    texts = texts_of(exchange, drafts[0])
    assert texts["complaints"] == "窓口は、放課後の家 つくしの事務局長とする。\n\n子どもの声を、絵でも受ける。"
    assert texts["purpose"].startswith("この規程は、放課後の家 つくし（以下「当法人」という。）が")
    session = exchange.desk.house.session
    wording = session.scalars(select(OwnWording).where(OwnWording.organization_id == exchange.new.id)).one()
    assert (wording.key, wording.paragraphs) == ("joining", ["調理場で、家庭の話をしません。"])
    practice = queries.own_practice(session, exchange.new.id)
    assert practice is not None
    assert practice.extras == ["受付の名簿を、伏せて置きましたか。"]
    assert practice.tips[0]["of"] == ANSWERS["organization"]
    assert [(each["item"], each["text"]) for each in practice.tips][1:] == [("研修", "市の動画「守る10分」")]
    assert adoption.parts == sorted(each.value for each in Part)
    assert queries.adopted(session, [edition.kit_id]) == {edition.kit_id: 1}
    [row] = [each for each in rule_queries.articles_of(session, drafts[0]) if each.key == "complaints"]
    assert row.source["lineage"] == ["model", str(exchange.desk.house.organization.id)]


def test_parts_can_be_taken_over_alone_and_twice_changes_nothing_more(exchange: Exchange) -> None:
    edition = exchange.publish()
    exchange.take(edition, parts=[Part.EXTRAS, Part.TIPS], answers={})
    exchange.take(edition, parts=[Part.EXTRAS, Part.TIPS], answers={})
    session = exchange.desk.house.session
    practice = queries.own_practice(session, exchange.new.id)
    assert practice is not None
    assert (practice.number, len(practice.extras), len(practice.tips)) == (1, 1, 1)
    assert (
        session.scalar(select(func.count()).select_from(RuleDraft).where(RuleDraft.organization_id == exchange.new.id))
        == 0
    )
    with pytest.raises(WrongEntry, match="一つ以上"):
        exchange.take(edition, parts=[])
    with pytest.raises(WrongEntry) as refused:
        exchange.take(edition, answers=NEW | {"officer": ""})
    assert refused.value.field == "officer"


def test_a_refused_part_leaves_nothing_of_the_others(exchange: Exchange) -> None:
    edition = exchange.publish()
    exchange.desk.begin("security-rule", of=exchange.new, by=exchange.new_officer)
    session = exchange.desk.house.session
    session.commit()
    with pytest.raises(rules.AlreadyADraft):
        exchange.take(edition)
    session.rollback()  # as a refused request does
    for model in (KitAdoption, OwnPractice, OwnWording):
        assert (
            session.scalar(select(func.count()).select_from(model).where(model.organization_id == exchange.new.id)) == 0
        )


def state(exchange: Exchange, key: str = "privacy-rule") -> rule_queries.State:
    found = rule_queries.states_of(exchange.desk.house.session, exchange.new.id, today=exchange.desk.today)
    return next(each for each in found if each.rulebook.key == key)


def proposed(exchange: Exchange, library: Library | None = None) -> list[proposals.Proposal]:
    return proposals.proposals_of(
        exchange.desk.house.session, library or exchange.desk.library, state(exchange), queries.kits_now,
        today=exchange.desk.today,
    )  # fmt: skip


def reply(
    exchange: Exchange,
    proposal: proposals.Proposal,
    answer: Answer,
    text: str = "",
    reason: str = "",
    library: Library | None = None,
) -> RuleDraft | None:
    return proposals.reply(
        exchange.desk.house.session, library or exchange.desk.library, exchange.new, state(exchange).rulebook,
        proposal.article_key, proposal.digest, proposals.Reply(answer, text, reason), queries.kits_now,
        by=exchange.new_officer.principal, now=exchange.desk.time.moment,
    )  # fmt: skip


def test_a_change_at_the_source_reaches_the_adopter_article_by_article(exchange: Exchange) -> None:
    edition = exchange.publish()
    _, drafts = exchange.take(edition)
    desk, session = exchange.desk, exchange.desk.house.session
    # B makes the text its own, A changes it elsewhere.
    own = "窓口は、放課後の家 つくしの事務局長とする。夜は電話に出ない。\n\n子どもの声を、絵でも受ける。"
    desk.change(drafts[0], "complaints", own, by=exchange.new_officer)
    assert proposed(exchange) == []
    later = desk.revise(
        exchange.versions["privacy-rule"],
        "窓口は、こども食堂 ひなたの世話人とする。\n\n子どもの声を、絵でも手紙でも受ける。",
    )
    assert later.number == 2
    assert proposed(exchange) == []  # not before it is published
    exchange.publish(edition.kit_id)
    [found] = proposed(exchange)
    assert (found.article_key, found.label) == ("complaints", "第18条")
    assert found.old == "窓口は、放課後の家 つくしの事務局長とする。\n\n子どもの声を、絵でも受ける。"
    assert found.new == "窓口は、放課後の家 つくしの事務局長とする。\n\n子どもの声を、絵でも手紙でも受ける。"
    assert "第2版" in found.source.name
    reply(exchange, found, Answer.TAKEN)
    text = texts_of(exchange, drafts[0])["complaints"]
    assert (
        text == "窓口は、放課後の家 つくしの事務局長とする。夜は電話に出ない。\n\n子どもの声を、絵でも手紙でも受ける。"
    )
    assert proposed(exchange) == []
    with pytest.raises(proposals.NotThere):
        reply(exchange, found, Answer.TAKEN)
    session.rollback()


def test_an_own_edit_of_the_same_words_is_never_overwritten(exchange: Exchange) -> None:
    edition = exchange.publish()
    _, drafts = exchange.take(edition)
    desk = exchange.desk
    desk.change(drafts[0], "complaints", "窓口は、だれでもよい。", by=exchange.new_officer)
    desk.revise(exchange.versions["privacy-rule"], "窓口は、ここだけとする。")
    exchange.publish(edition.kit_id)
    [found] = proposed(exchange)
    with pytest.raises(proposals.HasConflicts):
        reply(exchange, found, Answer.TAKEN)
    assert texts_of(exchange, drafts[0])["complaints"] == "窓口は、だれでもよい。"
    with pytest.raises(WrongEntry) as refused:
        reply(exchange, found, Answer.DECLINED)
    assert refused.value.field == "reason"
    with pytest.raises(WrongEntry):
        reply(exchange, found, Answer.ADAPTED, "")
    reply(exchange, found, Answer.DECLINED, reason="ここでは合わないため")
    assert proposed(exchange) == []
    # The next change is a new question.
    desk.revise(desk.state().versions[-1], "窓口は、二つとする。")
    exchange.publish(edition.kit_id)
    [again] = proposed(exchange)
    reply(exchange, again, Answer.ADAPTED, "窓口は、二つとし、だれでもよい。")
    assert texts_of(exchange, drafts[0])["complaints"] == "窓口は、二つとし、だれでもよい。"


def test_a_new_edition_of_the_model_is_proposed_and_a_withdrawn_one_is_said(exchange: Exchange) -> None:
    desk = exchange.desk
    draft = desk.begin("privacy-rule", of=exchange.new, by=exchange.new_officer)[0]
    version = desk.adopt(draft, by=exchange.new_officer)
    library = with_new_edition(
        desk.library, "privacy-rule", {"improper-use": "人を傷つける使い方をしない。"}, valid_from=date(2027, 4, 1),
        withdraws="2026",
    )  # fmt: skip
    assert proposed(exchange, library) == []
    desk.time.tokyo(2027, 4, 1, 9)
    [found] = proposed(exchange, library)
    assert found.new == "人を傷つける使い方をしない。"
    [said] = proposals.withdrawn_sources(
        desk.house.session, library, state(exchange), queries.kits_now, today=desk.today
    )
    assert said.reason == "法律が変わったため、使わないでください。"
    made = reply(exchange, found, Answer.TAKEN, library=library)
    assert made is not None  # a revision was opened for it
    assert made.id != draft.id
    assert texts_of(exchange, made)["improper-use"] == "人を傷つける使い方をしない。"
    assert state(exchange).current is version


def test_a_withdrawn_kit_leaves_the_texts_and_tells_the_adopters(exchange: Exchange) -> None:
    edition = exchange.publish()
    _, drafts = exchange.take(edition)
    desk = exchange.desk
    by: dict[str, Any] = {"by": desk.house.officer.principal, "now": desk.time.moment}
    with pytest.raises(WrongEntry):
        operations.withdraw(desk.house.session, desk.house.organization, edition.kit_id, reason="", **by)
    operations.withdraw(desk.house.session, desk.house.organization, edition.kit_id, reason="古くなったため", **by)
    assert queries.shelf(desk.house.session, exchange.new.id) == []
    [said] = proposals.withdrawn_sources(
        desk.house.session, desk.library, state(exchange), queries.kits_now, today=desk.today
    )
    assert said.reason == "古くなったため"
    assert proposed(exchange) == []
    assert texts_of(exchange, drafts[0])["complaints"].startswith("窓口は、放課後の家 つくし")
    with pytest.raises(operations.NotThere):
        operations.withdraw(desk.house.session, desk.house.organization, edition.kit_id, reason="もう一度", **by)


def test_articles_do_not_come_back_to_where_they_came_from(exchange: Exchange) -> None:
    edition = exchange.publish()
    _, drafts = exchange.take(edition)
    desk, session = exchange.desk, exchange.desk.house.session
    for draft in drafts:
        desk.adopt(draft, by=exchange.new_officer)
    facts = operations.Facts("つくしのキット", "", Activity.PLACE, Headcount.FEW)
    theirs = operations.publish(
        session, desk.library, exchange.new, facts, list(Part), kit_id=None, by=exchange.new_officer.principal,
        now=desk.time.moment,
    )  # fmt: skip
    assert theirs.package is not None
    with pytest.raises(operations.Circular):
        exchange.take(theirs, of=desk.house.organization, by=desk.house.officer)
    exchange.take(theirs, of=desk.house.organization, by=desk.house.officer, parts=[Part.TIPS])
    with pytest.raises(operations.Circular):
        operations.bring_in(
            session, desk.library, desk.house.organization,
            package.to_file(exchange.on_shelf(edition).package), by=desk.house.officer.principal, now=desk.time.moment,
        )  # fmt: skip


def second_installation(engine: Engine, library: Library, time: SetClock, content: bytes) -> dict[str, str]:
    """Another database: a group there brings the file in, takes it over, and has these texts."""
    with open_session(engine, write_acts=write_acts) as session:
        group = an_organization(session, NEW["organization"])
        user, _ = someone(session, a_center(session, group), Role.PROTECTION_OFFICER)
        who = principal_of(session, user)
        row = operations.bring_in(session, library, group, content, by=who, now=time.moment)
        assert row.origin == ANSWERS["organization"]
        found = queries.on_shelf(session, group.id, row.id)
        assert found is not None
        assert queries.shelf(session, uuid4()) == []  # nobody else sees it
        wanted = operations.Wanted([Part.RULES], ["privacy-rule", "security-rule", "incident-procedure"], NEW)
        adoption, drafts = operations.take_over(session, library, group, found, wanted, by=who, now=time.moment)
        assert adoption.publisher_id is None
        with pytest.raises(operations.OlderKit):
            operations.bring_in(session, library, group, content, by=who, now=time.moment)
        texts = {
            f"{draft.title}/{row.key}": row.text for draft in drafts for row in rule_queries.articles_of(session, draft)
        }
        session.commit()
    return texts


@pytest.mark.both_engines
def test_a_kit_travels_to_a_second_installation(exchange: Exchange, library: Library, second_engine: Engine) -> None:
    edition = exchange.publish()
    _, drafts = exchange.take(edition)
    content = package.to_file(exchange.on_shelf(edition).package)
    here = {f"{draft.title}/{key}": text for draft in drafts for key, text in texts_of(exchange, draft).items()}
    exchange.desk.house.session.commit()
    assert second_installation(second_engine, library, exchange.desk.time, content) == here


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=some.data())
def test_adopting_exporting_importing_and_adopting_again_gives_the_same_text(
    engine: Engine, library: Library, time: SetClock, data: some.DataObject
) -> None:
    """Whatever an organization is called and whatever it writes: with the same names its text comes back unchanged."""
    time.tokyo(2026, 11, 27, 9)
    words = some.text(some.sampled_from("あいうえ会長室の{ }当、。12ab"), min_size=1, max_size=12).map(str.strip)
    name = words.filter(lambda said: said and not set(said) & set("{}"))
    answers = ANSWERS | {key: data.draw(name, label=key) for key in ("organization", "storage", "window")}
    answers["officer"], answers["deputy"] = data.draw(
        some.tuples(name, name).filter(lambda pair: pair[0] != pair[1]), label="posts"
    )
    own = data.draw(words.filter(lambda said: said and "{" not in said), label="text") + "を守る。"
    with open_session(engine, write_acts=write_acts) as session:
        group, other = (an_organization(session, each) for each in ("もとの団体", "次の団体"))
        who = [
            principal_of(session, someone(session, a_center(session, each), Role.PROTECTION_OFFICER)[0])
            for each in (group, other)
        ]
        draft = rules.begin(session, library, group, ["privacy-rule"], answers, by=who[0], now=time.moment)[0]
        row = rule_queries.article_of(session, draft, "complaints")
        assert row is not None
        typed = rules.Typed(row.title, own, row.staff)
        rules.change_article(session, draft, row, typed, seen=1, by=who[0], now=time.moment)
        adopted = rule_queries.articles_of(session, draft)
        first = {each.key: (each.title, each.text, each.staff) for each in adopted}
        from partner_compliance.rulebooks import adoption
        from partner_compliance.rulebooks.words import DecidedBy

        rules.review(session, library, draft, seen=draft.revision, by=who[0], now=time.moment)
        decision = adoption.Decision(DecidedBy.BOARD, FRIDAY, FRIDAY, False, None, "")
        adoption.adopt(session, library, draft, decision, by=who[0], now=time.moment)
        facts = operations.Facts("キット", "", Activity.OTHER, Headcount.FEW)
        edition = operations.publish(
            session, library, group, facts, [Part.RULES], kit_id=None, by=who[0], now=time.moment
        )
        found = queries.on_shelf(session, other.id, edition.id)
        assert found is not None
        content = package.to_file(found.package)
        assert package.to_file(package.from_file(content)) == content
        came = operations.bring_in(session, library, other, content, by=who[1], now=time.moment)
        brought = queries.on_shelf(session, other.id, came.id)
        assert brought is not None
        wanted = operations.Wanted([Part.RULES], ["privacy-rule"], answers)
        _, [again] = operations.take_over(session, library, other, brought, wanted, by=who[1], now=time.moment)
        second = {each.key: (each.title, each.text, each.staff) for each in rule_queries.articles_of(session, again)}
        assert second == first
        session.rollback()


# --- mentors


def test_a_mentor_sees_what_was_opened_and_nothing_after_it_was_closed(exchange: Exchange) -> None:
    edition = exchange.publish()
    _, drafts = exchange.take(edition)
    desk, session = exchange.desk, exchange.desk.house.session
    mentor = desk.house.organization
    assert [each.id for each in queries.mentors_of(session, exchange.new.id)] == [mentor.id]
    stranger = an_organization(session, "関わりのない団体")
    by: dict[str, Any] = {"by": exchange.new_officer.principal, "now": desk.time.moment}
    with pytest.raises(WrongEntry):
        operations.open_to_mentor(session, drafts[0], stranger, **by)
    with pytest.raises(NotAllowed):
        operations.open_to_mentor(session, drafts[0], mentor, by=desk.house.officer.principal, now=desk.time.moment)
    opening = operations.open_to_mentor(session, drafts[0], mentor, **by)
    assert operations.open_to_mentor(session, drafts[0], mentor, **by) is opening
    [opened] = queries.opened_to(session, mentor.id)
    assert queries.opened_to(session, stranger.id) == []
    article = rule_queries.article_of(session, drafts[0], "complaints")
    assert article is not None
    operations.comment_as_mentor(
        session, mentor, opened, article, "夜の連絡先もあると安心です。", by=desk.house.officer.principal,
        now=desk.time.moment,
    )  # fmt: skip
    [said] = rule_queries.comments_of(session, drafts[0])["complaints"]
    assert (said.text, said.of_organization) == ("夜の連絡先もあると安心です。", mentor.name)
    operations.close_to_mentor(session, opening, **by)
    assert queries.opened_to(session, mentor.id) == []
    with pytest.raises(NotAllowed):
        operations.comment_as_mentor(
            session, mentor, opened, article, "もう一つ", by=desk.house.officer.principal, now=desk.time.moment
        )


# --- municipalities


def test_a_municipality_recommends_answers_and_thanks_its_partners(exchange: Exchange, desk: Desk) -> None:
    session = desk.house.session
    city = a_municipality(session, "はまかぜ市")
    officer = principal_of(session, an_officer_of(session, city))
    facts = operations.MunicipalFacts(
        "はまかぜ市の手引き", "食堂の方へ", Activity.CAFETERIA, Size.S, {"take-out": "forbidden"},
        ["市の決まりを守ります。"],
        ["鍵を確かめましたか。"], [], "",
    )  # fmt: skip
    with pytest.raises(NotAllowed):
        operations.publish_municipal(
            session, desk.library, city, facts, kit_id=None, by=desk.house.officer.principal, now=desk.time.moment
        )
    row = operations.publish_municipal(
        session, desk.library, city, facts, kit_id=None, by=officer, now=desk.time.moment
    )
    found = queries.on_shelf(session, exchange.new.id, row.id)
    assert found is not None
    wanted = operations.Wanted(
        [Part.RULES, Part.EXTRAS, Part.PROMISES], ["privacy-rule"], NEW | {"take-out": "forbidden"}
    )
    _, drafts = operations.take_over(
        session, desk.library, exchange.new, found, wanted, by=exchange.new_officer.principal, now=desk.time.moment
    )
    assert "活動場所の外に持ち出さない" in texts_of(exchange, drafts[0])["handling"]
    assert queries.mentors_of(session, exchange.new.id) == []  # a municipality is no mentor
    operations.withdraw_municipal(session, city, row.kit_id, reason="改めるため", by=officer, now=desk.time.moment)
    assert queries.on_shelf(session, exchange.new.id, row.id) is None


def test_only_those_who_run_an_organization_publish_and_a_change_is_explained(exchange: Exchange, house: House) -> None:
    with pytest.raises(NotAllowed):
        operations.publish(
            house.session, exchange.desk.library, house.organization,
            operations.Facts("題", "", Activity.OTHER, Headcount.FEW), list(Part), kit_id=None,
            by=house.worker.principal, now=exchange.desk.time.moment,
        )  # fmt: skip
    edition = exchange.publish()
    with pytest.raises(WrongEntry):
        exchange.publish(edition.kit_id, note="")
    with pytest.raises(operations.NotThere):
        exchange.publish(uuid4())
    second = exchange.publish(edition.kit_id)
    assert (second.kit_id, second.number) == (edition.kit_id, 2)
    assert [each.edition.id for each in queries.shelf(house.session, exchange.new.id)] == [second.id]


def test_a_group_without_anything_has_nothing_to_publish(exchange: Exchange) -> None:
    with pytest.raises(operations.NothingToPublish):
        operations.publish(
            exchange.desk.house.session, exchange.desk.library, exchange.new,
            operations.Facts("題", "", Activity.OTHER, Headcount.FEW), list(Part), kit_id=None,
            by=exchange.new_officer.principal, now=exchange.desk.time.moment,
        )  # fmt: skip
    assert exchange.desk.house.session.scalar(select(func.count()).select_from(KitEdition)) == 0
    assert isinstance(exchange.new_officer, Person)
