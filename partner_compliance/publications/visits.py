"""How often one address may ask for public pages: counted in memory, since counting in the database would cost more
than the page."""

from collections import Counter
from datetime import datetime, timedelta
from threading import Lock

from partner_compliance.errors import TooMany

#: A whole city hall may come from one address.
MOST, WITHIN = 120, timedelta(minutes=1)
#: More addresses than this in a minute are counted together, so that nobody fills the memory.
MOST_ADDRESSES = 10_000


class Visits:
    """The visits of the present minute to one process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._since: datetime | None = None
        self._count: Counter[str] = Counter()

    def refuse_flood(self, address: str, *, now: datetime) -> None:
        """Count a visit; raises TooMany beyond the limit within a minute."""
        with self._lock:
            if self._since is None or not self._since <= now < self._since + WITHIN:
                self._since = now
                self._count.clear()
            key = address if address in self._count or len(self._count) < MOST_ADDRESSES else ""
            self._count[key] += 1
            if self._count[key] > MOST:
                raise TooMany
