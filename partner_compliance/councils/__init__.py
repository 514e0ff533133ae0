"""Papers of a council: an organization's consent to be a member, and the roster of a case meeting."""
