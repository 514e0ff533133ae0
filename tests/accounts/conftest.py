import pytest
from argon2 import PasswordHasher

from partner_compliance.accounts import passwords


@pytest.fixture(autouse=True)
def _quick_passwords(monkeypatch):
    """Passwords hashed as they are kept, only with less work."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", quick)
    monkeypatch.setattr(passwords, "_NOBODY", quick.hash("nobody has this password"))
