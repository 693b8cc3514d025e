"""Who waits goes in the order of need, then of arrival, and nobody overtakes."""

import asyncio

import pytest

from reviewbot.waiting import Line


def served(room, *entries):
    """The order in which entries (name, size, need) are let go or sent away, each keeping its room for good."""
    order = []
    left = [room]

    def admit(size, _need):
        if size > room:
            return False
        if size > left[0]:
            return None
        left[0] -= size
        return True

    async def one(line, name, size, need):
        order.append(name if await line.enter(size, need) else f"no {name}")

    async def run():
        line = Line(admit)
        tasks = [asyncio.ensure_future(one(line, *entry)) for entry in entries]
        await asyncio.sleep(0.001)
        waiting = [entry[0] for entry, task in zip(entries, tasks, strict=True) if not task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        line.move()  # those who were cancelled are in nobody's way
        assert await line.enter(0, 9)
        return waiting

    return order, asyncio.run(run())


@pytest.mark.parametrize(
    ("entries", "order", "waiting"),
    [
        pytest.param([("a", 1, 1), ("b", 1, 0)], ["b", "a"], [], id="the most needed first"),
        pytest.param([("a", 1, 1), ("b", 1, 1)], ["a", "b"], [], id="else who came first"),
        pytest.param([("a", 2, 0), ("b", 2, 1), ("c", 1, 2)], ["a"], ["b", "c"], id="nobody overtakes"),
        pytest.param([("a", 9, 0), ("b", 1, 1)], ["no a", "b"], [], id="who can never go is in nobody's way"),
    ],
)
def test_the_order(entries, order, waiting):
    assert served(3, *entries) == (order, waiting)
