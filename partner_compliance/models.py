"""Every model of the house, for what has to know all tables: migrations, backup, verification, the house's checks."""

from partner_compliance.accounts import models as accounts
from partner_compliance.api import models as api
from partner_compliance.api.contents import LOGGED_CONTENTS as OF_TOKENS
from partner_compliance.councils import models as councils
from partner_compliance.councils.contents import LOGGED_CONTENTS as OF_COUNCILS
from partner_compliance.engagements import models as engagements
from partner_compliance.engagements.queries import LOGGED_CONTENTS as OF_ENGAGEMENTS
from partner_compliance.gate import models as gate
from partner_compliance.gate.contents import LOGGED_CONTENTS as OF_SHARING
from partner_compliance.history import models as history
from partner_compliance.imports import models as imports
from partner_compliance.inspections import models as inspections
from partner_compliance.inspections.contents import LOGGED_CONTENTS as OF_INSPECTIONS
from partner_compliance.invitations import models as invitations
from partner_compliance.kiosks import models as kiosks
from partner_compliance.kits import models as kits
from partner_compliance.kits.contents import LOGGED_CONTENTS as OF_KITS
from partner_compliance.organizations import models as organizations
from partner_compliance.organizations import networks
from partner_compliance.organizations.networks import LOGGED_CONTENTS as OF_NETWORKS
from partner_compliance.people import models as people
from partner_compliance.people.queries import LOGGED_CONTENTS as OF_PEOPLE
from partner_compliance.pledges import models as pledges
from partner_compliance.pledges.contents import LOGGED_CONTENTS as OF_PLEDGES
from partner_compliance.publications import models as publications
from partner_compliance.publications.contents import LOGGED_CONTENTS as OF_PUBLICATIONS
from partner_compliance.readiness import models as readiness
from partner_compliance.readiness import standing
from partner_compliance.receipts import models as receipts
from partner_compliance.receipts.contents import LOGGED_CONTENTS as OF_RECEIPTS
from partner_compliance.registrations import models as registrations
from partner_compliance.roster import models as roster
from partner_compliance.roster.queries import LOGGED_CONTENTS as OF_ROSTER
from partner_compliance.rulebooks import models as rulebooks
from partner_compliance.rulebooks.contents import LOGGED_CONTENTS as OF_RULES
from partner_compliance.sharing import models as sharing
from partner_compliance.sheets import models as sheets
from partner_compliance.sheets.contents import LOGGED_CONTENTS as OF_SHEETS
from partner_compliance.takeouts import models as takeouts
from partner_compliance.takeouts.contents import LOGGED_CONTENTS as OF_TAKE_OUTS
from partner_compliance.training import models as training
from partner_compliance.training.contents import LOGGED_CONTENTS as OF_COURSES

ALL_MODELS = (
    accounts, councils, engagements, gate, history, imports, invitations, kiosks, kits, networks, organizations,
    people, pledges, receipts, registrations, roster, rulebooks, sharing, sheets, standing, takeouts, training,
    publications, api, inspections, readiness,
)  # fmt: skip

#: Kinds of objects in the log whose facts the verification reads back and compares.
LOGGED_CONTENTS = {
    **OF_ROSTER,
    **OF_ENGAGEMENTS,
    **OF_NETWORKS,
    **OF_PEOPLE,
    **OF_SHEETS,
    **OF_TAKE_OUTS,
    **OF_RECEIPTS,
    **OF_PLEDGES,
    **OF_COUNCILS,
    **OF_RULES,
    **OF_COURSES,
    **OF_KITS,
    **OF_SHARING,
    **OF_PUBLICATIONS,
    **OF_TOKENS,
    **OF_INSPECTIONS,
}
