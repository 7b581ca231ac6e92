"""A queue that shares time between clients by what their requests cost, not by how many they send.

The order is weighted fair queueing (A. Demers, S. Keshav and S. Shenker, SIGCOMM 1989), with equal weights. If all
clients ran at once, each at an equal part of the speed, a request would start when the client's previous one has ended
and end after its seconds: next is the request that would end first. The lane's clock shows that imagined time: it
advances by the seconds that a batch took, divided by the number of clients. A client that has been idle starts at the
clock, so it has no credit for the time in which it asked nothing.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from .operations.base import Operation

MAX_BATCH_SECONDS = 0.008  # estimated; one request may take longer
NEW_SHARE = 0.2  # weight of the latest measurement in the estimate
MAX_ENDS = 1000  # clients that are remembered before those who have had less than their share are removed


class Task(NamedTuple):
    """A request to run, and how to encode its answer."""

    operation: Operation[Any, Any, Any]
    model: str
    request: Any
    encode: Callable[[Any], Any] = lambda result: result  # part of what the request costs
    is_long: bool = False  # runs in the background thread

    def batch_key(self) -> Hashable:
        """Equal for tasks that can run in one batch."""
        return self.operation, self.model, self.operation.batch_key(self.request)


class Waiting(Protocol):
    """An entry of the queue. Its task may change until it starts: that is how the newest drawing wins."""

    @property
    def client(self) -> Hashable:
        """Whose time it takes."""

    def next_task(self) -> Task | None:
        """The task that would run now; None leaves the queue."""

    def start(self) -> None:
        """Called when that task is taken from the queue."""

    def set_result(self, result: Any) -> None:
        """Called with the encoded result of the task that started."""

    def set_exception(self, error: Exception) -> None:
        """Called if that task failed."""

    def cancel(self) -> None:
        """Called if the batcher stops first."""


@dataclass(eq=False)
class Entry:
    waiting: Waiting
    start: float  # on the lane's clock, seconds


class Turn(NamedTuple):
    """An entry that has been taken, with its task."""

    entry: Entry
    task: Task


class Lane:
    """Entries that wait for one processor."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []  # in the order of their turns as last computed, then of their arrival
        self._clock = 0.0  # seconds
        self._ends: dict[Hashable, float] = {}  # end of each client's latest request; may lack those before the clock
        self._seconds: dict[Hashable, float] = {}  # estimates by operation and model

    def add(self, waiting: Waiting) -> None:
        self._entries.append(Entry(waiting, max(self._clock, self._ends.get(waiting.client, 0.0))))

    def take(self) -> list[Turn]:
        """Take the next entry, and those that can share its batch; others keep their places."""
        tasks = [(entry, task) for entry in self._entries if (task := entry.waiting.next_task()) is not None]
        ends = {entry: entry.start + self._estimate(task) for entry, task in tasks}
        tasks.sort(key=lambda item: ends[item[0]])  # stable: first come, first served among equals
        batch: list[Turn] = []
        remaining: list[Entry] = []
        for entry, task in tasks:
            first = batch[0].task if batch else task
            seconds = (len(batch) + 1) * self._estimate(task)
            has_room = not batch or (len(batch) < first.operation.max_batch and seconds <= MAX_BATCH_SECONDS)
            if has_room and task.batch_key() == first.batch_key():
                entry.waiting.start()
                batch.append(Turn(entry, task))
            else:
                remaining.append(entry)
        self._entries = remaining
        return batch

    def charge(self, batch: list[Turn], seconds: float) -> None:
        """Divide the seconds that a batch took between its clients."""
        self._clock += seconds / (len(batch) + len(self._entries))
        share = seconds / len(batch)
        for entry, _ in batch:
            client = entry.waiting.client
            self._ends[client] = max(entry.start, self._ends.get(client, 0.0)) + share
        task = batch[0].task
        kind = task.operation, task.model
        estimate = self._seconds.get(kind, share)
        self._seconds[kind] = estimate + NEW_SHARE * (share - estimate)
        if len(self._ends) > MAX_ENDS:
            self._ends = {client: end for client, end in self._ends.items() if end > self._clock}

    def cancel(self) -> None:
        """Cancel what waits."""
        for entry in self._entries:
            entry.waiting.cancel()
        self._entries = []

    def _estimate(self, task: Task) -> float:
        """Seconds that a task is expected to take; 0 for the first of its kind."""
        return self._seconds.get((task.operation, task.model), 0.0)
