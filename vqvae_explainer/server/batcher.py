"""Runs the requests of all clients through the models in small batches.

There are two lanes. Short requests run in the event loop: a batch takes a few milliseconds, and handing it to a thread
costs more than it frees. Long ones (gradients, and all of REST, whose answers are large) run one after another in a
background thread, so that they do not stop the drawings of other clients: NumPy and zlib release the interpreter
while they compute. Both still share processors and interpreter, so the thread rests while clients draw: most drawings
then meet a server that does nothing else.
"""

import asyncio
import math
import time
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ..explain.models import ExplainedModel
from .lane import Lane, Task, Turn, Waiting

DRAWING_SECONDS = 0.5  # after a short request, in which clients count as drawing
REST = 2.0  # while clients draw, the background thread rests for this many times the seconds that it worked
MAX_JOBS = 64  # long requests of REST that may wait; more are refused


class BusyError(Exception):
    """Too many requests wait."""


class Job:
    """A queue entry with one fixed task, whose result can be awaited."""

    def __init__(self, task: Task, client: Hashable) -> None:
        self._task = task
        self.client = client
        self.result: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    def next_task(self) -> Task | None:
        """The task, unless it was cancelled while it waited."""
        return None if self.result.done() else self._task

    def start(self) -> None:
        pass

    def set_result(self, result: Any) -> None:
        if not self.result.done():  # cancelled while it ran
            self.result.set_result(result)

    def set_exception(self, error: Exception) -> None:
        if not self.result.done():
            self.result.set_exception(error)

    def cancel(self) -> None:
        self.result.cancel()


class Batcher:
    """The two lanes, and the asyncio tasks that empty them. The application starts and stops it.

    Args:
        models: by name.
        on_batch: called with the size of each batch.
        clock: measures what a batch costs, by default in processor time, which the load of the machine does not change.
    """

    def __init__(
        self,
        models: dict[str, ExplainedModel],
        on_batch: Callable[[int], None] = lambda _: None,
        clock: Callable[[], float] = time.thread_time,
    ) -> None:
        self._models = models
        self._on_batch = on_batch
        self._clock = clock
        self._short, self._long = Lane(), Lane()
        self._short_filled, self._long_filled = asyncio.Event(), asyncio.Event()
        self._last_short = -math.inf  # when the latest short batch ended, in the event loop's time
        self._jobs = 0  # long ones
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="long-requests")
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Start to empty the lanes. Needs a running event loop."""
        self._tasks = [
            asyncio.create_task(self._serve(self._short, self._short_filled, None), name="short requests"),
            asyncio.create_task(self._serve(self._long, self._long_filled, self._thread), name="long requests"),
        ]

    async def stop(self) -> None:
        """Stop, and cancel what is still in the lanes."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._thread.shutdown()
        self._short.cancel()
        self._long.cancel()

    def add(self, waiting: Waiting, is_long: bool = False) -> None:
        (self._long if is_long else self._short).add(waiting)
        (self._long_filled if is_long else self._short_filled).set()

    async def run(self, task: Task, client: Hashable = None) -> Any:
        """Run one task, in a batch with others that wait.

        Args:
            task: to run.
            client: whose time it takes; without one, the task is a client of its own.

        Raises:
            KeyError: the model does not exist.
            BusyError: too many long tasks wait.
        """
        self._models[task.model]
        if not task.is_long:
            return await self._run(task, client)
        if self._jobs >= MAX_JOBS:
            raise BusyError
        self._jobs += 1
        try:
            return await self._run(task, client)
        finally:
            self._jobs -= 1

    async def _run(self, task: Task, client: Hashable) -> Any:
        job = Job(task, object() if client is None else client)
        self.add(job, task.is_long)
        return await job.result

    async def _serve(self, lane: Lane, filled: asyncio.Event, thread: ThreadPoolExecutor | None) -> None:
        """Run the batches of a lane, in the event loop or in a thread."""
        loop = asyncio.get_running_loop()
        while True:
            await filled.wait()
            await asyncio.sleep(0)  # messages that arrived in the same pass of the event loop join the batch
            batch = lane.take()
            if not batch:
                filled.clear()
                continue
            rest = 0.0
            if thread is None:
                results, seconds = self._compute(batch)
                self._last_short = loop.time()
            else:
                start = loop.time()
                try:
                    results, seconds = await loop.run_in_executor(thread, self._compute, batch)
                except asyncio.CancelledError:
                    for entry, _ in batch:
                        entry.waiting.cancel()
                    raise
                now = loop.time()
                if now - self._last_short < DRAWING_SECONDS:
                    rest = REST * (now - start)
            lane.charge(batch, seconds)
            for (entry, _), result in zip(batch, results, strict=True):
                if isinstance(result, Exception):
                    entry.waiting.set_exception(result)
                else:
                    entry.waiting.set_result(result)
            self._on_batch(len(batch))
            await asyncio.sleep(0)  # sends the answers and reads what has arrived meanwhile;
            await asyncio.sleep(rest)  # puts it into the queue

    def _compute(self, batch: list[Turn]) -> tuple[list[Any], float]:
        """Run and encode a batch: results or exceptions, and the seconds that it took."""
        start = self._clock()
        operation, model = batch[0].task.operation, batch[0].task.model
        try:
            results = operation.run(self._models[model], [task.request for _, task in batch])
        except Exception as error:  # passed to the clients; the batcher goes on with the next batch
            return [error] * len(batch), self._clock() - start
        answers = [encode(task, result) for (_, task), result in zip(batch, results, strict=True)]
        return answers, self._clock() - start


def encode(task: Task, result: Any) -> Any:
    """The encoded result, or the exception that its encoding raised."""
    try:
        return task.encode(result)
    except Exception as error:  # of this task only
        return error
