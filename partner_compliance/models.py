"""Every model of the house, for what has to know all tables: migrations, backup, verification, the house's checks."""

from partner_compliance.accounts import models as accounts
from partner_compliance.history import models as history
from partner_compliance.invitations import models as invitations
from partner_compliance.organizations import models as organizations
from partner_compliance.roster import models as roster
from partner_compliance.roster.queries import LOGGED_CONTENTS as OF_ROSTER
from partner_compliance.sheets import models as sheets
from partner_compliance.sheets.queries import LOGGED_CONTENTS as OF_SHEETS

ALL_MODELS = (accounts, history, invitations, organizations, roster, sheets)

#: Kinds of objects in the log whose facts the verification reads back and compares.
LOGGED_CONTENTS = {**OF_ROSTER, **OF_SHEETS}
