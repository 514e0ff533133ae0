"""Registrations: groups that register themselves, invited by a municipality or a network, within ten minutes."""
