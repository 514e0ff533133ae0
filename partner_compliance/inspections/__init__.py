"""What a municipality looks into and asks for: inspections, findings, improvement requests, objections to a level."""
