"""Runs the requests of all clients through the models in small batches, first come, first served.

Forward passes run in the event loop, on one thread: a batch takes a few milliseconds, and handing it to another thread
costs more than it frees.
"""

import asyncio
from collections.abc import Callable, Hashable
from typing import Any, NamedTuple, Protocol

from ..explain.models import ExplainedModel
from .operations.base import Operation


class Task(NamedTuple):
    """A request to run."""

    operation: Operation[Any, Any, Any]
    model: str
    request: Any

    def batch_key(self) -> Hashable:
        """Equal for tasks that can run in one batch."""
        return self.operation, self.model, self.operation.batch_key(self.request)


class Waiting(Protocol):
    """An entry of the queue. Its task may change until it is taken: that is how the newest drawing wins."""

    def next_task(self) -> Task | None:
        """The task to run now; None leaves the queue."""

    def set_result(self, result: Any) -> None:
        """Called with the result of the latest task."""

    def set_exception(self, error: Exception) -> None:
        """Called if the latest task failed."""

    def cancel(self) -> None:
        """Called if the batcher stops first."""


class Job:
    """A queue entry with one fixed task, whose result can be awaited."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self.result: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    def next_task(self) -> Task | None:
        """The task, unless it was cancelled while it waited."""
        return None if self.result.done() else self._task

    def set_result(self, result: Any) -> None:
        self.result.set_result(result)

    def set_exception(self, error: Exception) -> None:
        self.result.set_exception(error)

    def cancel(self) -> None:
        self.result.cancel()


class Batcher:
    """The queue and the asyncio task that empties it. The application starts and stops it."""

    def __init__(self, models: dict[str, ExplainedModel], on_batch: Callable[[int], None] = lambda _: None) -> None:
        self._models = models
        self._on_batch = on_batch  # called with the size of each batch
        self._queue: list[Waiting] = []
        self._filled = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start to empty the queue. Needs a running event loop."""
        self._task = asyncio.create_task(self._run(), name="batcher")

    async def stop(self) -> None:
        """Stop, and cancel what is still in the queue."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        for waiting in self._queue:
            waiting.cancel()

    def add(self, waiting: Waiting) -> None:
        self._queue.append(waiting)
        self._filled.set()

    async def run(self, task: Task) -> Any:
        """Run one task, in a batch with others that wait.

        Raises:
            KeyError: the model does not exist.
        """
        self._models[task.model]
        job = Job(task)
        self.add(job)
        return await job.result

    async def _run(self) -> None:
        while True:
            await self._filled.wait()
            await asyncio.sleep(0)  # messages that arrived in the same pass of the event loop join the batch
            batch = self._take()
            if not batch:
                self._filled.clear()
                continue
            operation, model, _ = batch[0][1]
            try:
                results = operation.run(self._models[model], [task.request for _, task in batch])
            except Exception as error:  # passed to the clients; the batcher goes on with the next batch
                for waiting, _ in batch:
                    waiting.set_exception(error)
            else:
                for (waiting, _), result in zip(batch, results, strict=True):
                    waiting.set_result(result)
            self._on_batch(len(batch))
            await asyncio.sleep(0)  # sends the answers and reads what has arrived meanwhile;
            await asyncio.sleep(0)  # puts it into the queue

    def _take(self) -> list[tuple[Waiting, Task]]:
        """Take the first entry, and those that can share its batch; others keep their places."""
        batch: list[tuple[Waiting, Task]] = []
        remaining: list[Waiting] = []
        for waiting in self._queue:
            task = waiting.next_task()
            if task is None:
                continue
            first = batch[0][1] if batch else task
            if len(batch) < first.operation.max_batch and task.batch_key() == first.batch_key():
                batch.append((waiting, task))
            else:
                remaining.append(waiting)
        self._queue = remaining
        return batch
