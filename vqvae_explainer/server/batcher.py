"""Runs the requests of all clients through the models, a few at a time.

Forward passes run in the event loop, on one thread: a batch takes a few milliseconds, and handing it to another thread
costs more than it frees. What waits is first in, first out, and a page has at most one request waiting, so nobody waits
for longer than one request of each of the others takes.
"""

import asyncio
from collections import deque
from typing import Any, NamedTuple

from ..explain.models import ExplainedModel
from .operations import Operation


class Waiting(NamedTuple):
    """A request in the queue."""

    operation: Operation
    model: str
    input: Any
    result: asyncio.Future[Any]


class Batcher:
    """The queue and the task that empties it; `start` and `stop` it with the application."""

    def __init__(self, models: dict[str, ExplainedModel]) -> None:
        self._models = models
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
            waiting.result.cancel()

    async def run(self, operation: Operation, model: str, input: Any) -> Any:
        """Run an operation on one input with the model of that name, together with others that wait.

        Raises:
            KeyError: there is no such model.
        """
        self._models[model]
        result: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._queue.append(Waiting(operation, model, input, result))
        self._filled.set()
        return await result

    async def _run(self) -> None:
        while True:
            await self._filled.wait()
            batch = self._take()
            if not batch:
                self._filled.clear()
                continue
            try:
                model = self._models[batch[0].model].model
                results = batch[0].operation.run(model, [waiting.input for waiting in batch])
            except Exception as error:  # the clients get it; the batcher serves the next ones
                for waiting in batch:
                    waiting.result.set_exception(error)
            else:
                for waiting, result in zip(batch, results, strict=True):
                    waiting.result.set_result(result)
            await asyncio.sleep(0)  # let answers go out and new drawings come in

    def _take(self) -> list[Waiting]:
        """The longest-waiting requests of one kind, for one model; others keep their places."""
        batch: list[Waiting] = []
        kept: list[Waiting] = []
        while self._queue and (not batch or len(batch) < batch[0].operation.max_batch):
            waiting = self._queue.popleft()
            if waiting.result.done():  # its client has gone
                continue
            if not batch or (waiting.operation is batch[0].operation and waiting.model == batch[0].model):
                batch.append(waiting)
            else:
                kept.append(waiting)
        self._queue.extendleft(reversed(kept))
        return batch
