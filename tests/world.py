"""Two whole tenants and some neighbours, with a mark in every text that the others must never see."""

import base64
import json
import re
import secrets
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import unquote
from uuid import UUID, uuid4

from sqlalchemy import JSON, Engine, Enum, String, Table, UniqueConstraint, Uuid, inspect, select
from sqlalchemy.orm import Session

from partner_compliance.access import Entrusted, Principal, Role
from partner_compliance.accounts import factors, typed
from partner_compliance.accounts import operations as accounts
from partner_compliance.accounts.models import (
    Ceremony,
    HalfwaySignIn,
    MunicipalityRole,
    OrganizationRole,
    PasskeyChallenge,
    Throttle,
    User,
)
from partner_compliance.acts import SYSTEM, Actor
from partner_compliance.api import operations as tokens
from partner_compliance.api.models import ApiToken
from partner_compliance.api.words import Scope
from partner_compliance.councils import codes as meeting_codes
from partner_compliance.councils import operations as councils
from partner_compliance.councils import queries as council_papers
from partner_compliance.database import Base, begin_writing, open_session, writing
from partner_compliance.engagements import operations as engagements
from partner_compliance.engagements import places
from partner_compliance.engagements.models import PlaceNotice
from partner_compliance.engagements.words import CouncilCategory, DataClass, Mode, NoticeReply, PlaceKind
from partner_compliance.history import guards
from partner_compliance.history.operations import write_acts
from partner_compliance.imports import operations as imports
from partner_compliance.invitations import operations as invitations
from partner_compliance.invitations.models import Way
from partner_compliance.kiosks import operations as kiosks
from partner_compliance.kits import operations as kits
from partner_compliance.kits.models import KitEdition
from partner_compliance.kits.words import Activity, Headcount, Part
from partner_compliance.library.checklists import Answer
from partner_compliance.library.pledges import Occasion
from partner_compliance.library.rules import Size
from partner_compliance.library.shelf import Library
from partner_compliance.networks import operations as networks
from partner_compliance.organizations.models import (
    Center,
    Engagement,
    EngagementBasis,
    Municipality,
    Organization,
    Worker,
)
from partner_compliance.people import leaving
from partner_compliance.people import operations as joining
from partner_compliance.people.models import (
    Fate,
    JoiningStep,
    LeavingCheck,
    LeavingReason,
    Manner,
    Outcome,
    ThingKind,
)
from partner_compliance.pledges import operations as pledges
from partner_compliance.pledges.models import Pledge
from partner_compliance.pledges.queries import Asked, ToldOf
from partner_compliance.pledges.words import Told
from partner_compliance.publications import keys as signing_keys
from partner_compliance.publications import operations as publications
from partner_compliance.publications.badges import Addresses, Statement
from partner_compliance.readiness.snapshots import take_days
from partner_compliance.registrations import codes
from partner_compliance.registrations import operations as registrations
from partner_compliance.registrations.models import PartnerInvitation
from partner_compliance.roster import operations as roster
from partner_compliance.roster.models import Post, RosterConfirmation, RosterSubmission, WorkerProject
from partner_compliance.rulebooks import adoption, proposals
from partner_compliance.rulebooks import operations as rules
from partner_compliance.rulebooks.queries import article_of
from partner_compliance.rulebooks.queries import states_of as rule_states
from partner_compliance.rulebooks.words import DecidedBy
from partner_compliance.sharing import operations as sharing
from partner_compliance.sheets import operations, paper, queries, reconciliation, spot_checks
from partner_compliance.sheets.models import (
    BinderJob,
    CheckSheet,
    Contradiction,
    CorrectiveAction,
    ExcuseReason,
    Finding,
)
from tests import decided, inspected, taken_out
from tests.conftest import SECRET_KEY, SetClock
from tests.factories import (
    VAULT,
    a_center,
    a_municipality,
    a_passkey,
    a_worker,
    all_fine,
    an_authenticator,
    an_engagement,
    an_officer_of,
    an_operator,
    an_organization,
    principal_of,
    someone,
)
from tests.rulebooks.conftest import ANSWERS, with_new_edition
from tests.scans import SCAN
from tests.trained import COURSE, in_the_world

MONTH = "2026-11"
PIN = "864209"
CLOSED_MONTH = "2026-10"
TODAY = date(2026, 11, 27)
#: The code of the one invitation that is open to everyone, with all but its last page filled in.
REGISTRATION = "AAAAA-CCCCC-DDDDD"
REGISTRATION_DRAFT = {
    "organization": {
        "legal_form": "unincorporated_group", "name": "子ども食堂 ひなた", "representative_name": "日向 光",
        "representative_kana": "ヒナタ ヒカル", "centers": "本部\n東の家",
    },
    "people": {"capacity": "officer", "own_name": "日向 光", "own_kana": "ヒナタ ヒカル", "is_head": "y"},
}  # fmt: skip


@dataclass
class Tenant:
    """One organization with everything in it, and the municipality it works with."""

    organization: UUID
    municipality: UUID
    center: UUID
    users: dict[str, UUID]
    sheets: dict[str, UUID]
    workers: dict[str, UUID]
    role: UUID
    binder: UUID
    action: UUID
    reset: str
    submission: UUID
    #: In force; proposed and not answered yet; a place; notices that wait for approval, and that need none.
    engagement: UUID
    proposal: UUID
    place: UUID
    notice: UUID
    plain_notice: UUID
    #: What the pages of people are about, by name.
    people: dict[str, UUID]
    #: What has to do with networks and registrations, by what the policy calls it.
    joined: dict[str, UUID]
    upload: UUID
    kiosk: UUID
    #: What the cookie of the shared tablet holds.
    kiosk_secret: str
    sign_in: UUID
    passkey: UUID
    #: Ids of invitations to revoke, and the secrets of some to accept.
    invitations: dict[str, Any]
    #: Rows of the ledger in each state and what heads keep, by what the policy calls them.
    taken_out: dict[str, Any]
    #: The worker's pledge for the engagement, signed on paper and scanned.
    pledge: UUID
    #: Papers of the municipality's council, by what the policy calls them.
    council: dict[str, Any]
    #: Rules, drafts and kits, by what the policy calls them.
    ruled: dict[str, Any]
    #: What has to do with courses, by what the policy calls it.
    trained: dict[str, Any]
    #: What the municipality decided about sharing, by what the policy calls it.
    decided: dict[str, Any]
    #: The public page of the level, and a credential, by what the policy calls them.
    published: dict[str, UUID]
    #: Tokens of the municipality's systems, by what the policy calls them: their ids, and the secrets of some.
    tokens: dict[str, UUID]
    secrets: dict[str, str]
    #: The addresses of inspections and of what is asked or objected to, by what the policy calls it.
    inspected: dict[str, dict[str, object]]

    def values(self, target: str) -> dict[str, object]:
        """What stands in the address for a thing that the policy names."""
        if target.endswith("'s sheet"):
            return {"sheet_id": self.sheets[target.removesuffix("'s sheet")]}
        if target.endswith(" worker"):
            return {"worker_id": self.workers[target.removesuffix(" worker")]}
        if target.endswith(("'s pledge", "'s briefing")):
            who, _, step = target.partition("'s ")
            return {"worker_id": self.workers[who], "step": step}
        if "take-out" in target:
            return {"take_out_id": self.taken_out[target]}
        if target in ("waiting receipt", "held receipt"):
            return {"receipt_id": self.taken_out[target]}
        if target == "held thing":
            return {"receipt_id": self.taken_out["held receipt"], "position": 1}
        if target.endswith("'s joining pledge"):
            return {"worker_id": self.workers[target.removesuffix("'s joining pledge")], "occasion": "joining"}
        if target in ("standing", "label", "substitute", "loss"):
            return {f"{target}_id": self.taken_out[target]}
        if target in ("council request", "council member"):
            return {"request_id": self.council[target]}
        if target in ("membership", "mandate"):
            return {f"{target}_id": self.joined[target]}
        if target in ("partner invitation", "member invitation"):
            return {"invitation_id": self.joined[target]}
        return {
            "": {},
            **self.inspected,
            "label's code": {"code": self.taken_out["code"]},
            "registration": {"secret": REGISTRATION},
            "no registration": {"secret": "x" * 15},
            "style": {"filename": "style.css"},
            "reset": {"secret": self.reset},
            "no reset": {"secret": "x" * 43},
            "user": {"user_id": self.users["worker"]},
            "organization": {"organization_id": self.organization},
            "course": {"key": COURSE},
            "course's paper": {"key": COURSE, "kind": "handout"},
            "course of organization": {"organization_id": self.organization, "key": COURSE},
            "course of municipality": {"municipality_id": self.municipality, "key": COURSE},
            "course's file": {"organization_id": self.organization, "key": COURSE, "kind": "gift"},
            "attempt": {"attempt_id": self.trained["attempt"]},
            "answer": {"attempt_id": self.trained["attempt"], "number": 1},
            "officer attempt": {"attempt_id": self.trained["officer attempt"]},
            "officer's lesson": {"attempt_id": self.trained["officer lesson"]},
            "officer answer": {"attempt_id": self.trained["officer attempt"], "number": 1},
            "course result": {"result_id": self.trained["result"]},
            "officer result": {"result_id": self.trained["officer result"]},
            "course assignment": {"assignment_id": self.trained["assignment"]},
            "training session": {"prepared_id": self.trained["session"]},
            "session's quiz": {"prepared_id": self.trained["session"], "kind": "quiz"},
            "session's handout": {"prepared_id": self.trained["session"], "kind": "handout"},
            "own course": {"course_id": self.trained["own course"]},
            "own question": {"course_id": self.trained["own course"], "key": "family-asks"},
            "topic": {
                "organization_id": self.organization,
                "key": COURSE,
                "edition": "2026",
                "question": "family-asks",
            },
            "published level": {"code": self.published["page"]},
            "no level": {"code": UUID(int=4 << 76)},
            "level credential": {"credential_id": self.published["credential"]},
            "case meeting": {"meeting_id": self.council["meeting"]},
            "share decision": {"decision_id": self.decided["share decision"]},
            "acceptance": {"acceptance_id": self.decided["acceptance"]},
            "empty seat": {"seat_id": self.council["seat"]},
            "meeting code": {"code": self.council["code"]},
            "no meeting code": {"code": "x" * 40},
            "wording": {"organization_id": self.organization, "key": "joining"},
            "rule version": {"version_id": self.ruled["version"]},
            "article of a version": {"version_id": self.ruled["version"], "key": "volunteer-card"},
            "published rule": {"code": self.ruled["code"]},
            "no published rule": {"code": "x" * 32},
            "model rule": {"key": "privacy-rule", "size": "s"},
            "rule draft": {"draft_id": self.ruled["draft"]},
            "article of a draft": {"draft_id": self.ruled["draft"], "key": "fax"},
            "rule of organization": {"organization_id": self.organization, "key": "privacy-rule"},
            "paper of a version": {"version_id": self.ruled["version"], "worker_id": self.workers["worker"]},
            "kit on shelf": {"organization_id": self.organization, "edition": self.ruled["foreign kit"]},
            "own kit": {"organization_id": self.organization, "kit": self.ruled["own kit"]},
            "draft opening": {"opening_id": self.ruled["opening"]},
            "opened draft": {"organization_id": self.organization, "opening": self.ruled["opened"]},
            "municipal kit": {"municipality_id": self.municipality, "kit": self.ruled["municipal kit"]},
            "signed pledge": {"pledge_id": self.pledge},
            "municipality": {"municipality_id": self.municipality},
            "token": {"token_id": self.tokens["good"]},
            "spare token": {"token_id": self.tokens["spare"]},
            "revoked token": {"token_id": self.tokens["revoked"]},
            "partner by id": {"organization": self.organization},
            "municipality's file": {"municipality_id": self.municipality, "kind": "xlsx"},
            "municipality's report": {"municipality_id": self.municipality, "month": CLOSED_MONTH, "kind": "pdf"},
            "saved view": {"view_id": self.council["saved view"]},
            "partner": {"municipality_id": self.municipality, "organization_id": self.organization},
            "worker": {"worker_id": self.workers["worker"]},
            "other head": {"worker_id": self.workers["other head"]},
            "submission": {"submission_id": self.submission},
            "volunteer": {"worker_id": self.workers["volunteer"]},
            "invitation": {"invitation_id": self.invitations["worker"]},
            "municipality's invitation": {"invitation_id": self.invitations["officer"]},
            "municipal post": {"post_id": self.invitations["colleague's post"]},
            "volunteer's invitation": {"secret": self.invitations["volunteer's secret"]},
            "officer's invitation": {"secret": self.invitations["officer's secret"]},
            "no invitation": {"secret": "x" * 43},
            "role": {"role_id": self.role},
            "sign-in": {"sign_in_id": self.sign_in},
            "passkey": {"passkey_id": self.passkey},
            "center": {"center_id": self.center},
            "center's month": {"center_id": self.center, "month": MONTH},
            "binder": {"binder_id": self.binder},
            "action": {"action_id": self.action},
            "engagement": {"engagement_id": self.engagement},
            "proposal": {"engagement_id": self.proposal},
            "place": {"place_id": self.place},
            "notice": {"notice_id": self.notice},
            "plain notice": {"notice_id": self.plain_notice},
            "joining record": {"record_id": self.people["record"]},
            "thing": {"item_id": self.people["thing"]},
            "lost thing": {"item_id": self.people["lost"]},
            "holding": {"holding_id": self.people["holding"]},
            "roster upload": {"organization_id": self.organization, "upload_id": self.upload},
            "kiosk": {"kiosk_id": self.kiosk},
            "person with a PIN": {"worker_id": self.workers["worker"]},
            "person with a slip": {"worker_id": self.workers["volunteer"]},
        }[target]


@dataclass
class World:
    """The tenants; `own` is the reader's, `other` a whole second one, `former` those with no valid engagement."""

    own: Tenant
    other: Tenant
    #: Organizations whose engagement with the first municipality does not hold today, by why.
    former: dict[str, UUID]
    operator: UUID
    #: Mark → where it stands: what no reader of the first tenant may see.
    foreign: "Canaries" = field(default_factory=lambda: Canaries())
    #: The same for organizations that work with the first municipality, but not today: it may know their names and the
    #: titles of its own engagements with them.
    past: "Canaries" = field(default_factory=lambda: Canaries())
    #: The same for individuals' records of the first tenant, which the municipality may not see.
    personal: "Canaries" = field(default_factory=lambda: Canaries())


# --- what is in it ----------------------------------------------------------------------------------------------


def a_tenant(session: Session, library: Library, time: SetClock, name: str, municipality: Municipality) -> Tenant:
    """An organization in the middle of its November, its October closed at one center, with something of everything."""
    organization = an_organization(session, name, first_month=CLOSED_MONTH)
    organization.representative_name = "代表 太郎"
    organization.corporate_number = "1180301018771"
    engagement = an_engagement(session, municipality, organization)
    center, second = a_center(session, organization, "本部"), a_center(session, organization, "分室")
    people = {
        "worker": someone(session, center, name="南 花子"),
        "head": someone(session, center, Role.CENTER_HEAD, name="東 京子"),
        "officer": someone(session, center, Role.PROTECTION_OFFICER, name="西 守"),
        "representative": someone(session, center, Role.REPRESENTATIVE, name="北 代表"),
        "other head": someone(session, second, Role.CENTER_HEAD, name="中 央"),
        "spare": someone(session, center, name="春 野"),
        "drafting": someone(session, center, name="夏 草"),
        "excused": someone(session, center, name="秋 空"),
    }
    volunteer = a_worker(session, center, "冬 木")
    for _, worker in people.values():
        worker.name_kana, worker.search_key = "よみ", "よみ"
    for user, _ in people.values():
        user.email = user.email_key = f"{user.login_name}@example.jp"
        user.demo_label = None
    who = {key: principal_of(session, user, now=time.moment) for key, (user, _) in people.items()}
    now = time.tokyo(2026, 10, 27, 9)
    operations.open_months(session, library, now=now)
    session.commit()

    def sheet(worker: Worker, month: str = MONTH) -> CheckSheet:
        return session.scalars(
            select(CheckSheet).where(CheckSheet.worker_id == worker.id, CheckSheet.month == month)
        ).one()

    old = sheet(people["other head"][1], CLOSED_MONTH)
    checklist = library.checklist(old.checklist_key, old.edition)
    operations.submit(session, old, checklist, all_fine(checklist, head=True), by=who["other head"], now=now)
    operations.sign_off(session, old, version_number=1, by=who["officer"], now=now)
    operations.close_month(session, second, CLOSED_MONTH, by=who["other head"], now=now)
    session.commit()

    now = time.tokyo(2026, 11, 27, 9)
    operations.open_months(session, library, now=now)
    session.commit()
    unsure = all_fine(checklist, item_1_2=(Answer.NOT_OK, "鍵のない棚です"))
    for key in ("worker", "officer", "head", "other head", "spare"):
        filled = all_fine(checklist, head="head" in key) if key != "worker" else unsure
        operations.submit(session, sheet(people[key][1]), checklist, filled, by=who[key], now=now)
    operations.return_for_changes(
        session, sheet(people["spare"][1]), version_number=1, comment="直してください", by=who["head"], now=now
    )
    draft = operations.Filled(unsure.answers, reason="書きかけの理由")
    operations.save_draft(session, sheet(people["drafting"][1]), draft, by=who["drafting"], based_on=0, now=now)
    operations.excuse(
        session, sheet(people["excused"][1]), reason=ExcuseReason.OTHER, text="療養のため", by=who["head"], now=now
    )
    session.commit()
    binder = operations.request_binder(session, session.get_one(Center, (center.organization_id, center.id)), MONTH,
                                       by=who["head"], now=now)  # fmt: skip
    session.commit()
    worker_user = people["worker"][0]
    reset = accounts.issue_reset(session, people["spare"][0], actor=who["officer"].actor, now=now)
    sign_in, _ = accounts.start_sign_in(session, worker_user, strength="password", device="iPhone の Safari", now=now)
    passkey = a_passkey(session, worker_user, now=now)
    an_authenticator(session, worker_user, now=now)
    # On the way to a new app; the page that shows its secret can be opened.
    factors.begin_authenticator(session, worker_user, VAULT, now=now)
    factors.make_recovery_codes(session, worker_user, by=SYSTEM, now=now)
    session.add(HalfwaySignIn(token_digest=uuid4().hex, user_id=worker_user.id, started_at=now))
    session.add(PasskeyChallenge(challenge=b"number", ceremony=Ceremony.PROOF, user_id=worker_user.id, made_at=now))
    typed.hold_input(session, worker_user.id, "/nowhere", {"note": ["打ちかけ"]}, now=now)
    accounts.write_mail(session, to=worker_user.email or "", subject="件名", body="本文", now=now)
    accounts.count_try(session, f"try:{uuid4().hex}", now=now)
    session.commit()
    submission = _roster_of(session, organization, engagement, people["drafting"][1], people["head"][1], now=now)
    around = around_an_engagement(session, library, engagement, center, by=who["officer"].actor, now=now)
    session.commit()
    left, of_people = _people_of(session, center, people["drafting"][1], by=who["officer"], now=now)
    session.commit()
    joined = _networks_of(session, organization, municipality, who["officer"].actor, people, now=now)
    session.commit()
    outside = taken_out.in_the_world(session, center, people["worker"][1], who, people["drafting"][1], now=now)
    on_roster = {key: worker for key, (_, worker) in people.items()}
    outside |= taken_out.handed_over(session, engagement, on_roster, who, now=now)
    _reconciled(session, center, sheet(people["worker"][1]), by=who["head"], now=now)
    pledge = _pledged(session, library, people["worker"][1], engagement, by=who["officer"], now=now)
    council = _council(session, library, municipality, organization, who["representative"], now=now)
    ruled = _ruled(session, library, organization, municipality, people["spare"][1], by=who["officer"], now=now)
    city = an_officer_of(session, municipality)
    trained = in_the_world(
        session, library, organization, municipality, people["worker"][1], people["spare"][1], who,
        principal_of(session, city), now=now,
    )  # fmt: skip
    shared = decided.in_the_world(session, library, municipality, organization, who, now=now)
    published = _published(session, organization, by=who["officer"], now=now)
    looked_into = inspected.in_the_world(
        session, library, municipality, organization, people["worker"][1], who, principal_of(session, city), now=now
    )
    session.commit()
    begin_writing(session)
    kiosk, kiosk_secret = kiosks.open_kiosk(session, center, name="事務所の端末", by=who["head"].actor, now=now)
    slips = kiosks.make_slips(session, [people["worker"][1], volunteer], by=who["head"].actor, now=now)
    device = kiosks.device_in_use(session, kiosk_secret, now=now)
    kiosks.choose_pin(session, device, people["worker"][1].id, slips[0].code.replace(" ", ""), PIN, now=now)
    session.commit()
    invited = _invitations(session, municipality, volunteer, by=who["officer"].actor, now=now)
    session.commit()
    made_tokens, token_secrets = _tokens(session, municipality, organization, principal_of(session, city), now=now)
    session.commit()
    role = session.scalars(select(OrganizationRole).where(OrganizationRole.user_id == people["drafting"][0].id)).one()
    action = session.scalars(
        select(CorrectiveAction).where(CorrectiveAction.organization_id == organization.id)
    ).first()
    assert action is not None
    return Tenant(
        organization=organization.id,
        municipality=municipality.id,
        center=center.id,
        users={key: user.id for key, (user, _) in people.items()} | {"municipal officer": city.id},
        sheets={
            key: sheet(worker).id for key, (_, worker) in people.items() if worker.organization_id == organization.id
        }
        | {"volunteer": sheet(volunteer).id},
        workers={key: worker.id for key, (_, worker) in people.items()} | {"volunteer": volunteer.id, "left": left},
        role=role.id,
        binder=binder.id,
        action=action.id,
        reset=reset,
        submission=submission.id,
        engagement=engagement.id,
        **around,
        people=of_people,
        upload=_an_upload(session, organization, who["officer"], now=now),
        joined=joined,
        kiosk=kiosk.id,
        kiosk_secret=kiosk_secret,
        invitations=invited,
        taken_out=outside,
        pledge=pledge.id,
        council=council,
        ruled=ruled,
        trained=trained,
        decided=shared,
        published=published,
        tokens=made_tokens,
        secrets=token_secrets,
        inspected=looked_into
        | {
            "inspected sheet": looked_into["inspection"] | {"sheet": sheet(people["worker"][1]).id},
            "inspected row of the ledger": looked_into["inspection"] | {"take_out": outside["returned take-out"]},
        },
        sign_in=sign_in.id,
        passkey=passkey.id,
    )


def _published(session: Session, organization: Organization, *, by: Principal, now: datetime) -> dict[str, UUID]:
    """A public page that is not listed, with a credential that holds and one that was taken back."""
    page = publications.switch_on(session, organization, also_listed=False, by=by, now=now)
    at = Addresses("http://127.0.0.1:8000")
    key, signer = signing_keys.present_signer(session, signing_keys.vault_of(SECRET_KEY), at, now=now)
    made = [
        publications.keep_signed(
            session, organization, Statement(uuid4(), page.id, organization.name, 1, "体制登録", day, "2026", now), at,
            key, signer, by=by,
        )
        for day in (TODAY, TODAY - timedelta(days=1))
    ]  # fmt: skip
    publications.revoke(session, made[1], by=by, now=now)
    return {"page": page.id, "credential": made[0].id}


def _tokens(
    session: Session, municipality: Municipality, organization: Organization, by: Principal, *, now: datetime
) -> tuple[dict[str, UUID], dict[str, str]]:
    """A token for everything that was used, one that is to be revoked, and some that open nothing (any more)."""
    made: dict[str, ApiToken] = {}
    secrets_of: dict[str, str] = {}
    for kind, scopes, expires_on in (
        ("good", list(Scope), TODAY),
        ("spare", list(Scope), TODAY),
        ("revoked", list(Scope), TODAY),
        ("narrow", [Scope.DECISIONS_READ], TODAY),
        ("expired", list(Scope), TODAY - timedelta(days=1)),
    ):
        made[kind], secrets_of[kind] = tokens.make_token(
            session, municipality, name=f"システム {kind}", scopes=scopes, expires_on=expires_on, by=by,
            now=now - timedelta(days=1), request_key=uuid4(),
        )  # fmt: skip
    tokens.revoke(session, made["revoked"], by=by, now=now)
    use = tokens.Use(
        made["good"].id, made["good"].name, municipality.id, municipality.name, "readiness", organization.id
    )
    tokens.write_use(session, use, status=200, now=now)
    return {kind: token.id for kind, token in made.items()}, secrets_of


def _reconciled(session: Session, center: Center, sheet: CheckSheet, *, by: Principal, now: datetime) -> None:
    """An answer that differs from the ledger, explained, and a spot check of a month before."""
    found = reconciliation.Found("1-3", Contradiction.NOT_RETURNED, 1)
    reconciliation.explain(session, sheet, found, "雨のため遅れました", by=by, now=now)
    drawn = spot_checks.draw(session, center, CLOSED_MONTH, by=by, now=now)
    spot_checks.record_result(session, drawn, row=None, place=Finding.FINE, note="鍵を確かめました", by=by, now=now)


def _pledged(
    session: Session, library: Library, worker: Worker, engagement: Engagement, *, by: Principal, now: datetime
) -> Pledge:
    """A pledge for the engagement, signed on paper, with its scan; own paragraphs, and a briefing."""
    asked = Asked(Occasion.ENGAGEMENT, engagement)
    told = ToldOf(TODAY, Told.GROUP, "西 守")
    organization = session.get_one(Organization, worker.organization_id)
    pledges.brief(session, organization, asked, [worker], told, center=None, by=by, now=now, request_key=uuid4())
    additions = pledges.Additions(["送迎の車の中で、家庭の話をしません。"], TODAY, False, "送迎を始めたため")
    pledges.change_wording(session, organization, "engagement", additions, seen=0, by=by, now=now)
    pledges.choose_month(session, organization, 4, by=by, now=now)
    mistaken = pledges.enter_paper(
        session, library, worker, asked, pledges.Paper(TODAY, uuid4(), told, SCAN), by=by, now=now
    )
    pledges.cancel(session, mistaken, reason="別の方の紙でした", by=by, now=now)
    return pledges.enter_paper(
        session, library, worker, asked, pledges.Paper(TODAY, uuid4(), told, SCAN), by=by, now=now
    )


def _ruled(
    session: Session,
    library: Library,
    organization: Organization,
    municipality: Municipality,
    reader: Worker,
    *,
    by: Principal,
    now: datetime,
) -> dict[str, Any]:
    """One rule adopted, published, reviewed and read; a draft with a comment, open to a mentor; kits on both sides."""
    said = {"by": by, "now": now}
    adopted, draft = rules.begin(
        session, library, organization, ["privacy-rule", "security-rule"],
        ANSWERS | {"organization": organization.name}, **said,
    )  # fmt: skip
    rules.review(session, library, adopted, seen=1, **said)
    decision = adoption.Decision(DecidedBy.BOARD, TODAY, TODAY, False, None, "")
    version = adoption.adopt(session, library, adopted, decision, **said)
    adoption.publish(session, version, **said)
    adoption.review_without_change(session, version, decided_by=DecidedBy.BOARD, on=TODAY, note="変えない", **said)
    adoption.enter_paper(session, version, reader, on=TODAY, **said)
    later = with_new_edition(library, "privacy-rule", {"improper-use": "傷つけない。"}, valid_from=TODAY)
    [state] = [each for each in rule_states(session, organization.id, today=TODAY) if each.current is not None]
    [found] = proposals.proposals_of(session, later, state, kits.queries.kits_now, today=TODAY)
    declined = proposals.Reply(proposals.Answer.DECLINED, reason="いまの文で足りるため")
    proposals.reply(session, later, organization, state.rulebook, found.article_key, found.digest, declined,
                    kits.queries.kits_now, **said)  # fmt: skip
    fax = article_of(session, draft, "fax")
    assert fax is not None
    rules.comment(session, draft, fax, "送り状は要りますか。", **said)
    tips = [{"item": "1-2", "text": "玄関に台帳を置く", "of": ""}]
    facts = kits.Facts("訪問のキット", "はじめの一歩", Activity.VISITING, Headcount.FEW)

    def published(of: Organization, who: Principal) -> KitEdition:
        kits.keep_practice(session, of, ["鍵を見ましたか。"], tips, seen=0, by=who, now=now)
        return kits.publish(session, library, of, facts, list(Part), kit_id=None, by=who, now=now)

    own = published(organization, by)
    mentor = an_organization(session, "先を行く団体")
    post = principal_of(session, someone(session, a_center(session, mentor), Role.PROTECTION_OFFICER)[0])
    foreign = published(mentor, post)
    for of, who, edition, parts in ((organization, by, foreign, [Part.TIPS]), (mentor, post, own, [Part.RULES])):
        kit = kits.queries.on_shelf(session, of.id, edition.id)
        assert kit is not None
        _, drafts = kits.take_over(
            session, library, of, kit, kits.Wanted(parts, ["privacy-rule"], ANSWERS), by=who, now=now
        )
    city = principal_of(session, an_officer_of(session, municipality, "手引 担当"))
    asked = kits.MunicipalFacts("市の手引き", "", Activity.OTHER, Size.S, {}, ["守ります。"], [], [])
    municipal = kits.publish_municipal(session, library, municipality, asked, kit_id=None, by=city, now=now)
    return {
        "version": version.id, "code": state.rulebook.code, "draft": draft.id, "own kit": own.kit_id,
        "foreign kit": foreign.id, "municipal kit": municipal.kit_id,
        "opening": kits.open_to_mentor(session, draft, mentor, **said).id,
        "opened": kits.open_to_mentor(session, drafts[0], organization, by=post, now=now).id,
    }  # fmt: skip


def _council(
    session: Session,
    library: Library,
    municipality: Municipality,
    organization: Organization,
    representative: Principal,
    *,
    now: datetime,
) -> dict[str, Any]:
    """A request that was consented to, one that ended, one that waits; a meeting that somebody has signed; a filter of
    the list of partners that the officers share.
    """
    city = principal_of(session, an_officer_of(session, municipality, "協議会 担当"))
    made: dict[str, Any] = {}
    for what in ("ended", "council member", "council request"):
        request = councils.ask(
            session, municipality, organization, council=f"要保護児童対策地域協議会（{what}）",
            category=CouncilCategory.CORPORATION, by=city, now=now, request_key=uuid4(),
        )  # fmt: skip
        made[what] = request.id
        if what == "council request":
            break
        _, text = council_papers.consent_text(
            library, organization.name, municipality.name, request.council, request.category, TODAY
        )
        said = councils.Consent(representative.name, "理事長", "みなと市1-2", "03-0000-0000", text.digest, TODAY)
        councils.consent(session, library, request, said, by=representative, now=now)
        if what == "ended":
            councils.end(session, request, ends_on=TODAY, reason="事業の終了", by=city, now=now)
    facts = councils.MeetingFacts("要保護児童対策地域協議会", "R8-014 第2回", TODAY, "市役所 3階", "協議会 担当")
    meeting = councils.convene(session, library, municipality, facts, by=city, now=now, request_key=uuid4())
    seat, other = (
        councils.expect(session, meeting, councils.Person("NPO", "相談員", name, True), by=city, now=now)
        for name in ("山 海", "川 岸")
    )
    councils.enter_paper(session, meeting, other, by=city, now=now)
    councils.read_out(session, meeting, said_by="協議会 担当", by=city, now=now)
    code = meeting_codes.code_for(meeting.id, meeting.held_on, key=SECRET_KEY)
    view = sharing.save_view(
        session, municipality, name="毎週見る団体", wanted={"name": "はまかぜ"}, is_shared=True, by=city, now=now,
        request_key=uuid4(),
    )  # fmt: skip
    return made | {"meeting": meeting.id, "seat": seat.id, "code": code, "saved view": view.id}


def _invitations(
    session: Session, municipality: Municipality, volunteer: Worker, *, by: Actor, now: datetime
) -> dict[str, Any]:
    """A volunteer's invitation by mail, and two of officers: one to accept, one to revoke."""
    sender, system = (invitations.Sender(each, "https://example.jp/invitation/") for each in (by, SYSTEM))
    mailed = invitations.invite_worker(
        session, volunteer, way=Way.MAIL, email="fuyuki@example.jp", with_posts=True, by=sender, now=now
    )
    printed, revocable = (
        invitations.invite_officer(session, municipality, name=name, way=Way.PAPER, by=system, now=now)
        for name in ("役所 一郎", "役所 花子")
    )
    colleague = an_officer_of(session, municipality)
    post = session.scalars(select(MunicipalityRole).where(MunicipalityRole.user_id == colleague.id)).one()
    return {
        "worker": mailed.invitation.id,
        "colleague's post": post.id,
        "volunteer's secret": mailed.secret,
        "officer": revocable.invitation.id,
        "officer's secret": printed.secret,
    }


def _people_of(
    session: Session, center: Center, worker: Worker, *, by: Principal, now: datetime
) -> tuple[UUID, dict[str, UUID]]:
    """What the pages of people tell of: joining, things in hand, posts, someone who left and one who came back."""

    def someone_before(name: str) -> Worker:
        return a_worker(session, center, name, left_on=date(2026, 9, 30), files_sheets=False)

    step = joining.StepFacts(JoiningStep.BRIEFING, date(2026, 11, 2), Manner.ALONE, "個人情報保護規程", "西 守")
    joining.record_step(session, worker, step, by=by.actor, now=now)
    present = joining.queries.steps_of(session, worker)[JoiningStep.BRIEFING]
    corrected = replace(step, done_on=date(2026, 11, 3), reason="日付の誤り")
    record = joining.record_step(session, worker, corrected, seen=present.id, by=by.actor, now=now)
    key = joining.lend(session, worker, joining.ThingFacts(ThingKind.KEY, "事務所の鍵", TODAY), by=by.actor, now=now)
    lost = joining.lend(session, worker, joining.ThingFacts(ThingKind.MEDIUM, "USB-7", TODAY), by=by.actor, now=now)
    joining.settle(session, lost, Fate.LOST, on=TODAY, note="棚にありません", by=by.actor, now=now)
    holding = joining.appoint(session, worker, Post.SECURITY_MANAGER, center=None, from_on=TODAY, by=by.actor, now=now)
    left, gone = someone_before("去 年子"), someone_before("戻 次郎")
    for each in (left, gone):
        facts = leaving.LeavingFacts(
            date(2026, 9, 30), LeavingReason.OTHER, "家庭の事情", checks={LeavingCheck.KEYS: Outcome.OPEN},
            open_note="郵送で返してもらいます", checked_on=TODAY,
        )  # fmt: skip
        leaving.leave(session, each, facts, by=by, now=now)
    again = roster.WorkerFacts(
        name="戻 次郎", name_kana="モドリ", kind=gone.kind, center_id=center.id, joined_on=TODAY, files_sheets=False
    )
    joining.rejoin(session, gone, again, by=by.actor, now=now)
    return left.id, {"record": record.id, "thing": key.id, "lost": lost.id, "holding": holding.id}


def _networks_of(
    session: Session,
    organization: Organization,
    municipality: Municipality,
    by: Actor,
    people: dict[str, tuple[User, Worker]],
    *,
    now: datetime,
) -> dict[str, UUID]:
    """A network that acts for the organization, one that it runs itself, and open invitations of both kinds."""
    runs = an_organization(session, "子ども食堂連絡会 事務局")
    network = networks.open_network(
        session, runs, name="子ども食堂連絡会", rules="月に1回集まります。", by=SYSTEM, now=now
    )
    office = someone(session, a_center(session, runs), name="事務 局子")
    networks.appoint(session, office[1], by=SYSTEM, now=now)
    networks.open_network(session, organization, name="浜の協議会", rules="年に2回集まります。", by=by, now=now)
    membership = networks.join(session, network, organization, by=by, now=now)
    for _ in range(2):  # the first one ends with the second
        mandate = networks.entrust(session, membership, set(Entrusted), from_on=TODAY, until_on=None, by=by, now=now)
    people["network officer"] = office
    terms = registrations.Terms(EngagementBasis.AGREEMENT, "居場所づくり", TODAY, date(2027, 3, 31))
    invited = {"group_name": "任意団体 つくし", "email": "tsukushi@example.jp", "link_base": "", "by": by, "now": now}
    partner, _ = registrations.invite_partner(session, municipality, terms=terms, **invited)
    member, _ = registrations.invite_member(session, organization, **invited)
    if session.scalar(select(PartnerInvitation.id).where(PartnerInvitation.begun_at.is_not(None))) is None:
        open_to_all, _ = registrations.invite_partner(session, municipality, terms=None, **invited | {"email": None})
        open_to_all.token_digest = codes.digest(REGISTRATION)
        for step, typed in REGISTRATION_DRAFT.items():
            session.flush()
            registrations.keep_step(session, open_to_all, step, typed, now=now)
    return {
        "membership": membership.id, "mandate": mandate.id, "partner invitation": partner.id,
        "member invitation": member.id,
    }  # fmt: skip


def around_an_engagement(
    session: Session, library: Library, engagement: Engagement, center: Center, *, by: Actor, now: datetime
) -> dict[str, UUID]:
    """What stands around an engagement: a proposal, an accepted change, a code, clauses, a place and its notices."""
    city = Actor(None, "市役所 太郎", "password")
    municipality = session.get_one(Municipality, engagement.municipality_id)
    organization = session.get_one(Organization, engagement.organization_id)
    engagements.renew_code(session, organization, by=by, now=now)
    terms = engagements.Terms(
        title=engagement.title, basis=EngagementBasis.OUTSOURCING, starts_on=engagement.starts_on,
        ends_on=engagement.ends_on, further_bases=frozenset({EngagementBasis.COUNCIL_MEMBER}),
        council_category=CouncilCategory.CORPORATION,
        shares={DataClass.D3: frozenset({Mode.ORAL, Mode.PAPER_KEPT}), DataClass.D4: frozenset({Mode.PAPER_COLLECTED})},
    )  # fmt: skip
    engagements.propose_change(session, engagement, terms, reason="根拠を加えるため", by=city, now=now)
    engagements.accept(session, engagement, by=by, now=now)
    proposal = engagements.propose_engagement(
        session, municipality, organization,
        engagements.Terms("学習支援事業", EngagementBasis.SUBSIDY, TODAY, date(2027, 3, 31)), by=city, now=now,
    )  # fmt: skip
    project_id = roster.project_named(session, organization.id, "見守り訪問", by=SYSTEM, now=now).id
    engagements.assign(
        session, engagement, centers=[center.id], posts=[Post.CENTER_HEAD], project_id=project_id, by=by, now=now
    )
    facts = places.PlaceFacts(
        PlaceKind.BOTH, "本部事務室", "はまかぜ市東町1-2-3", True, date(2025, 4, 1), "鍵付きの書庫", "センター長",
        center.id, frozenset({engagement.id}),
    )  # fmt: skip
    place = places.add_place(session, organization, facts, by=by, now=now)
    [plain] = session.scalars(select(PlaceNotice).where(PlaceNotice.organization_id == organization.id))
    places.answer_notice(session, plain, NoticeReply.RECEIVED, by=city, now=now)
    listed = library.clauses_for("2026-11")
    for variant in ("report", "approval"):
        engagements.record_clauses(
            session, engagement, listed, {"work-places": variant, "take-out": "forbidden", "backups": "none"},
            based_on=0 if variant == "report" else 1, by=city, now=now,
        )  # fmt: skip
    places.change_place(
        session, place, replace(facts, address="はまかぜ市西町4-5-6"), effective_on=date(2026, 12, 1),
        reason="引っ越しのため", based_on=1, by=by, now=now,
    )  # fmt: skip
    notice = session.scalars(select(PlaceNotice).where(PlaceNotice.organization_id == organization.id,
                                                       PlaceNotice.number == 2)).one()  # fmt: skip
    return {"proposal": proposal.id, "place": place.id, "notice": notice.id, "plain_notice": plain.id}


def _an_upload(session: Session, organization: Organization, officer: Any, *, now: datetime) -> UUID:
    """A roster that the protection officer has uploaded and not confirmed yet."""
    lines = (
        "職員番号,氏名,フリガナ,区分,主な拠点,個人情報取扱者,活動を始めた日",
        "101,雪 村,ユキムラ,ボランティア,本部,はい,2026-11-01",
        ",夏 草,ナツクサ,非常勤職員,分室,はい,2024-04-01",
    )
    examined = imports.examine(
        session, organization.id, "\n".join(lines).encode(), leave_on=None, uploader_id=officer.user_id, today=TODAY
    )
    made = imports.keep_upload(
        session, organization.id, examined, filename="名簿.csv", leave_on=None, by=officer, now=now
    )
    session.commit()
    return made.id


def _roster_of(
    session: Session, organization: Organization, engagement: Engagement, worker: Worker, head: Worker, *, now: datetime
) -> RosterSubmission:
    """What the roster's pages tell of: a project, a confirmation, a submission."""
    project = roster.project_named(session, organization.id, "見守り訪問", by=SYSTEM, now=now)
    session.add_all([
        WorkerProject(
            organization_id=organization.id, id=uuid4(), worker_id=worker.id, project_id=project.id, from_on=TODAY,
            until_on=None,
        ),
        RosterConfirmation(
            organization_id=organization.id, id=uuid4(), at=now, confirmed_on=TODAY, by_id=None, by_name="西 守",
            workers=9, handlers=9, incomplete=0,
        ),
    ])  # fmt: skip
    submission = RosterSubmission(
        organization_id=organization.id, id=uuid4(), engagement_id=engagement.id, number=1, made_at=now,
        made_by_id=None, made_by_name="西 守", rows={str(each.id): {"氏名": each.name} for each in (worker, head)},
        heading={"engagement": engagement.title, "posts": [{"label": "個人情報責任者", "name": "西 守", "center": ""}]},
    )  # fmt: skip
    session.add(submission)
    return submission


def build(engine: Engine, library: Library, time: SetClock) -> World:
    """Fill a database with the world, and leave its marks in it."""
    with open_session(engine, write_acts=write_acts) as session:
        operator = an_operator(session)
        tenants = []
        for name in ("はまかぜ", "そよかぜ"):
            municipality = a_municipality(session, f"{name}市")
            tenant = a_tenant(session, library, time, f"NPO法人 {name}", municipality)
            tenants.append(tenant)
        own = session.get_one(Municipality, tenants[0].municipality)
        former = {}
        for why, dates in {
            "starts tomorrow": {"starts_on": date(2026, 11, 28)},
            "ended yesterday": {"ends_on": date(2026, 11, 26)},
            "cancelled today": {"cancelled_on": TODAY},
            "not accepted": {"accepted_at": None},
        }.items():
            organization = an_organization(session, f"団体（{why}）", first_month=MONTH)
            someone(session, a_center(session, organization), Role.PROTECTION_OFFICER)
            an_engagement(session, own, organization, **dates)
            former[why] = organization.id
        session.commit()
    take_days(engine, library, time.moment, most=400)
    world = World(tenants[0], tenants[1], former, operator.id)
    plant(engine, world)
    with writing(engine) as session:
        for job in session.scalars(select(BinderJob)):
            # A whole binder takes seconds; one record with its marks will do.
            tenant = world.own if job.organization_id == world.own.organization else world.other
            sheet = session.get_one(CheckSheet, (job.organization_id, tenant.sheets["worker"]))
            story = queries.story_of(session, sheet)
            checklist = library.checklist(sheet.checklist_key, sheet.edition)
            job.pdf = paper.record_pdf(story, checklist, story.version, head=False)
            job.finished_at, job.done = job.requested_at, job.total
    return world


# --- marks ------------------------------------------------------------------------------------------------------

#: Text columns that can hold no mark because the house reads them as something else than text, and why.
NO_MARK = {
    ("log_state", "range"): "hashes that the next entry is computed from",
    ("log_state", "kind"): "one of three words",
    ("log_leaf", "act"): "a word that pages look up",
    ("api_token", "scopes"): "words of an enumeration",
    ("api_token", "digest"): "a hash under which the token is found",
    ("api_call", "endpoint"): "names an address",
    ("user_account", "demo_label"): "makes a demo of the house, with a page of its own",
    ("rulebook", "key"): "names a file",
    ("rulebook", "code"): "a permanent address",
    ("rule_draft", "answers"): "what the wizard looks up; the texts stand in the articles",
    ("rule_version", "answers"): "what the wizard looks up; the texts stand in the articles",
    ("rule_version", "key"): "names a file",
    ("rule_version", "articles"): "numbers, keys and sources that pages look up, beside the texts",
    ("draft_article", "key"): "names an article",
    ("draft_article", "number"): "a number that is sorted by",
    ("draft_article", "serves"): "names clauses",
    ("draft_article", "source"): "names a file and an edition, beside the source's text",
    ("article_comment", "article_key"): "names an article",
    ("acknowledgement", "key"): "names a file",
    ("proposal_reply", "article_key"): "names an article",
    **{
        (table, column): "names a course, an edition, a question"
        for table in (
            "course_assignment",
            "course_attempt",
            "course_answer",
            "course_result",
            "officer_attempt",
            "officer_answer",
            "officer_result",
            "training_session",
            "own_course",
            "own_course_edition",
        )
        for column in ("course_key", "edition", "question_key", "asked", "counts_as", "key", "number")
    },
    **{
        ("readiness_snapshot", column): "numbers, words that pages look up, days"
        for column in ("ladder", "digest", "data", "since")
    },
    ("own_course", "source"): "names a course and an edition",
    ("own_course", "draft"): "keys that pages look up, beside the texts; the title is marked",
    ("own_course_edition", "content"): "read in a shape; the course's title is marked where it is kept",
    ("kit_adoption", "parts"): "words of an enumeration",
    ("own_practice", "tips"): "items that the sheet looks up, beside the texts",
    **{
        (table, column): "published for everyone to read"
        for table in ("kit_edition", "municipal_kit_edition")
        for column in ("title", "about", "publisher", "rules", "legal_form", "package", "digest", "note", "origin")
    },
    ("readiness_standing", "edition"): "names a file",
    ("readiness_standing", "next_missing"): "ids of criteria",
    ("readiness_standing", "months"): "months and numbers",
    ("check_sheet", "month"): "a month",
    ("check_sheet", "checklist_key"): "names a file",
    ("check_sheet", "edition"): "names a file",
    ("month_tally", "month"): "a month",
    ("month_closure", "month"): "a month",
    ("binder_job", "month"): "a month",
    ("corrective_action", "item"): "an item's number",
    ("organization", "first_month"): "a month",
    ("password_reset", "token_digest"): "a hash under which the link is found",
    ("partner_invitation", "token_digest"): "a hash under which the invitation is found",
    ("member_invitation", "token_digest"): "a hash under which the invitation is found",
    ("sign_in", "token_digest"): "a hash under which the cookie is found",
    ("engagement_version", "further_bases"): "words of an enumeration",
    ("engagement_version", "shares"): "words of enumerations",
    ("assignment", "centers"): "ids",
    ("assignment", "posts"): "words of an enumeration",
    ("clause_agreement", "edition"): "names a file",
    ("clause_agreement", "variants"): "keys in a file",
    ("requirement", "criteria"): "ids",
    ("council_reply", "text"): "read in a shape; the words of names in it are marked where they come from",
    ("council_reply", "text_digest"): "what the text is compared with",
    ("council_reply", "edition"): "names a file",
    ("case_meeting", "text"): "read in a shape; the words of names in it are marked where they come from",
    ("case_meeting", "text_digest"): "what the text is compared with",
    ("case_meeting", "edition"): "names a file",
    ("meeting_signature", "text_digest"): "what the text is compared with",
    ("level_credential", "document"): "published for everyone to read",
    ("level_credential", "digest"): "what the file is compared with",
    ("signing_key", "public_key"): "published for everyone to read",
    ("signing_key", "sealed"): "sealed: opened with a key, or not at all",
    ("own_wording", "key"): "a key in a file",
    ("pledge", "key"): "a key in a file",
    ("pledge", "edition"): "a key in a file",
    ("pledge", "text_digest"): "under which the text is found",
    ("pledge_text", "digest"): "under which the text is found",
    ("pledge_text", "text"): "read in a shape; the words of names in it are marked where they come from",
    ("pledge_scan", "media_type"): "one of three",
    ("place_version", "engagements"): "ids",
    ("reconciliation_note", "item"): "an item's number",
    ("spot_check", "month"): "a month",
    ("take_out", "protections"): "words of an enumeration",
    ("take_out_event", "checks"): "keys of checks",
    ("standing_permit", "protections"): "words of an enumeration",
    ("standing_permit", "weekdays"): "words of an enumeration",
    ("take_out_label", "code"): "under which a label is found",
    ("kiosk", "token_digest"): "a hash under which the cookie is found",
    ("inspection", "from_month"): "a month",
    ("inspection", "until_month"): "a month",
    ("worker_pin", "pin_hash"): "a hash that a number is compared with",
    ("worker_pin", "slip_hash"): "a hash that a number is compared with",
    ("halfway_sign_in", "token_digest"): "a hash under which the cookie is found",
    ("recovery_code", "code_digest"): "a hash under which the code is found",
    ("authenticator", "secret"): "sealed: opened with a key, or not at all",
    ("authenticator", "pending_secret"): "sealed: opened with a key, or not at all",
    ("worker_invitation", "secret_digest"): "a hash under which the link is found",
    ("worker_invitation", "code_digest"): "a hash under which the code is found",
    ("municipality_invitation", "secret_digest"): "a hash under which the link is found",
    ("municipality_invitation", "code_digest"): "a hash under which the code is found",
}
#: Words inside JSON that the house looks up.
_WORDS = {answer.value for answer in Answer} | {""}


@dataclass
class Canaries:
    """Marks, each in one column; `seen_in` finds them again in whatever form a response has."""

    prefix: str = field(default_factory=lambda: "Zq" + base64.b32encode(secrets.token_bytes(5)).decode().lower())
    columns: list[tuple[str, str]] = field(default_factory=list)

    def mark(self, table: str, column: str) -> str:
        """The mark of a column."""
        if (table, column) not in self.columns:
            self.columns.append((table, column))
        return f"{self.prefix}{self.columns.index((table, column)):03d}"

    def seen_in(self, text: str) -> set[tuple[str, str]]:
        """The columns whose marks stand in a text."""
        found = re.findall(self.prefix + r"(\d{3})", text, re.IGNORECASE)
        return {self.columns[int(number)] for number in found}


def text_columns(table: Table) -> list[Any]:
    """The columns of a table in which somebody's words can stand."""
    return [
        column
        for column in table.columns
        if isinstance(column.type, String | JSON) and not isinstance(column.type, Enum | Uuid)
    ]


Owner = Callable[[str, dict[str, Any]], bool]


def owner_of(tenant_ids: Iterable[object], user_ids: Iterable[object]) -> Owner:
    """Whether a row, as column → value, belongs to one of the tenants or to one of their people."""
    tenants, users = {str(each) for each in tenant_ids}, {str(each) for each in user_ids}

    def owns(table: str, row: dict[str, Any]) -> bool:
        if table == "user_account":
            return str(row["id"]) in users
        if table in ("organization", "municipality"):
            return str(row["id"]) in tenants
        for column in ("organization_id", "municipality_id", "log_id"):
            if column in row:
                return str(row[column]) in tenants
        return str(row.get("user_id")) in users

    return owns


def plant(engine: Engine, world: World) -> None:
    """Leave marks in every text of the other tenants, and in the first tenant's records of individuals."""
    with engine.execution_options(writes=True).begin() as connection:
        dialect = connection.dialect.name
        for guard in guards.GUARDS:
            for statement in guards.drop_ddl(guard, dialect):
                connection.exec_driver_sql(statement)
        for table in Base.metadata.sorted_tables:
            for row in connection.execute(select(table)).mappings().all():
                whose = _whose(world, table.name, dict(row))
                if whose is None:
                    continue
                changed = {
                    column.name: _marked(column, row[column.name], whose.mark(table.name, column.name))
                    for column in text_columns(table)
                    if (table.name, column.name) not in NO_MARK and not (column.primary_key and whose is world.personal)
                }
                if changed:
                    where = [column == row[column.name] for column in table.primary_key.columns]
                    for name in changed.keys() & _alone(table):
                        changed[name] += uuid4().hex[:8]
                    connection.execute(table.update().where(*where).values(changed))
        for guard in guards.GUARDS:
            for statement in guards.ddl(guard, dialect):
                connection.exec_driver_sql(statement)


def _alone(table: Table) -> set[str]:
    """The columns whose values (within a tenant) may not stand there twice."""
    keys = [constraint for constraint in table.constraints if isinstance(constraint, UniqueConstraint)]
    unique = [*(index for index in table.indexes if index.unique), *keys, table.primary_key]
    return {column.name for each in unique for column in each.columns} | {
        column.name for column in table.columns if column.unique
    }


def _marked(column: Any, value: Any, mark: str) -> Any:
    if isinstance(column.type, JSON):
        return _marked_json(value, mark) if value else {"note": mark}
    if column.table.name == "log_leaf" and column.name == "entry" and value:
        entry = json.loads(value)
        entry["actor"]["name"] += mark
        return json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"{value or ''}{mark}"


def _marked_json(value: Any, mark: str) -> Any:
    if isinstance(value, dict):
        return {key: _marked_json(each, mark) if key != "answer" else each for key, each in value.items()}
    if isinstance(value, list):
        return [_marked_json(each, mark) for each in value]
    return value + mark if isinstance(value, str) else value


#: What a municipality may know of a partner; everything else of it is an individual's or the organization's own.
SHARED = {
    "organization", "municipality", "engagement", "center", "municipality_role", "engagement_version",
    "engagement_reply", "assignment", "clause_agreement", "place", "project", "place_notice", "place_notice_answer",
    "council_request", "council_reply", "rulebook", "rule_version", "rule_event", "interim_acceptance",
    "acceptance_end", "sharing_hold", "share_decision", "decision_event",
    # The organization itself hands it to the municipality, and recipients are chosen from it.
    "roster_submission", "inspection", "inspection_closing", "demand",
    "demand_event", "level_objection", "objection_event",
}  # fmt: skip
#: Those whose names a municipality is told: they hold a post.
POSTS = ("head", "officer", "representative", "other head")


def _whose(world: World, table: str, row: dict[str, Any]) -> Canaries | None:
    own, other = world.own, world.other
    if owner_of(world.former.values(), [])(table, row):
        return world.past
    is_foreign = owner_of([other.organization, other.municipality], other.users.values())
    if is_foreign(table, row):
        return world.foreign
    between = {own.taken_out["held receipt"], own.decided["receipt"]}
    if table.startswith("receipt") and between & {row.get("id"), row.get("receipt_id")}:
        return None  # it stands between the two
    if table == Throttle.__tablename__:
        return world.foreign
    if table == "outgoing_mail":
        return world.foreign
    named = {own.workers[post] for post in POSTS} | {own.users[post] for post in POSTS}
    people = set(own.users.values()) - named - {own.users["municipal officer"]}
    if table in SHARED or row.get("id") in named:
        return None
    is_personal = owner_of([own.organization], people)
    return world.personal if is_personal(table, row) else None


# --- what a response says ---------------------------------------------------------------------------------------


def words_of(response: Any) -> str:
    """Everything a response tells: its body in whatever format, and its headers, without white space."""
    body: bytes = response.data
    found = [unquote(f"{name}: {value}") for name, value in response.headers.items()]
    if body.startswith(b"%PDF"):
        from pypdf import PdfReader

        reader = PdfReader(BytesIO(body))
        found += [page.extract_text() for page in reader.pages] + [str(reader.metadata)]
    elif body.startswith(b"PK"):
        with zipfile.ZipFile(BytesIO(body)) as archive:
            found += [archive.read(name).decode("utf-8", "replace") for name in archive.namelist()]
    found.append(body.decode("utf-8", "replace"))
    return "".join("".join(found).split())


def rows_of(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, as the driver delivers it."""
    found = defaultdict(list)
    with engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            query = select(table).order_by(*table.primary_key.columns)
            found[table.name] = [dict(row) for row in connection.execute(query).mappings()]
    return found


def belonging_to_others(world: World, rows: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """The rows of the other tenants and of their people."""
    other = world.other
    owns = owner_of([other.organization, other.municipality, *world.former.values()], other.users.values())
    return {table: [row for row in found if owns(table, row)] for table, found in rows.items()}


def counts(engine: Engine) -> dict[str, int]:
    """The rows of each table that there is."""
    with engine.connect() as connection:
        names = sorted(set(inspect(connection).get_table_names()) - {"alembic_version"})
        if not names:
            return {}
        query = ", ".join(f'(SELECT count(*) FROM "{name}")' for name in names)
        return dict(zip(names, connection.exec_driver_sql(f"SELECT {query}").one(), strict=True))
