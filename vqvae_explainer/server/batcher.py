"""Runs the requests of all clients through the models, a few at a time.

Forward passes run in the event loop, on one thread: a batch takes a few milliseconds, and handing it to another thread
costs more than it frees. A client has one place in the queue, and who has waited longest for an answer goes first.

With one exception: a client that has asked again before it was answered will do so once more, so a drawing of its that
has missed a batch is left to be overtaken. In a crowd it gets as many answers as everybody, and they are not late. What
is not overtaken within PATIENCE, since the pen has stopped, is in the queue like everything else.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from ..explain.models import ExplainedModel
from .operations import Operation

PATIENCE = 0.05  # seconds: three frames at 60 Hz, so whoever is still drawing has sent another one


class Task(NamedTuple):
    """Something to do with the model of that name."""

    operation: Operation
    model: str
    input: Any


class Waiting(Protocol):
    """Whoever has a place in the queue. What is wanted may change until its turn comes."""

    @property
    def arrived(self) -> float:
        """When what is wanted now arrived, in seconds of `time.perf_counter`."""

    @property
    def unanswered_since(self) -> float:
        """When there was an answer last, in the same seconds."""

    @property
    def overtakes(self) -> bool:
        """Whether something else was wanted since then, and overtaken."""

    def wanted(self) -> Task | None:
        """What to do now; None gives the place up."""

    def give(self, result: Any) -> None:
        """Called with the result of what was wanted last."""

    def fail(self, error: Exception) -> None:
        """Called instead if it failed."""

    def cancel(self) -> None:
        """Called instead if the batcher stops."""


class Turn:
    """A place in the queue for one task; its result can be awaited."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self.arrived = self.unanswered_since = time.perf_counter()
        self.overtakes = False
        self.result: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    def wanted(self) -> Task | None:
        """The task, unless whoever awaited it has gone."""
        return None if self.result.done() else self._task

    def give(self, result: Any) -> None:
        """Hand on the result."""
        self.result.set_result(result)

    def fail(self, error: Exception) -> None:
        """Hand on the error."""
        self.result.set_exception(error)

    def cancel(self) -> None:
        """Let go."""
        self.result.cancel()


class Batcher:
    """The queue and the task that empties it; `start` and `stop` it with the application."""

    def __init__(self, models: dict[str, ExplainedModel], on_batch: Callable[[int], None] = lambda _: None) -> None:
        self._models = models
        self._on_batch = on_batch  # told the size of each batch
        self._queue: list[Waiting] = []
        self._taken = 0.0  # when a batch was taken last
        self._filled = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to empty the queue. Needs a running event loop."""
        self._task = asyncio.create_task(self._run(), name="batcher")

    async def stop(self) -> None:
        """Stop; whoever still waits is cancelled."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        for waiting in self._queue:
            waiting.cancel()

    def add(self, waiting: Waiting) -> None:
        """Give someone a place at the end of the queue."""
        self._queue.append(waiting)
        self._filled.set()

    async def run(self, operation: Operation, model: str, input: Any) -> Any:
        """Run an operation on one input with the model of that name, together with others that wait.

        Raises:
            KeyError: there is no such model.
        """
        self._models[model]
        turn = Turn(Task(operation, model, input))
        self.add(turn)
        return await turn.result

    async def _run(self) -> None:
        while True:
            await self._filled.wait()
            await asyncio.sleep(0)  # whoever's message came in the same pass of the event loop comes along
            batch = self._take()
            if not batch:
                self._filled.clear()
                continue
            operation, model, _ = batch[0][1]
            try:
                results = operation.run(self._models[model], [task.input for _, task in batch])
            except Exception as error:  # the clients get it; the batcher serves the next ones
                for waiting, _ in batch:
                    waiting.fail(error)
            else:
                for (waiting, _), result in zip(batch, results, strict=True):
                    waiting.give(result)
            self._on_batch(len(batch))
            await asyncio.sleep(0)  # let answers go out, and read what has come in meanwhile;
            await asyncio.sleep(0)  # let it be put into its place

    def _take(self) -> list[tuple[Waiting, Task]]:
        """The next requests of one kind, for one model; others keep their places."""
        wanted = [(waiting, task) for waiting in self._queue if (task := waiting.wanted()) is not None]
        patience_ends = time.perf_counter() - PATIENCE

        def order(item: tuple[Waiting, Task]) -> tuple[bool, float]:
            waiting, _ = item
            is_left = waiting.overtakes and patience_ends < waiting.arrived < self._taken
            return is_left, waiting.unanswered_since

        batch: list[tuple[Waiting, Task]] = []
        for waiting, task in sorted(wanted, key=order):
            if not batch or (task.operation is batch[0][1].operation and task.model == batch[0][1].model):
                batch.append((waiting, task))
                if len(batch) == task.operation.max_batch:
                    break
        served = {id(waiting) for waiting, _ in batch}
        self._queue = [waiting for waiting, _ in wanted if id(waiting) not in served]
        self._taken = time.perf_counter()
        return batch
