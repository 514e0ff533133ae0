"""Every model of the house, for what has to know all tables: migrations, backup, and the checks of the house."""

from partner_compliance.accounts import models as accounts
from partner_compliance.history import models as history
from partner_compliance.organizations import models as organizations
from partner_compliance.sheets import models as sheets

ALL_MODELS = (accounts, history, organizations, sheets)
