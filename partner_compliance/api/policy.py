"""Who may look after a municipality's tokens. Each rule answers yes or no, and does nothing else."""

from partner_compliance.access import Principal
from partner_compliance.api.models import ApiToken
from partner_compliance.organizations.models import Municipality


def may_manage(principal: Principal, municipality: Municipality) -> bool:
    """The officers of the municipality make tokens for its systems and see how they are used."""
    return municipality.id in principal.municipality_ids


def may_manage_token(principal: Principal, token: ApiToken) -> bool:
    """The officers of the token's municipality."""
    return token.municipality_id in principal.municipality_ids
