"""Pledges: on joining, every year, per engagement, on leaving; their wordings, signatures and who is missing."""
