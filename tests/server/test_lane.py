"""Turns are shared by what requests cost. Time is simulated: a batch takes as long as its tasks say."""

import dataclasses
from collections.abc import Hashable
from typing import Any

import pytest

from vqvae_explainer.server.lane import MAX_BATCH_SECONDS, MAX_ENDS, Lane, Task
from vqvae_explainer.server.operations import TRACE

ONE_BY_ONE = dataclasses.replace(TRACE, batch_key=lambda _: None, max_batch=1)
TOGETHER = dataclasses.replace(TRACE, batch_key=lambda _: None, max_batch=8)


class Asking:
    """A client with a task that costs some seconds."""

    def __init__(self, seconds: float, operation: Any = ONE_BY_ONE, model: str = "", client: Hashable = None) -> None:
        self.client = client or self
        self.seconds = seconds
        self.task: Task | None = Task(operation, model or str(seconds), None)
        self.used = 0.0
        self.waited: list[float] = []
        self.since = 0.0

    def next_task(self) -> Task | None:
        return self.task

    def start(self) -> None:
        pass

    def set_result(self, result: Any) -> None:
        pass

    def set_exception(self, error: Exception) -> None:
        pass

    def cancel(self) -> None:
        self.task = None


class Simulation:
    """A lane with a clock. Clients ask again as soon as they are answered, or after a pause."""

    def __init__(self) -> None:
        self.lane = Lane()
        self.now = 0.0
        self.later: list[tuple[float, Asking]] = []

    def ask(self, *clients: Asking) -> None:
        for client in clients:
            client.since = self.now
            self.lane.add(client)

    def step(self, pauses: dict[Asking, float] | None = None) -> list[Asking]:
        """Run a batch; returns its clients."""
        due = [client for when, client in self.later if when <= self.now]
        self.later = [(when, client) for when, client in self.later if when > self.now]
        self.ask(*due)
        batch = self.lane.take()
        taken: list[Any] = [turn.entry.waiting for turn in batch]
        seconds = sum(client.seconds for client in taken)
        self.now += seconds or 0.001
        if batch:
            self.lane.charge(batch, seconds)
        for client in taken:
            client.used += client.seconds
            client.waited.append(self.now - client.since)
            self.later.append((self.now + (pauses or {}).get(client, 0.0), client))
        return taken

    def run(self, seconds: float, pauses: dict[Asking, float] | None = None) -> None:
        end = self.now + seconds
        while self.now < end:
            self.step(pauses)


def test_clients_get_equal_time() -> None:
    simulation = Simulation()
    cheap, dear = Asking(0.002), Asking(0.05)
    simulation.ask(cheap, dear)
    simulation.run(20)
    assert cheap.used == pytest.approx(10, rel=0.05)
    assert dear.used == pytest.approx(10, rel=0.05)


def test_ten_heavy_clients_hardly_delay_a_light_one() -> None:
    """By turns it would wait for all ten, 500 ms."""
    simulation = Simulation()
    heavy = [Asking(0.05) for _ in range(10)]
    light = Asking(0.002)
    simulation.ask(*heavy, light)
    simulation.run(20, {light: 0.016})
    waited = sorted(light.waited[20:])
    assert waited[len(waited) // 2] < 0.05 + 0.002  # for the request that runs
    assert waited[-1] < 2 * 0.05 + 0.002
    shares = [client.used for client in heavy]
    assert max(shares) - min(shares) < 0.06  # one request


def test_clients_that_connect_anew_for_each_request_take_no_more() -> None:
    simulation = Simulation()
    cheap, dear = Asking(0.002), Asking(0.02)
    known = {cheap, dear}
    simulation.ask(cheap, dear, *(Asking(0.02) for _ in range(10)))
    while simulation.now < 12:
        for client in simulation.step():
            if client not in known:
                simulation.later.remove((simulation.now, client))
                simulation.ask(Asking(0.02))
    assert cheap.used > 0.9
    assert dear.used > 0.9


def test_idle_time_earns_no_credit() -> None:
    simulation = Simulation()
    busy, returning = Asking(0.01), Asking(0.01)
    simulation.ask(returning)
    simulation.step({returning: 100.0})
    simulation.ask(busy)
    simulation.run(110)
    assert returning.used == pytest.approx(5, abs=0.2)  # half of the last ten seconds


def test_requests_of_one_kind_share_a_batch_while_it_is_short() -> None:
    simulation = Simulation()
    clients = [Asking(0.001, TOGETHER) for _ in range(8)]
    simulation.ask(*clients)
    assert len(simulation.step()) == 8  # nothing is known yet about this kind
    assert len(simulation.step()) == round(MAX_BATCH_SECONDS / 0.001)
    slow = Simulation()
    slow.ask(*(Asking(0.1, TOGETHER) for _ in range(3)))
    slow.step()
    assert [len(slow.step()) for _ in range(3)] == [1, 1, 1]


def test_first_come_first_served_among_equals() -> None:
    simulation = Simulation()
    clients = [Asking(0.01) for _ in range(4)]
    simulation.ask(*clients)
    order = [client for _ in range(12) for client in simulation.step()]
    assert order == clients * 3


def test_entries_without_a_task_leave() -> None:
    lane = Lane()
    gone, stays = Asking(0.01), Asking(0.01)
    gone.task = None
    lane.add(gone)
    lane.add(stays)
    assert [turn.entry.waiting for turn in lane.take()] == [stays]
    assert lane.take() == []


def test_clients_that_have_gone_are_forgotten() -> None:
    simulation = Simulation()
    for _ in range(5 * MAX_ENDS):
        simulation.ask(Asking(0.01))
        simulation.step()
        simulation.later.clear()
    assert len(simulation.lane._ends) <= MAX_ENDS + 1
