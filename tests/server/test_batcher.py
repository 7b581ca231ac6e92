"""The queue: drawings that wait together run together, and everyone gets their own."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from vqvae_explainer.explain.models import ExplainedModel
from vqvae_explainer.explain.trace import Trace, trace
from vqvae_explainer.server import batcher as batcher_module
from vqvae_explainer.server.batcher import Batcher, Task
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


class Guest:
    """Someone with a place in the queue. Times are in seconds ago."""

    def __init__(
        self, name: str, operation: Operation, unanswered: float = 0, arrived: float = 0, overtakes: bool = False
    ) -> None:
        now = time.perf_counter()
        self.arrived, self.unanswered_since, self.overtakes = now - arrived, now - unanswered, overtakes
        self.name, self._operation = name, operation
        self.result: object = None

    def wanted(self) -> Task:
        return Task(self._operation, "tiny", self.name)

    def give(self, result: object) -> None:
        self.result = result

    def fail(self, error: Exception) -> None:
        self.result = error

    def cancel(self) -> None:
        self.result = asyncio.CancelledError()


Invite = Callable[[Operation], list[Guest]]
Party = Callable[..., list[list[str]]]


@pytest.fixture
def served(use: Callable[[Body], None], monkeypatch: pytest.MonkeyPatch) -> Party:
    """Who was served with whom, two at a time, when these guests waited, and others came during the first batch."""
    monkeypatch.setattr(batcher_module, "PATIENCE", 1000)  # however long this machine stands still

    def serve(invite: Invite, later: Invite = lambda _: []) -> list[list[str]]:
        book: list[list[str]] = []
        guests: list[Guest] = []

        async def body(batcher: Batcher) -> None:
            def run(_: ExplainedModel, names: list[str]) -> list[str]:
                if not book:
                    welcome(later(operation))
                book.append(sorted(names))
                return names

            def welcome(more: list[Guest]) -> None:
                guests.extend(more)
                for guest in more:
                    batcher.add(guest)

            operation = Operation(run, max_batch=2)
            welcome(invite(operation))
            while any(guest.result is None for guest in guests):
                await asyncio.sleep(0)
            assert [guest.result for guest in guests] == [guest.name for guest in guests]

        use(body)
        return book

    return serve


def four(operation: Operation, overtakes: bool = False) -> list[Guest]:
    """Guests who have waited for answers, the first one longest."""
    return [Guest(name, operation, ago, overtakes=overtakes) for name, ago in {"a": 4, "b": 3, "c": 2, "d": 1}.items()]


def test_who_waited_longest_for_an_answer_goes_first(served: Party) -> None:
    waits = {"a": 1.0, "b": 3.0, "c": 2.0, "d": 4.0}
    assert served(lambda o: [Guest(name, o, ago) for name, ago in waits.items()]) == [["b", "d"], ["a", "c"]]


def test_a_drawing_that_missed_a_batch_is_left_to_be_overtaken(served: Party) -> None:
    def later(operation: Operation) -> list[Guest]:
        return [Guest("new", operation, overtakes=True), Guest("turn", operation)]

    assert served(lambda o: four(o, overtakes=True), later) == [["a", "b"], ["new", "turn"], ["c", "d"]]


def test_nobody_is_left_who_asks_only_once_it_is_answered(served: Party) -> None:
    """As pages do, and all requests but the stream's."""
    assert served(four, lambda o: [Guest("new", o), Guest("turn", o)]) == [["a", "b"], ["c", "d"], ["new", "turn"]]


def test_what_is_not_overtaken_keeps_its_place(served: Party) -> None:
    """The pen has stopped: nothing comes any more that could overtake it."""

    def invite(operation: Operation) -> list[Guest]:
        still = [Guest(name, operation, ago, arrived=2000, overtakes=True) for name, ago in {"c": 2, "d": 1}.items()]
        return [Guest("a", operation, 4), Guest("b", operation, 3), *still]

    assert served(invite, lambda o: [Guest("new", o), Guest("turn", o)]) == [["a", "b"], ["c", "d"], ["new", "turn"]]


def test_kinds_keep_to_themselves_in_a_crowd(served: Party) -> None:
    def invite(operation: Operation) -> list[Guest]:
        other = operation._replace(max_batch=3)
        return [Guest(f"{kind.max_batch}{number}", kind) for number in range(3) for kind in (operation, other)]

    assert sorted(served(invite)) == [["20", "21"], ["22"], ["30", "31", "32"]]
