import pytest

from reviewbot import endpoints


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:11434/v1", True),
        ("http://127.8.9.10/v1", True),
        ("http://[::1]:8080", True),
        ("http://LOCALHOST:8000/v1", True),
        pytest.param("http://192.168.1.2/v1", False, id="another machine of the same network"),
        pytest.param("http://ollama:11434/v1", False, id="a name may be anybody's"),
        pytest.param("http://localhost.example/v1", False, id="a name that begins so"),
        pytest.param("http://127.0.0.1.example/v1", False, id="an address that is a name"),
        pytest.param("http://0.0.0.0/v1", False, id="every address is not this one"),
        ("https://api.deepseek.com", False),
    ],
)
def test_what_never_leaves_this_machine(url, here):
    assert endpoints.usable(url)
    assert endpoints.loopback(url) is here


def test_where_an_ollama_is_by_default_is_here():
    assert endpoints.loopback(endpoints.OLLAMA)


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("OPENROUTER_API_KEY", True),
        ("HF_TOKEN", True),
        pytest.param("CACHE_KEY", False, id="keys of caches are no secrets"),
        pytest.param("API_KEY_FILE", False, id="where one is"),
        pytest.param("_TOKEN", False, id="no name"),
    ],
)
def test_names_of_secrets(name, secret):
    assert bool(endpoints.SECRET_NAME.fullmatch(name)) is secret
