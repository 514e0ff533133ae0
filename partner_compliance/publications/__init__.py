"""Publication: an organization shows its level of today under a permanent address, and that of a day in a file."""
