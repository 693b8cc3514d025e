"""Reports of parts joined: what a single run says, and never less alarming than the parts."""

import asyncio
import json
from dataclasses import replace

import pytest
from scripted import Scripted, change, file, finding, finds, panel

from reviewbot import app, cli, merging, outputs, reports, seating, sharding
from reviewbot.config import load
from reviewbot.diff import Change
from reviewbot.environment import Environment
from reviewbot.errors import UsageError
from reviewbot.findings import Severity
from reviewbot.prompts import Templates
from reviewbot.review import SeatReport, SeatStatus, Spent
from reviewbot.sanitize import Sanitizer
from reviewbot.sharding import Shard
from reviewbot.triage import triage

SAFE = Sanitizer(())
KEYS = Environment.read({f"{name}_API_KEY": "k" * 20 for name in ("ANTHROPIC", "OPENAI", "GEMINI")})
#: By path what is wrong there, how grave it is, and what the judge makes of it.
BUGS = {
    "auth/b.py": (Severity.HIGH, "confirm"),
    "auth/c.py": (Severity.MEDIUM, "confirm"),
    "src/d.py": (Severity.HIGH, "refute"),
    "src/e.py": (Severity.CRITICAL, "confirm"),
}
PATHS = ("src/z.py", "auth/a.py", *BUGS, "src/f.py")


def models(unread=()):
    """Who finds these bugs, and who votes on them; nobody says of `unread` files that they were read."""

    def read(question):
        return [s.file.path for s in question.subjects if s.file.path not in unread]

    def review(question):
        found = (
            finding(path=s.file.path, severity=BUGS[s.file.path][0])
            for s in question.subjects
            if s.file.path in BUGS
        )
        return {**finds(*found), "read": read(question)}

    def vote(question):
        told = {"evidence": "query = run(name)", "reason": "because"}
        return {"votes": [{"id": c.id, "verdict": BUGS[c.finding.path][1], **told} for c in question.claims]}

    def flag(question):
        flags = [{"path": s.file.path, "line": 1, "risk": "high", "reason": "r"} for s in question.subjects]
        return {"flags": flags}

    quiet = {"review": lambda q: {"read": read(q)}, "vote": vote}
    return panel(
        Scripted("a/one", review=review, vote=vote),
        Scripted("b/two", **quiet),
        Scripted("c/three", **quiet),
        scan=Scripted("cheap/scanner", scan=flag),
    )


def report(made, config, *, shard=None, unread=()):
    """The JSON report of a run on all of a change, or on a part."""
    plan = seating.plan(config, KEYS)
    part = None
    if shard:
        made, part = sharding.part(made, triage(made, config), shard, config, "panel")
    run = app.reviewed(made, config, KEYS, plan, SAFE, Templates(), started=0.0, panel=models(unread))
    return outputs.render(asyncio.run(run), "json", SAFE, part=part)


def told(paths=PATHS, *, of=3, config="", unread=()):
    """The report of a single run, and what those of its parts say."""
    made = change(*(file(path) for path in paths)) if paths else Change(())
    settings = load(config, source="test")
    parts = [report(made, settings, shard=Shard(n, of), unread=unread) for n in range(1, of + 1)]
    whole = json.loads(report(made, settings, unread=unread))
    return whole, [reports.read(text, source="part") for text in parts]


def joined(parts, mode=""):
    """The merged report, as it is written."""
    prints = {id_: print_ for part in parts for id_, print_ in part.fingerprints.items()}
    return json.loads(outputs.render(merging.merged(parts, mode), "json", SAFE, fingerprints=prints))


def same(report):
    """All of a report but what a split is about: calls, tokens, time."""
    return {key: value for key, value in report.items() if key not in ("usage", "seconds")}


@pytest.mark.parametrize("of", [1, 2, 3, 7])
@pytest.mark.parametrize(
    ("given", "status"),
    [
        pytest.param({}, "blocked", id="a confirmed grave finding"),
        pytest.param({"config": "gate: {block_at: critical}"}, "passed", id="none that is grave enough"),
        pytest.param(
            {"config": "gate: {block_at: critical, scope: all}"}, "blocked", id="where every file gates"
        ),
        pytest.param(
            {"paths": ("auth/a.py", "src/d.py", "src/f.py"), "unread": ("auth/a.py",)},
            "inconclusive",
            id="a critical file that nobody read",
        ),
        pytest.param({"unread": ("auth/a.py",)}, "blocked", id="that, and a confirmed grave finding"),
        pytest.param({"config": "comments: {max: 1}"}, "blocked", id="fewer comments than findings"),
        pytest.param({"paths": ("src/f.py",)}, "passed", id="no critical file"),
        pytest.param({"paths": ()}, "passed", id="no file at all"),
    ],
)
def test_the_parts_say_what_a_single_run_says(given, status, of):
    whole, parts = told(**given, of=of)
    merged = joined(parts)
    assert same(merged) == same(whole)
    assert merged["gate"]["status"] == status


def test_what_was_used_is_the_sum():
    _, parts = told()
    merged = joined(parts)["usage"]
    reviews = [part.review for part in parts]
    for key, field in (
        ("calls", "calls"),
        ("input_tokens", "input_tokens"),
        ("output_tokens", "output_tokens"),
    ):
        assert merged[key] == sum(getattr(review.total, field) for review in reviews) > 0
    assert {m["model"]: m["calls"] for m in merged["by_model"]} == {
        name: sum(spent.calls for r in reviews for model, spent in r.by_model if model == name)
        for r in reviews
        for name, _ in r.by_model
    }


def test_a_cost_that_is_not_known_is_not_known_of_all():
    _, parts = told(of=2)
    costs = [replace(p.review, total=replace(p.review.total, cost=None)) for p in parts[:1]]
    assert merging.merged([replace(parts[0], review=costs[0]), parts[1]]).total.cost is None


@pytest.mark.parametrize(
    ("paths", "status"),
    [
        pytest.param(("src/d.py", "src/f.py"), "inconclusive", id="no critical file"),
        pytest.param(("auth/a.py", "auth/c.py"), "inconclusive", id="a critical file"),
        pytest.param(("auth/b.py", "src/f.py"), "blocked", id="a confirmed grave finding in another part"),
    ],
)
def test_without_a_part_it_is_never_green(paths, status):
    _, parts = told(paths, of=2)
    gone = next(p for p in parts if "auth/b.py" not in {f.path for f in p.review.files})
    merged = joined([p for p in parts if p is not gone])
    number = gone.part.number
    assert merged["gate"]["status"] == status
    assert merged["gate"]["reasons"][0] == f"the report of part {number} is missing"
    lost = {f.path for f in gone.review.files}
    assert {f["path"] for f in merged["files"] if not f["covered"]} == lost
    assert all(
        f["why"] == f"not looked at; not covered: the report of part {number} of 2 is missing"
        for f in merged["files"]
        if f["path"] in lost
    )


def test_a_part_that_could_not_tell_makes_all_so_whatever_it_was():
    _, parts = told(("src/f.py", "src/d.py"), of=2)
    doubt = replace(parts[1].review.decision, status="inconclusive", reasons=("some files were not listed",))
    merged = joined([parts[0], replace(parts[1], review=replace(parts[1].review, decision=doubt))])
    assert merged["gate"] == {"status": "inconclusive", "reasons": ["some files were not listed"]}


@pytest.mark.parametrize(
    ("mode", "enforced"), [("", True), ("enforce", True), ("report", False), ("off", False)]
)
def test_the_gate_is_that_of_the_parts_or_another(mode, enforced):
    _, parts = told(of=2)
    assert merging.merged(parts, mode).decision.enforced is enforced


SEAT = SeatReport(1, "a/one", "a", SeatStatus.OK, None)
DOWN = replace(SEAT, status=SeatStatus.UNAVAILABLE)
OTHER = SeatReport(1, "d/four", "d", SeatStatus.DEGRADED, "a/one")


@pytest.mark.parametrize(
    ("one", "two", "seat"),
    [
        pytest.param(SEAT, SEAT, SEAT, id="well in both"),
        pytest.param(DOWN, DOWN, DOWN, id="down in both"),
        pytest.param(SEAT, DOWN, replace(SEAT, status=SeatStatus.DEGRADED), id="down in one"),
        pytest.param(OTHER, OTHER, OTHER, id="another model in both"),
        pytest.param(OTHER, SEAT, replace(SEAT, status=SeatStatus.DEGRADED), id="another model in one"),
    ],
)
def test_how_a_seat_fared(one, two, seat):
    _, parts = told(of=2)
    told_ = [replace(p, review=replace(p.review, panel=(s,))) for p, s in zip(parts, (one, two), strict=True)]
    assert merging.merged(told_).panel == (seat,)


def test_a_part_that_asked_nobody_says_nothing_of_the_seats():
    _, parts = told(("auth/a.py",), of=2)
    down = replace(parts[0], review=replace(parts[0].review, panel=(DOWN,)))
    assert parts[1].review.total == Spent(0, 0, 0, 0, parts[1].review.total.cost)
    assert merging.merged([down, parts[1]]).panel == (DOWN,)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        pytest.param(lambda a, b, c: [a, a], "there are two reports of part 1", id="a part twice"),
        pytest.param(lambda a, b, c: [a, c], "not of one change", id="of another configuration"),
    ],
)
def test_what_does_not_belong_together_is_refused(given, message):
    _, (one, two) = told(of=2)
    _, (_, other) = told(of=2, config="gate: {mode: report}")
    with pytest.raises(UsageError, match=message):
        merging.merged(given(one, two, other))


@pytest.fixture
def written(tmp_path):
    """The reports of two parts as files, and that of the whole."""
    made, config = change(*(file(path) for path in PATHS)), load("", source="test")
    for name, shard in (("whole", None), ("one", Shard(1, 2)), ("two", Shard(2, 2))):
        (tmp_path / f"{name}.json").write_text(report(made, config, shard=shard))
    (tmp_path / "prose.json").write_text("Looks good to me!")
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        pytest.param(["one", "two"], 1, id="blocked"),
        pytest.param(["one", "two", "--gate", "report"], 0, id="blocked, and only said"),
        pytest.param(["whole"], 2, id="the report of a whole change"),
        pytest.param(["prose"], 2, id="no report"),
        pytest.param(["one", "nowhere"], 2, id="a file that is not there"),
    ],
)
def test_how_the_command_exits(arguments, status, written, capfd):
    names = [a if a.startswith("--") or a == "report" else str(written / f"{a}.json") for a in arguments]
    assert cli.main(["merge", *names, "--format", "json"]) == status
    out, err = capfd.readouterr()
    if status == 2:
        assert (out, err.count("\n")) == ("", 1)
    else:
        assert [f["path"] for f in json.loads(out)["files"]] == list(PATHS)
        assert json.loads(out)["change"]["number"] is None
