"""The queue: drawings that wait together run together, and everyone gets their own."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from vqvae_explainer.explain.models import ExplainedModel
from vqvae_explainer.explain.trace import Trace, trace
from vqvae_explainer.server.batcher import Batcher
from vqvae_explainer.server.operations import TRACE, Operation

Body = Callable[[Batcher], Awaitable[None]]
NORMAL = TRACE["normal"]


@pytest.fixture
def batches() -> list[int]:
    """The sizes of the batches that `recorded` ran."""
    return []


@pytest.fixture
def recorded(batches: list[int]) -> Operation:
    """Tracing, that notes the sizes of its batches."""

    def run(explained: ExplainedModel, drawings: list[bytes]) -> list[Trace]:
        batches.append(len(drawings))
        return trace(explained.model, drawings)

    return Operation(run, NORMAL.max_batch)


@pytest.fixture
def use(tiny: ExplainedModel, other: ExplainedModel) -> Callable[[Body], None]:
    """Run a coroutine function with a started batcher."""

    async def whole(body: Body) -> None:
        batcher = Batcher({"tiny": tiny, "other": other})
        batcher.start()
        try:
            await asyncio.wait_for(body(batcher), 30)
        finally:
            await batcher.stop()

    return lambda body: asyncio.run(whole(body))


def test_those_who_wait_run_together(
    use: Callable[[Body], None], recorded: Operation, batches: list[int], drawings: list[bytes], tiny: ExplainedModel
) -> None:
    async def body(batcher: Batcher) -> None:
        traces = await asyncio.gather(*(batcher.run(recorded, "tiny", drawing) for drawing in drawings))
        for traced, expected in zip(traces, trace(tiny.model, drawings), strict=True):
            assert (traced.indices == expected.indices).all()

    use(body)
    assert batches == [8]


def test_batches_are_bounded(
    use: Callable[[Body], None], recorded: Operation, batches: list[int], drawings: list[bytes]
) -> None:
    async def body(batcher: Batcher) -> None:
        await asyncio.gather(*(batcher.run(recorded, "tiny", drawings[n % 8]) for n in range(2 * NORMAL.max_batch + 3)))

    use(body)
    assert batches == [NORMAL.max_batch] * 2 + [3]


def test_models_are_not_mixed_and_keep_their_places(
    use: Callable[[Body], None], recorded: Operation, batches: list[int], drawings: list[bytes]
) -> None:
    async def body(batcher: Batcher) -> None:
        names = ["tiny", "other", "tiny", "other", "other"]
        finished: list[int] = []

        async def one(number: int) -> None:
            traced = await batcher.run(recorded, names[number], drawings[number])
            assert traced.distances.shape[1] == {"tiny": 20, "other": 12}[names[number]]
            finished.append(number)

        await asyncio.gather(*map(one, range(5)))
        assert finished == [0, 2, 1, 3, 4]

    use(body)
    assert batches == [2, 3]


def test_variants_are_not_mixed(use: Callable[[Body], None], drawings: list[bytes], tiny: ExplainedModel) -> None:
    async def body(batcher: Batcher) -> None:
        normal, bypass = await asyncio.gather(
            batcher.run(NORMAL, "tiny", drawings[0]), batcher.run(TRACE["bypass"], "tiny", drawings[0])
        )
        assert abs(normal.reconstruction - trace(tiny.model, drawings[:1])[0].reconstruction).max() < 1e-5
        assert abs(bypass.reconstruction - normal.reconstruction).max() > 1e-4

    use(body)


def test_those_who_left_are_not_traced(
    use: Callable[[Body], None], recorded: Operation, batches: list[int], drawings: list[bytes]
) -> None:
    async def body(batcher: Batcher) -> None:
        leaving = [asyncio.create_task(batcher.run(recorded, "tiny", drawings[n])) for n in range(3)]
        staying = asyncio.create_task(batcher.run(recorded, "tiny", drawings[3]))
        await asyncio.sleep(0)
        for task in leaving:
            task.cancel()
        await staying

    use(body)
    assert sum(batches) <= 4
    assert batches[-1] >= 1


def test_error_reaches_those_concerned_and_no_one_else(
    use: Callable[[Body], None], recorded: Operation, batches: list[int], drawings: list[bytes]
) -> None:
    async def body(batcher: Batcher) -> None:
        with pytest.raises(ValueError, match="784 bytes"):
            await batcher.run(recorded, "tiny", bytes(3))
        await batcher.run(recorded, "tiny", drawings[0])

    use(body)
    assert batches == [1, 1]


def test_unknown_model(use: Callable[[Body], None], recorded: Operation, drawings: list[bytes]) -> None:
    async def body(batcher: Batcher) -> None:
        with pytest.raises(KeyError):
            await batcher.run(recorded, "none", drawings[0])

    use(body)


def test_stopping_lets_go_of_those_who_wait(tiny: ExplainedModel, recorded: Operation, drawings: list[bytes]) -> None:
    async def body() -> None:
        batcher = Batcher({"tiny": tiny})
        waiting = asyncio.create_task(batcher.run(recorded, "tiny", drawings[0]))
        await asyncio.sleep(0)
        await batcher.stop()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    asyncio.run(body())
