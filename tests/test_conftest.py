"""The net under the other tests holds."""

import asyncio
import os
import socket
from pathlib import Path

import pytest

# Reserved for documentation: nothing is there, should the guard fail.
SOMEWHERE = "192.0.2.1"


@pytest.mark.parametrize(
    "reach",
    [
        pytest.param(lambda: socket.create_connection((SOMEWHERE, 443), timeout=0.1), id="by address"),
        pytest.param(lambda: socket.create_connection(("model.invalid", 443), timeout=0.1), id="by name"),
        pytest.param(
            lambda: socket.create_connection(("2001:db8::1", 443), timeout=0.1), id="by IPv6 address"
        ),
        pytest.param(
            lambda: asyncio.run(asyncio.open_connection("model.invalid", 443)), id="from an event loop"
        ),
    ],
)
def test_the_network_is_out_of_reach(reach):
    with pytest.raises(pytest.fail.Exception, match="tried to reach"):
        reach()


def test_code_that_expects_any_exception_cannot_hide_an_attempt():
    def careless():
        try:
            socket.create_connection((SOMEWHERE, 443), timeout=0.1)
        except Exception:  # noqa: BLE001  # the very thing under test
            return "not reachable"

    with pytest.raises(pytest.fail.Exception):
        careless()


def test_a_server_of_the_test_is_in_reach():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("localhost", port), timeout=5) as client, server.accept()[0] as peer:
            peer.sendall(b"hello")
            assert client.recv(5) == b"hello"


AMBIENT = (
    "ANTHROPIC_API_KEY",
    "OPENAI_BASE_URL",
    "GITHUB_TOKEN",
    "AWS_PROFILE",
    "REVIEWBOT_CALL_SECONDS",
    "https_proxy",
)


@pytest.fixture(scope="module")
def _machine_with_settings():
    with pytest.MonkeyPatch.context() as machine:
        for name in AMBIENT:
            machine.setenv(name, "of the machine")
        yield


@pytest.mark.usefixtures("_machine_with_settings")
@pytest.mark.parametrize("name", AMBIENT)
def test_no_test_sees_the_settings_of_the_machine(name):
    assert name not in os.environ


def test_git_and_tools_find_an_empty_home():
    assert list(Path.home().iterdir()) == []
    assert os.environ["GIT_CONFIG_GLOBAL"] == os.devnull
