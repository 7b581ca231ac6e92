"""Runs the requests of all clients through the models, a few at a time.

Forward passes run in the event loop, on one thread: a batch takes a few milliseconds, and handing it to another thread
costs more than it frees. What waits is first in, first out, and a page has one place in the queue, so nobody waits for
longer than one request of each of the others takes.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from ..explain.models import ExplainedModel
from .operations import Operation


class Task(NamedTuple):
    """Something to do with the model of that name."""

    operation: Operation
    model: str
    input: Any


class Waiting(Protocol):
    """Whoever has a place in the queue. What is wanted may change until its turn comes."""

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
        self._queue: deque[Waiting] = deque()
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
            await asyncio.sleep(0)  # let answers go out and new drawings come in

    def _take(self) -> list[tuple[Waiting, Task]]:
        """The longest-waiting requests of one kind, for one model; others keep their places."""
        batch: list[tuple[Waiting, Task]] = []
        kept: list[Waiting] = []
        while self._queue and (not batch or len(batch) < batch[0][1].operation.max_batch):
            waiting = self._queue.popleft()
            task = waiting.wanted()
            if task is None:
                continue
            if not batch or (task.operation is batch[0][1].operation and task.model == batch[0][1].model):
                batch.append((waiting, task))
            else:
                kept.append(waiting)
        self._queue.extendleft(reversed(kept))
        return batch
