"""A stand-in for GitHub: its REST and GraphQL API over real git repositories, with the rules that clients trip over.

    with GitHubServer() as server:
        repo = server.repository("octo/shop")
        repo.commit("main", {"a.py": "a = 1\\n"})
        repo.commit("topic", {"a.py": "a = 2\\n"})
        pull = repo.pull("topic", title="Change a")
        token = server.token("t", permissions={"contents": "read", "pull_requests": "write"})
        ...  # a client at server.api_url
        assert [comment.line for comment in pull.comments] == [1]
        assert server.violations == []

What is asked is checked against GitHub's own descriptions, in tests/data/github. What GitHub does but does not
describe is in the modules, one rule a test in tests/github_rules.
"""

from github_server.server import GitHubServer
from github_server.store import executable, submodule, symlink

__all__ = ["GitHubServer", "executable", "submodule", "symlink"]
