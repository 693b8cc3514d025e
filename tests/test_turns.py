"""How many requests a provider gets at a time, by what it says of them."""

import asyncio

import pytest

from reviewbot.turns import Turns

TOGETHER = 4


async def let_run():
    for _ in range(5):
        await asyncio.sleep(0)


def under_way(turns, wanted):
    """How many of these go at once."""

    async def run():
        tasks = [asyncio.create_task(turns.begin(0)) for _ in range(wanted)]
        await let_run()
        going = sum(task.done() for task in tasks)
        for task in tasks:
            task.cancel()
        return going

    return asyncio.run(run())


def went(number, *, refused=(), answers=0):
    """Turns after requests that went out together, of which these were refused, and answers to others."""

    async def run():
        turns = Turns(TOGETHER)
        tickets = [await turns.begin(0) for _ in range(number)]
        for place in refused:
            turns.too_many(tickets[place])
        for _ in range(answers):
            turns.answered()
        for _ in tickets:
            turns.end()
        return turns

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("number", "said", "go"),
    [
        pytest.param(0, {}, 4, id="as many as were told to begin with"),
        pytest.param(4, {"refused": [0]}, 2, id="one too many: half as many"),
        pytest.param(4, {"refused": [0, 1, 2, 3]}, 2, id="four of one burst too many: half as many, once"),
        pytest.param(4, {"answers": 3}, 4, id="answers to less than all: as before"),
        pytest.param(4, {"answers": 5}, 5, id="answers to all: one more"),
        pytest.param(4, {"answers": 1_000}, 8, id="however many answers: twice as many at most"),
        pytest.param(
            4, {"refused": [0], "answers": 3}, 3, id="half as many, and all of those answered: one more"
        ),
    ],
)
def test_how_many_go_at_a_time(number, said, go):
    assert under_way(went(number, **said), 20) == go


def test_one_always_goes():
    async def run():
        turns = Turns(1)
        for _ in range(3):
            turns.too_many(await turns.begin(0))
            turns.end()
        return turns

    assert under_way(asyncio.run(run()), 3) == 1


def test_a_later_refusal_halves_again():
    async def run():
        turns = Turns(8)
        for _ in range(2):
            turns.too_many(await turns.begin(0))
            turns.end()
        return turns

    assert under_way(asyncio.run(run()), 20) == 2


def test_who_was_given_a_turn_and_is_gone_gives_it_back():
    async def run():
        turns = Turns(1)
        await turns.begin(0)
        gone, next_ = (asyncio.create_task(turns.begin(0)) for _ in range(2))
        await let_run()
        turns.end()  # it is `gone`'s turn now, which does not know yet
        gone.cancel()
        await let_run()
        return next_.done()

    assert asyncio.run(run())
