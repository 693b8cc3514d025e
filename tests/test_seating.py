"""From the configuration and the keys at hand to a panel, or one sentence that says what is missing."""

import asyncio
from datetime import date
from itertools import combinations

import pytest
from scripted import Scripted, change, file, finding, finds, head, votes
from scripted import spec as spec_of

from reviewbot import app, config, seating
from reviewbot.diff import Status
from reviewbot.environment import KEY_VARIABLES, Environment
from reviewbot.errors import ConfigError, ModelError
from reviewbot.llm import Prompt, Question, Stage, Subject
from reviewbot.prompts import Templates
from reviewbot.review import PanelKind
from reviewbot.sanitize import Sanitizer

ALL = ("anthropic", "openai", "google")
VENDORS = (*ALL, "deepseek")


def environment(*providers):
    return Environment(keys=dict.fromkeys(providers, "not-a-real-key"))


def plan(text="", keys=(), **kwargs):
    return seating.plan(config.load(text, source="test"), environment(*keys), **kwargs)


def names(chains):
    return [[spec.name for spec in chain] for chain in chains]


@pytest.mark.parametrize(
    ("keys", "kind", "families"),
    [
        pytest.param(ALL, PanelKind.MODELS, ["claude", "gpt", "gemini"], id="three keys: three families"),
        pytest.param(
            ("anthropic", "google"), PanelKind.MODELS, ["claude", "gemini", "claude"], id="two keys"
        ),
        pytest.param(("openai",), PanelKind.ONE_VENDOR, ["gpt", "gpt", "gpt"], id="one key: one vendor"),
        pytest.param((), PanelKind.OFFLINE, ["ruff", "bandit", "ast-grep"], id="no key: offline"),
    ],
)
def test_the_keys_at_hand_make_the_panel(keys, kind, families):
    made = plan(keys=keys)
    assert made.kind is kind
    assert list(made.families) == families
    assert len({spec.name for chain in made.seats for spec in chain}) == 3


@pytest.mark.parametrize("others", [(), ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), ("OLLAMA_BASE_URL",)])
@pytest.mark.parametrize("keys", [some for n in range(5) for some in combinations(VENDORS, n)], ids="+".join)
def test_every_set_of_keys_makes_the_panel_of_the_readme(keys, others):
    """An account at AWS or a server of one's own is there for other reasons too: neither makes a panel unasked."""
    environ = {KEY_VARIABLES[vendor][0]: "not-a-real-key" for vendor in keys}
    environ |= dict.fromkeys(others, "http://127.0.0.1:9/v1")
    made = seating.plan(config.load("", source="test"), Environment.read(environ))
    families = [{"anthropic": "claude", "openai": "gpt", "google": "gemini"}.get(v, v) for v in keys]
    match len(keys):
        case 0:
            expected = (PanelKind.OFFLINE, ["ruff", "bandit", "ast-grep"], ["lexical"])
        case 1:
            expected = (PanelKind.ONE_VENDOR, families * 3, [])
        case 2:
            expected = (PanelKind.MODELS, [*families, families[0]], [])
        case _:
            expected = (PanelKind.MODELS, families[:3], families[3:])
    assert (made.kind, list(made.families), [chain.family for chain in made.standby]) == expected


@pytest.mark.parametrize(
    ("text", "kwargs"),
    [
        pytest.param("panel: offline", {}, id="configured"),
        pytest.param("", {"offline": True}, id="asked for"),
    ],
)
def test_offline_asks_nobody_else_whatever_keys_there_are(text, kwargs):
    made = plan(text, ALL, **kwargs)
    assert {spec.provider for spec in made.specs} == {"static"}


PANEL = "panel: [anthropic/claude-sonnet-5-5, [openai/gpt-6.1-sol, openai/gpt-6.1-terra], google/gemini-3.8-flash]"


def test_a_seat_may_be_a_chain():
    assert names(plan(PANEL, ALL).seats)[1] == ["openai/gpt-6.1-sol", "openai/gpt-6.1-terra"]


@pytest.mark.parametrize(
    ("text", "keys", "message"),
    [
        pytest.param(
            PANEL,
            ("anthropic", "google"),
            "seat 2: 'openai/gpt-6.1-sol' has no key; set OPENAI_API_KEY",
            id="seat",
        ),
        pytest.param(PANEL, (), "has no key; set ANTHROPIC_API_KEY", id="a panel, and no key at all"),
        pytest.param(
            "scan: openai/gpt-6-luna", ("google",), "scan: 'openai/gpt-6-luna' has no key", id="scan"
        ),
        pytest.param(
            "standby: [openai/gpt-6-luna]",
            ("google",),
            "standby: 'openai/gpt-6-luna' has no key",
            id="standby",
        ),
        pytest.param(
            "scan: openai/gpt-nope", ALL, "model 'openai/gpt-nope' is not known", id="unknown model"
        ),
        pytest.param(
            "scan: openai/gpt-nope", (), "model 'openai/gpt-nope' is not known", id="unknown, and no key"
        ),
        pytest.param("scan: acme/gpt-6-luna", ALL, "unknown provider 'acme'", id="unknown provider"),
        pytest.param(
            "consensus: {distinct: family}",
            ("google",),
            "consensus.distinct is family",
            id="one vendor refused",
        ),
    ],
)
def test_what_cannot_sit_is_one_sentence(text, keys, message):
    with pytest.raises(ConfigError) as refused:
        plan(text, keys)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_declared_model_may_sit():
    text = "providers: {openai: {models: {gpt-9: {family: gpt, window: 1000000, max_output: 64000}}}}\nscan: openai/gpt-9"
    assert plan(text, ALL).scan[0].window == 1_000_000


def test_one_vendor_and_two_seats_of_one_family_are_said():
    assert plan(keys=("google",)).warnings(date(2026, 11, 1))[-1].startswith("one vendor")
    assert "two families" in plan(keys=("google", "openai")).warnings(date(2026, 11, 1))[-1]
    assert plan(keys=ALL).warnings(date(2026, 11, 1)) == ()


LOCAL = "panel: [ollama/qwen3-coder:30b, ollama/gpt-oss:20b, ollama/devstral:24b]"


def test_local_models_need_no_key_and_scan_themselves():
    """Who has keys and yet chooses a panel on the own machine does not want the change read by a vendor."""
    made = plan(LOCAL, ALL)
    assert made.families == ("qwen", "gpt", "mistral")
    assert names([made.scan]) == [["ollama/qwen3-coder:30b"]]
    assert {spec.local for spec in made.specs} == {True}


def test_the_scan_is_of_a_vendor_on_the_panel():
    text = "panel: [openai/gpt-6.1-sol, ollama/qwen3, google/gemini-4-argon]"
    assert names([plan(text, ALL).scan]) == [["openai/gpt-6-luna"]]


BEDROCK = "panel: [bedrock/us.anthropic.claude-sonnet-5-5, bedrock/amazon.nova-pro-v1:0, bedrock/qwen.qwen3-32b-v1:0]"


def test_an_account_at_aws_seats_a_panel_that_asks_for_it():
    settings = config.load(BEDROCK, source="test")
    account = Environment.read({"AWS_PROFILE": "team"})
    assert not seating.keyless(settings, account)
    made = seating.plan(settings, account)
    assert made.families == ("claude", "nova", "qwen")
    assert names([made.scan]) == [["bedrock/us.anthropic.claude-sonnet-5-5"]]


@pytest.mark.parametrize(
    ("text", "keys", "keyless"),
    [
        pytest.param("", (), True, id="nothing at all"),
        pytest.param("", ("openai",), False, id="a key"),
        pytest.param(PANEL, (), True, id="a panel and no key for it, as in a fork"),
        pytest.param("panel: offline", (), False, id="offline by choice"),
        pytest.param(LOCAL, (), False, id="a panel that needs none"),
        pytest.param(
            "panel: [ollama/qwen3, ollama/devstral, openai/gpt-6.1-sol]", (), True, id="one seat needs one"
        ),
        pytest.param(BEDROCK, (), True, id="a panel at AWS, and no account there"),
    ],
)
def test_whether_somebody_chose_to_do_without_keys(text, keys, keyless):
    assert seating.keyless(config.load(text, source="test"), environment(*keys)) is keyless


def test_a_key_that_the_configuration_names_is_a_key():
    text = """
providers: {router: {base_url: 'https://router.example/v1', key_env: ROUTER_API_KEY}}
panel: [router/qwen/qwen3, router/openai/gpt-6.1-sol, router/mistral/devstral]
"""
    settings = config.load(text, source="test")
    with pytest.raises(ConfigError, match="'router/qwen/qwen3' has no key; set ROUTER_API_KEY"):
        seating.plan(settings, environment())
    assert seating.keyless(settings, environment())
    keyed = Environment.read({"ROUTER_API_KEY": "not-a-real-key"})
    assert not seating.keyless(settings, keyed)
    assert seating.plan(settings, keyed).families == ("qwen", "gpt", "mistral")


def test_private_files_are_read_by_local_models_alone():
    settings = config.load(
        "privacy: {local_only: ['secrets/**']}\npanel: [ollama/qwen3, ollama/gpt-oss:120b-cloud, openai/gpt-6.1-sol]",
        source="test",
    )
    made = seating.plan(settings, environment("openai"))
    panel = seating.build(made, settings, environment("openai"), [file("secrets/key.py")])
    try:
        assert panel.readers("secrets/key.py") == {"ollama/qwen3"}
        assert len(panel.readers("src/page.py")) == 3
    finally:
        asyncio.run(panel.close())


def test_private_files_reach_no_model_elsewhere():
    settings = config.load("privacy: {local_only: ['secrets/**']}", source="test")
    made = seating.plan(settings, environment(*ALL))
    panel = seating.build(made, settings, environment(*ALL), [file("secrets/key.py")])
    try:
        assert panel.readers("secrets/key.py") == frozenset()
        assert len(panel.readers("src/page.py")) == 3
        assert not any(model.reads("secrets/key.py") for model in panel.scan)
    finally:
        asyncio.run(panel.close())


PRIVATE = "privacy: {local_only: ['secrets/**']}\npanel: [ollama/qwen3, openai/gpt-6.1-sol, google/gemini-3.8-flash]"


@pytest.mark.parametrize(
    ("made", "kept"),
    [
        pytest.param(file("secrets/a.py"), True, id="its path"),
        pytest.param(
            file("src/a.py", old_path="secrets/a.py", status=Status.RENAMED), True, id="moved out of there"
        ),
        pytest.param(
            file("src/a.py", old_path="secrets/a.py", status=Status.COPIED), True, id="copied from there"
        ),
        pytest.param(file("SECRETS/a.py"), True, id="in other letters"),
        pytest.param(file("src/a.py"), False, id="another place"),
    ],
)
def test_what_is_private(made, kept):
    settings = config.load(PRIVATE, source="test")
    assert seating.private([made], settings) == ({made.path} if kept else frozenset())


class Spy(Scripted):
    """Finds something in every file, confirms everything, and keeps all it is sent."""

    def __init__(self, spec):
        super().__init__(
            spec.name,
            scan={"flags": []},
            review=self.finds,
            vote=votes("confirm", evidence="value = compute(1)"),
        )
        self.spec = spec
        self.sent = ""

    def finds(self, question):
        return finds(
            *(finding(path=s.file.path, line=1, quote="value = compute(1)") for s in question.subjects)
        )

    async def complete(self, prompt, *, seconds):
        self.sent += f"{prompt.system}{prompt.prefix}{prompt.task}"
        return await super().complete(prompt, seconds=seconds)


def test_nothing_of_a_private_file_is_sent_elsewhere_at_any_stage():
    """Not in the scan, a review, a vote, a hint or a claim; neither its text nor its name."""
    paths = {"secrets/auth/key.py": "mark_1", "src/auth/moved.py": "mark_2", "secrets/page.py": "mark_3"}
    private = [
        file("secrets/auth/key.py", text="value = compute(1)\nmark_1()\n"),
        file(
            "src/auth/moved.py",
            text="value = compute(1)\nmark_2()\n",
            old_path="secrets/x.py",
            status=Status.RENAMED,
        ),
        file("secrets/page.py", text="value = compute(1)\nmark_3()\n"),
    ]
    open_ = [
        file(path, text="value = compute(1)\nopen_mark()\n") for path in ("src/auth/a.py", "src/page.py")
    ]
    texts = {f.path: "".join(f"{line.text}\n" for line in f.hunks[0].lines) for f in (*private, *open_)}
    made_change = change(*private, *open_, texts=texts)
    settings = config.load(PRIVATE, source="test")
    made = seating.plan(settings, environment(*ALL))
    hidden = seating.private(made_change.files, settings)
    spies = {}

    def spy(spec):
        spies[spec.name] = Spy(spec)
        return spies[spec.name] if spec.local else seating.Abroad(spies[spec.name], hidden)

    review = asyncio.run(
        app.reviewed(
            made_change,
            settings,
            environment(*ALL),
            made,
            Sanitizer([]),
            Templates(),
            started=0.0,
            panel=seating.assemble(made, spy),
        )
    )
    abroad = [s for s in spies.values() if not s.spec.local]
    assert len(abroad) == 3
    assert all("open_mark" in s.sent for s in abroad)
    for mark in (*paths, *paths.values()):
        assert mark in spies["ollama/qwen3"].sent
        assert not [s.spec.name for s in abroad if mark in s.sent]
    gaps = {f.path for f in review.files if not f.covered}
    assert gaps == set(paths), "one local seat is not enough to cover them"
    assert any("keeps 3 of the change's files" in warning for warning in review.warnings)


def test_a_model_elsewhere_refuses_a_private_file_whoever_asks():
    spy = Spy(spec_of("openai/x"))
    model = seating.Abroad(spy, frozenset({"secrets/a.py"}))
    question = Question(Stage.VOTE, (Subject(file("secrets/a.py"), head(), ()),))
    with pytest.raises(ModelError):
        asyncio.run(model.complete(Prompt(question, "", "", ""), seconds=1))
    assert spy.asked == []


ROUTED = (
    "panel: [anthropic/claude-sonnet-5-5, openai/gpt-6.1-sol, google/gemini-3.8-flash]\n"
    "standby: [deepseek/deepseek-flash]\n"
    "routing: [{files: docs, scan: openai/gpt-6-luna}, "
    "{files: tests, panel: [anthropic/claude-haiku-5-5, openai/gpt-6-luna, deepseek/deepseek-flash]}]"
)


def test_a_routing_rule_has_its_own_models_and_else_the_panels():
    made = plan(ROUTED, VENDORS)
    docs, tests = made.detours
    assert (docs.seats, names([docs.scan])) == (made.seats, [["openai/gpt-6-luna"]])
    assert names(tests.seats)[0] == ["anthropic/claude-haiku-5-5"]
    assert (tests.scan, tests.standby) == (made.scan, ()), "who has a seat is not on standby"
    assert "anthropic/claude-haiku-5-5" in {spec.name for spec in made.specs}


@pytest.mark.parametrize(
    ("text", "keys", "message"),
    [
        pytest.param(
            "routing: [{files: docs, scan: deepseek/deepseek-flash}]",
            ALL,
            "routing[0] scan: 'deepseek/deepseek-flash' has no key; set DEEPSEEK_API_KEY",
            id="no key",
        ),
        pytest.param(
            "routing: [{match: a, panel: [openai/gpt-6.1-sol, openai/gpt-6-luna, google/gemini-3.8-flash]}]",
            ALL,
            "routing[0].panel: its seats are of gpt and gpt and gemini, fewer families than the panel's",
            id="fewer families: a confirmation would be worth less",
        ),
    ],
)
def test_a_routing_rule_that_cannot_be_kept_is_one_sentence(text, keys, message):
    with pytest.raises(ConfigError) as refused:
        plan(text, keys)
    assert message in str(refused.value)


@pytest.mark.parametrize(("kwargs", "keys"), [({"offline": True}, VENDORS), ({}, ())])
def test_offline_there_is_nobody_else_to_ask(kwargs, keys):
    text = ROUTED if keys else "routing: [{files: docs, scan: openai/gpt-6-luna}]"
    made = plan(text, keys, **kwargs)
    assert (made.detours, {spec.provider for spec in made.specs}) == ((), {"static"})
