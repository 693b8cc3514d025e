"""A change in parts: every file in one of them, as much in each, and the same wherever it is worked out."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from scripted import change, file

from reviewbot import cli, sharding
from reviewbot.config import Config
from reviewbot.diff import Change, Status
from reviewbot.errors import UsageError
from reviewbot.sharding import Shard
from reviewbot.triage import triage

LINE = "    query = run(name)\n"


def of(*sizes):
    """A change whose files have so many lines; those of a negative number are on a critical path."""
    files = [
        file(f"{'auth' if size < 0 else 'src'}/f{number}.py", LINE * abs(size))
        for number, size in enumerate(sizes)
    ]
    if not files:
        return Change(())
    return change(*files, texts={f.path: LINE * abs(size) for f, size in zip(files, sizes, strict=True)})


def parts(made, number, config=None):
    config = config or Config()
    return [
        sharding.part(made, triage(made, config), Shard(n, number), config, "panel")
        for n in range(1, number + 1)
    ]


@pytest.mark.parametrize(
    ("sizes", "number", "numbers"),
    [
        pytest.param([10, 10, 10], 3, (1, 2, 3), id="one each"),
        pytest.param([10, 10, 10, 30], 2, (2, 2, 2, 1), id="as much in each"),
        pytest.param([10, -10, -10, 10], 2, (1, 1, 2, 2), id="critical files apart"),
        pytest.param([10], 3, (1,), id="more parts than files"),
        pytest.param([], 2, (), id="no file"),
    ],
)
def test_which_part_a_file_is_in(sizes, number, numbers):
    made = of(*sizes)
    assert sharding.split(made, triage(made, Config()), number) == numbers


def test_a_file_that_nobody_reads_is_in_the_first():
    made = change(file("a.py"), file("b.png", binary=True, hunks=(), status=Status.MODIFIED))
    assert sharding.split(made, triage(made, Config()), 2) == (1, 1)


def test_each_file_is_in_one_part_and_known_to_the_others():
    made = of(10, -10, 20, 5, -30, 10)
    for changed, told in parts(made, 3):
        own = {place: f.path for place, f in zip(told.places, changed.files, strict=True)}
        others = {e.place: e.path for e in told.elsewhere}
        assert own | others == {place: f.path for place, f in enumerate(made.files)}
        assert not own.keys() & others.keys()
        assert changed.heads.keys() == set(own.values())


def test_the_parts_of_one_change_are_known_by_their_basis():
    made, config = of(10, -10), Config()
    other = Config.model_validate({"ignore": ["*.md"]})
    bases = [
        {told.basis for _, told in parts(made, 2)},
        {told.basis for _, told in parts(replace(made, head="b" * 40), 2)},
        {told.basis for _, told in parts(made, 3)},
        {told.basis for _, told in parts(made, 2, other)},
        {sharding.part(made, triage(made, config), Shard(1, 2), config, "another panel")[1].basis},
    ]
    assert [len(basis) for basis in bases] == [1] * 5
    assert len(set.union(*bases)) == 5


def test_a_part_says_that_it_is_one():
    assert parts(of(10, 10), 2)[0][0].warnings == (
        "part 1 of 2: 1 of 2 files; `reviewbot merge` joins the reports",
    )


@pytest.mark.parametrize(
    ("usd", "each"), [pytest.param(None, None, id="no limit"), pytest.param("3", "0.75", id="a quarter")]
)
def test_the_money_is_shared(usd, each):
    config = Config.model_validate({"budget": {"usd": usd}})
    assert sharding.share(config, 4).budget.usd == (each and Decimal(each))


@pytest.mark.parametrize("text", ["1/1", "2/3", "256/256"])
def test_a_part_is_named(text):
    shard = Shard.parse(text)
    assert f"{shard.number}/{shard.of}" == text


@pytest.mark.parametrize("text", ["", "2", "0/2", "3/2", "1/257", "-1/2", "1/2/3", "a/b", "\uff11/\uff12"])
def test_what_names_no_part_is_refused(text):
    with pytest.raises(UsageError, match="is not a part of a change"):
        Shard.parse(text)


PATCH = "".join(
    f"--- /dev/null\n+++ b/{path}\n@@ -0,0 +1 @@\n+x = {path!r}\n" for path in ("auth/a.py", "b.py", "c.py")
)


@pytest.mark.parametrize(
    ("most", "jobs"),
    [
        pytest.param("2", [("1/2", 2, 1), ("2/2", 1, 0)], id="as many parts as were asked for"),
        pytest.param("9", [("1/3", 1, 1), ("2/3", 1, 0), ("3/3", 1, 0)], id="no part without a file"),
    ],
)
def test_the_matrix_for_github(most, jobs, tmp_path, capfd):
    diff = tmp_path / "x.diff"
    diff.write_text(PATCH)
    assert cli.main(["plan", "--diff", str(diff), "--repo", str(tmp_path), "--shards", most]) == 0
    told = capfd.readouterr().out
    assert told.count("\n") == 1
    assert [tuple(job.values()) for job in json.loads(told)["include"]] == jobs


@pytest.mark.parametrize("most", [0, 257])
def test_a_matrix_has_bounds(most):
    with pytest.raises(UsageError, match="use a number from 1 to 256"):
        sharding.matrix(of(10), triage(of(10), Config()), most)
