"""How far an organization is: measures, levels, what is missing, and when a level ends."""
