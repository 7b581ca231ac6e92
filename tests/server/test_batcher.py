"""Requests that wait together run together, and long ones do not stop short ones."""

import asyncio
import dataclasses
import threading
import time
from collections.abc import Awaitable, Callable

import pytest

from vqvae_explainer.explain.models import ExplainedModel
from vqvae_explainer.explain.trace import Trace, trace
from vqvae_explainer.server.batcher import MAX_JOBS, REST, Batcher, BusyError
from vqvae_explainer.server.lane import Task
from vqvae_explainer.server.operations import DECODE, TRACE
from vqvae_explainer.server.operations.decode import DecodeRequest
from vqvae_explainer.server.operations.trace import TraceRequest

Body = Callable[[Batcher], Awaitable[None]]


def drawing_request(drawing: bytes, **more: object) -> TraceRequest:
    return TraceRequest.model_construct(pixels=drawing, **more)


@pytest.fixture
def batches() -> list[tuple[str, int]]:
    """The model and size of each batch."""
    return []


@pytest.fixture
def use(tiny: ExplainedModel, other: ExplainedModel) -> Callable[[Body], None]:
    """Run a coroutine function with a started batcher."""

    async def whole(body: Body) -> None:
        batcher = Batcher({"tiny": tiny, "other": other}, clock=lambda: 0.0)  # batches take no time
        batcher.start()
        try:
            await asyncio.wait_for(body(batcher), 30)
        finally:
            await batcher.stop()

    return lambda body: asyncio.run(whole(body))


@pytest.fixture
def request_trace(batches: list[tuple[str, int]]) -> Callable[..., Task]:
    """A task of an operation that traces, and records its batches."""

    def run(explained: ExplainedModel, requests: list[TraceRequest]) -> list[Trace]:
        batches.append((explained.card.config.name, len(requests)))
        return TRACE.run(explained, requests)

    recorded = dataclasses.replace(TRACE, run=run)
    return lambda drawing, model="tiny", **more: Task(recorded, model, drawing_request(drawing, **more))


def test_requests_run_in_bounded_batches(
    use: Callable[[Body], None],
    request_trace: Callable[..., Task],
    batches: list[tuple[str, int]],
    drawings: list[bytes],
    tiny: ExplainedModel,
) -> None:
    async def body(batcher: Batcher) -> None:
        tasks = [request_trace(drawings[n % 8]) for n in range(2 * TRACE.max_batch + 3)]
        traces = await asyncio.gather(*map(batcher.run, tasks))
        expected = trace(tiny.model, drawings)
        for n, traced in enumerate(traces):
            assert (traced.indices == expected[n % 8].indices).all()

    use(body)
    assert batches == [("tiny", TRACE.max_batch), ("tiny", TRACE.max_batch), ("tiny", 3)]


def test_models_do_not_share_batches_and_keep_their_order(
    use: Callable[[Body], None],
    request_trace: Callable[..., Task],
    batches: list[tuple[str, int]],
    drawings: list[bytes],
) -> None:
    async def body(batcher: Batcher) -> None:
        names = ["tiny", "other", "tiny", "other", "other"]
        finished: list[int] = []

        async def one(number: int) -> None:
            traced = await batcher.run(request_trace(drawings[number], names[number]))
            assert traced.distances.shape[1] == {"tiny": 20, "other": 12}[names[number]]
            finished.append(number)

        await asyncio.gather(*map(one, range(5)))
        assert finished == [0, 2, 1, 3, 4]

    use(body)
    assert batches == [("tiny", 2), ("other", 3)]


def test_variants_and_operations_do_not_share_batches(
    use: Callable[[Body], None],
    request_trace: Callable[..., Task],
    batches: list[tuple[str, int]],
    drawings: list[bytes],
    tiny: ExplainedModel,
) -> None:
    async def body(batcher: Batcher) -> None:
        normal, bypass, decoded = await asyncio.gather(
            batcher.run(request_trace(drawings[0])),
            batcher.run(request_trace(drawings[0], variant="bypass")),
            batcher.run(Task(DECODE, "tiny", DecodeRequest(indices=tiny.blank.indices.tolist()))),
        )
        assert abs(normal.reconstruction - trace(tiny.model, drawings[:1])[0].reconstruction).max() < 1e-5
        assert abs(bypass.reconstruction - normal.reconstruction).max() > 1e-4
        assert abs(decoded - tiny.blank.reconstruction).max() < 1e-5

    use(body)
    assert batches == [("tiny", 1), ("tiny", 1)]


def test_cancelled_requests_do_not_run(
    use: Callable[[Body], None],
    request_trace: Callable[..., Task],
    batches: list[tuple[str, int]],
    drawings: list[bytes],
) -> None:
    async def body(batcher: Batcher) -> None:
        leaving = [asyncio.create_task(batcher.run(request_trace(drawings[n]))) for n in range(3)]
        staying = asyncio.create_task(batcher.run(request_trace(drawings[3])))
        await asyncio.sleep(0)
        for task in leaving:
            task.cancel()
        await staying

    use(body)
    assert sum(size for _, size in batches) == 1


def test_error_reaches_only_its_own_batch(
    use: Callable[[Body], None], request_trace: Callable[..., Task], drawings: list[bytes]
) -> None:
    async def body(batcher: Batcher) -> None:
        with pytest.raises(ValueError, match="784 bytes"):
            await batcher.run(request_trace(bytes(3)))
        await batcher.run(request_trace(drawings[0]))

    use(body)


def test_unknown_model(use: Callable[[Body], None], request_trace: Callable[..., Task]) -> None:
    async def body(batcher: Batcher) -> None:
        with pytest.raises(KeyError):
            await batcher.run(request_trace(bytes(784), "none"))

    use(body)


def test_stop_cancels_what_waits(tiny: ExplainedModel, request_trace: Callable[..., Task]) -> None:
    async def body() -> None:
        batcher = Batcher({"tiny": tiny})
        waiting = asyncio.create_task(batcher.run(request_trace(bytes(784))))
        await asyncio.sleep(0)
        await batcher.stop()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    asyncio.run(body())


class Entry:
    """A queue entry whose task can change until it is taken."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.result: object = None

    @property
    def client(self) -> "Entry":
        return self

    def next_task(self) -> Task:
        return self.task

    def start(self) -> None:
        pass

    def set_result(self, result: object) -> None:
        self.result = result

    def set_exception(self, error: Exception) -> None:
        self.result = error

    def cancel(self) -> None:
        self.result = asyncio.CancelledError()


def test_first_come_first_served_with_the_newest_task(use: Callable[[Body], None]) -> None:
    """A replaced task keeps its entry's place; one that arrives during a batch goes to the end."""
    order: list[object] = []
    entries: list[Entry] = []

    async def body(batcher: Batcher) -> None:
        def run(_: ExplainedModel, requests: list[object]) -> list[object]:
            if not order:
                entries.append(Entry(Task(operation, "tiny", "late")))
                batcher.add(entries[-1])
                entries[2].task = Task(operation, "tiny", "c, newer")
            order.append(requests)
            return requests

        operation = dataclasses.replace(TRACE, run=run, batch_key=lambda _: None, max_batch=2)  # type: ignore[arg-type]
        for name in "abcd":
            entries.append(Entry(Task(operation, "tiny", name)))
            batcher.add(entries[-1])
        while any(entry.result is None for entry in entries):
            await asyncio.sleep(0)
        assert [entry.result for entry in entries] == ["a", "b", "c, newer", "d", "late"]

    use(body)
    assert order == [["a", "b"], ["c, newer", "d"], ["late"]]


def test_long_requests_do_not_stop_short_ones(use: Callable[[Body], None], drawings: list[bytes]) -> None:
    async def body(batcher: Batcher) -> None:
        released = threading.Event()

        def run(_: ExplainedModel, requests: list[object]) -> list[object]:
            assert released.wait(20)
            return requests

        slow = dataclasses.replace(TRACE, run=run, batch_key=lambda _: None)  # type: ignore[arg-type]
        long = asyncio.create_task(batcher.run(Task(slow, "tiny", "long", is_long=True)))
        for drawing in drawings:
            await batcher.run(Task(TRACE, "tiny", drawing_request(drawing)))
        assert not long.done()
        released.set()
        assert await long == "long"

    use(body)


def test_request_that_is_cancelled_while_it_runs(use: Callable[[Body], None]) -> None:
    async def body(batcher: Batcher) -> None:
        started, released = threading.Event(), threading.Event()

        def run(_: ExplainedModel, requests: list[object]) -> list[object]:
            started.set()
            assert released.wait(20)
            return requests

        slow = dataclasses.replace(TRACE, run=run, batch_key=lambda _: None)  # type: ignore[arg-type]
        leaving = asyncio.create_task(batcher.run(Task(slow, "tiny", "leaving", is_long=True)))
        await asyncio.to_thread(started.wait, 20)
        leaving.cancel()
        released.set()
        assert await batcher.run(Task(slow, "tiny", "next", is_long=True)) == "next"

    use(body)


def test_more_long_requests_than_may_wait_are_refused(use: Callable[[Body], None]) -> None:
    async def body(batcher: Batcher) -> None:
        released = threading.Event()

        def run(_: ExplainedModel, requests: list[object]) -> list[object]:
            assert released.wait(20)
            return requests

        slow = dataclasses.replace(TRACE, run=run, batch_key=lambda _: None)  # type: ignore[arg-type]
        waiting = [
            asyncio.create_task(batcher.run(Task(slow, "tiny", n, is_long=True), client=n)) for n in range(MAX_JOBS)
        ]
        await asyncio.sleep(0.01)
        with pytest.raises(BusyError):
            await batcher.run(Task(slow, "tiny", "too many", is_long=True))
        released.set()
        assert await asyncio.gather(*waiting) == list(range(MAX_JOBS))
        assert await batcher.run(Task(slow, "tiny", "again", is_long=True)) == "again"

    use(body)


def test_failed_encoding_reaches_only_its_own_request(use: Callable[[Body], None], drawings: list[bytes]) -> None:
    def fail(_: Trace) -> None:
        raise ValueError("cannot be encoded")

    async def body(batcher: Batcher) -> None:
        bad = Task(TRACE, "tiny", drawing_request(drawings[0]), fail)
        good = Task(TRACE, "tiny", drawing_request(drawings[1]), lambda traced: traced.indices.tolist())
        failed, encoded = await asyncio.gather(batcher.run(bad), batcher.run(good), return_exceptions=True)
        assert isinstance(failed, ValueError)
        assert isinstance(encoded, list)

    use(body)


def test_background_thread_rests_while_clients_draw(tiny: ExplainedModel, drawings: list[bytes]) -> None:
    starts: list[float] = []

    def run(_: ExplainedModel, requests: list[object]) -> list[object]:
        starts.append(time.monotonic())
        time.sleep(0.05)
        return requests

    async def body() -> None:
        batcher = Batcher({"tiny": tiny})
        batcher.start()
        slow = dataclasses.replace(TRACE, run=run, batch_key=lambda _: None, max_batch=1)  # type: ignore[arg-type]
        for draws in (False, True):
            if draws:
                await batcher.run(Task(TRACE, "tiny", drawing_request(drawings[0])))
            await asyncio.gather(*(batcher.run(Task(slow, "tiny", n, is_long=True)) for n in range(2)))
        await batcher.stop()

    asyncio.run(body())
    assert starts[3] - starts[2] > (1 + REST) * 0.05
    assert starts[1] - starts[0] < starts[3] - starts[2]
