"""Engagements between municipalities and organizations: proposals, clauses, places of work and storage."""
