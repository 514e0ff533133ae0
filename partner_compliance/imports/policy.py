"""Who may take a roster in and give it out."""

from partner_compliance.access import Principal, Role
from partner_compliance.imports.models import RosterUpload
from partner_compliance.organizations.models import Organization


def may_import(principal: Principal, organization: Organization) -> bool:
    """The protection officer keeps the roster."""
    return principal.is_(Role.PROTECTION_OFFICER, organization.id)


def may_see_upload(principal: Principal, organization: Organization, upload: RosterUpload) -> bool:
    """The protection officer who has uploaded the file, and nobody else."""
    is_own = upload.organization_id == organization.id and upload.uploaded_by_id == principal.user_id
    return is_own and may_import(principal, organization)


def may_export(principal: Principal, organization: Organization) -> bool:
    """The protection officer may take the roster out as a file."""
    return principal.is_(Role.PROTECTION_OFFICER, organization.id)
