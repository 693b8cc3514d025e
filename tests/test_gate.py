"""Only confirmed findings block, only evidence passes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted import finding, proposal

from reviewbot.errors import Exit
from reviewbot.findings import Claim, Severity, State, Verdict
from reviewbot.gate import Mode, Policy, Scope, decide, exit_status
from reviewbot.review import Coverage, Scan, Status
from reviewbot.triage import Tier


def file(path="auth/login.py", *, critical=True, gap=""):
    return Coverage(path, Tier.CRITICAL if critical else Tier.NORMAL, "why", Scan.NONE, (), gap)


def verdict(state=State.CONFIRMED, severity=Severity.HIGH, *, critical=True):
    return Verdict(Claim("x", (proposal(),)), (), state, severity, critical, inline=False)


LOW, HIGH, CRITICAL = Severity.LOW, Severity.HIGH, Severity.CRITICAL


@pytest.mark.parametrize(
    ("files", "verdicts", "status"),
    [
        pytest.param([file(critical=False)], [verdict(critical=False)], Status.PASSED, id="nothing critical"),
        pytest.param([], [], Status.PASSED, id="an empty change"),
        pytest.param([file()], [], Status.PASSED, id="read, nothing found"),
        pytest.param([file()], [verdict(severity=LOW)], Status.PASSED, id="confirmed, but not grave"),
        pytest.param([file()], [verdict(State.REFUTED)], Status.PASSED, id="refuted"),
        pytest.param([file()], [verdict(State.UNCONFIRMED)], Status.PASSED, id="said by one alone"),
        pytest.param([file()], [verdict()], Status.BLOCKED, id="confirmed and grave"),
        pytest.param([file()], [verdict(severity=CRITICAL)], Status.BLOCKED, id="graver than needed"),
        pytest.param([file()], [verdict(State.UNDECIDED)], Status.INCONCLUSIVE, id="undecided and grave"),
        pytest.param([file()], [verdict(State.UNDECIDED, LOW)], Status.PASSED, id="undecided, but not grave"),
        pytest.param(
            [file()], [verdict(), verdict(State.UNDECIDED)], Status.BLOCKED, id="blocked beats undecided"
        ),
        pytest.param([file(gap="down")], [], Status.INCONCLUSIVE, id="not read"),
        pytest.param(
            [file(gap="down")], [verdict()], Status.BLOCKED, id="not all read, but a finding blocks"
        ),
        pytest.param(
            [file(), file("b", critical=False, gap="down")], [], Status.PASSED, id="a normal file not read"
        ),
    ],
)
def test_the_table(files, verdicts, status):
    assert decide(files, verdicts, Policy()).status is status


@pytest.mark.parametrize(
    ("files", "verdicts", "status"),
    [
        pytest.param(
            [file(critical=False)], [verdict(critical=False)], Status.BLOCKED, id="a finding on any file"
        ),
        pytest.param([file(critical=False, gap="down")], [], Status.INCONCLUSIVE, id="any file not read"),
        pytest.param([file(critical=False)], [], Status.PASSED, id="all read"),
    ],
)
def test_scope_all_gates_every_file(files, verdicts, status):
    assert decide(files, verdicts, Policy(scope=Scope.ALL)).status is status


@pytest.mark.parametrize(
    ("verdicts", "policy", "exit_"),
    [
        pytest.param([], Policy(), Exit.PASSED, id="passed"),
        pytest.param([verdict()], Policy(), Exit.BLOCKED, id="blocked"),
        pytest.param([verdict()], Policy(block_at=CRITICAL), Exit.PASSED, id="below what blocks"),
        pytest.param([verdict()], Policy(mode=Mode.REPORT), Exit.PASSED, id="report only"),
        pytest.param([verdict()], Policy(mode=Mode.OFF), Exit.PASSED, id="off"),
        pytest.param([verdict(State.UNDECIDED)], Policy(), Exit.INCONCLUSIVE, id="inconclusive"),
        pytest.param(
            [verdict(State.UNDECIDED)],
            Policy(warn_on_inconclusive=True),
            Exit.PASSED,
            id="inconclusive, warn",
        ),
        pytest.param(
            [verdict()], Policy(warn_on_inconclusive=True), Exit.BLOCKED, id="warn does not unblock"
        ),
    ],
)
def test_exit_status(verdicts, policy, exit_):
    assert exit_status(decide([file()], verdicts, policy)) is exit_


def test_report_only_says_what_it_would_have_done():
    assert decide([file()], [verdict()], Policy(mode=Mode.REPORT)).status is Status.BLOCKED


def test_a_change_with_unlisted_files_never_passes():
    assert decide([], [], Policy(), unlisted=True).status is Status.INCONCLUSIVE


@given(st.lists(st.sampled_from(["", "down"])), st.lists(st.sampled_from(list(State))))
def test_every_decision_gives_its_reason(gaps, states):
    decision = decide([file(gap=gap) for gap in gaps], [verdict(state) for state in states], Policy())
    assert decision.reasons
    assert all(decision.reasons)


def test_a_reason_names_the_place():
    assert f"{finding().path}:2" in decide([file()], [verdict()], Policy()).reasons[0]
