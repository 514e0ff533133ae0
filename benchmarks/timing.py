"""Time as the processor spends it: what else the machine does at the moment hardly shows in it."""

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

#: Measurements thrown away before those that count.
WARM_UP = 4


@dataclass(frozen=True)
class Spent:
    """Medians in milliseconds: CPU of this process, of the database server beside it (a mean), and by the clock.

    `best` is the lowest CPU time seen, as near as a busy machine comes to a quiet one. `times_unit` compares each
    run with something small that ran right after it, so that the machine's mood falls out.
    """

    cpu: float
    server: float
    clock: float
    best: float
    times: int
    times_unit: float | None = None

    @property
    def all_cpu(self) -> float:
        """CPU here and in the database server."""
        return self.cpu + self.server

    def as_more(self) -> dict[str, float]:
        """The parts, for `--json`."""
        return {"cpu_here": self.cpu, "cpu_database": self.server, "clock": self.clock, "times": self.times}

    @property
    def best_cpu(self) -> float:
        """The lowest CPU time here, and the mean in the database server."""
        return self.best + self.server


class Stopwatch:
    """Wrapped around a WSGI application, it measures the application alone, without the client that asks it."""

    def __init__(self, application: Any) -> None:
        self._application = application
        self.cpu = 0.0
        self.clock = 0.0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        """Answer, with the whole body at once."""
        clock, cpu = perf_counter(), process_time()
        answer = self._application(environ, start_response)
        body = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        self.cpu, self.clock = process_time() - cpu, perf_counter() - clock
        return [body]


ServerCpu = Callable[[], float]
#: Does something, and returns seconds of CPU and by the clock.
Timed = Callable[[], tuple[float, float]]


def no_server() -> float:
    """The CPU seconds of a database that has no process of its own."""
    return 0.0


def measure(act: Callable[[], object], times: int, *, server: ServerCpu = no_server, warm_up: int = WARM_UP) -> Spent:
    """Do something often, and return what one time costs."""

    def timed() -> tuple[float, float]:
        clock, cpu = perf_counter(), process_time()
        act()
        return process_time() - cpu, perf_counter() - clock

    return collect(timed, times, server=server, warm_up=warm_up)


def collect(
    timed: Timed, times: int, *, server: ServerCpu = no_server, warm_up: int = WARM_UP, unit: Timed | None = None
) -> Spent:
    """The same for something that measures itself; `unit` is measured after each time, for a ratio to it."""
    for _ in range(warm_up):
        timed()
    with _no_garbage():
        before = server()
        found, units = [], []
        for _ in range(times):
            found.append(timed())
            if unit is not None:
                units.append(median(unit()[0] for _ in range(5)))
        beside = (server() - before) / times
    cpus = [cpu for cpu, _ in found]
    ratios = [(cpu + beside) / one for cpu, one in zip(cpus, units, strict=False)]
    return Spent(
        median(cpus) * 1000,
        beside * 1000,
        median(clock for _, clock in found) * 1000,
        min(cpus) * 1000,
        times,
        median(ratios) if ratios else None,
    )


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Everything that exists by now is left alone by the collector, as in a server that has just forked."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def rss() -> float:
    """The memory (MB) that this process holds at the moment."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def cpu_of(pids: list[int]) -> float:
    """The CPU seconds that some processes have used."""
    used = 0
    for pid in pids:
        try:
            used += int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0])
        except (OSError, IndexError):  # gone meanwhile, or a system without these files
            continue
    return used / 1e9
