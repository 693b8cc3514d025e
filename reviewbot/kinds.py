"""Kinds of files that a routing rule can name, by their paths."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Globs as in .gitignore, by kind. The conventions of the common languages and tools; what a project has besides, it
#: names by `match`.
KINDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "tests": (
            "**/test/**", "**/tests/**", "**/__tests__/**", "**/spec/**", "**/specs/**", "**/testdata/**",
            "**/fixtures/**", "test_*.py", "*_test.*", "*_spec.*", "*.test.*", "*.spec.*", "*Test.java", "*Tests.cs",
            "*Test.php", "conftest.py",
        ),
        "docs": (
            "**/docs/**", "**/doc/**", "*.md", "*.mdx", "*.markdown", "*.rst", "*.adoc", "*.asciidoc", "*.txt",
            "!requirements*.txt", "!constraints*.txt", "!CMakeLists.txt", "LICENSE*", "CHANGELOG*", "AUTHORS*",
        ),
        "migrations": ("**/migrations/**", "**/migrate/**", "**/alembic/versions/**", "**/flyway/**", "**/liquibase/**"),
        "generated": (
            "**/generated/**", "**/__generated__/**", "*.generated.*", "*_generated.*", "*.g.dart", "*.g.cs", "*.pb.go",
            "*.pb.cc", "*.pb.h", "*_pb2.py", "*_pb2_grpc.py", "*_pb.js", "*_pb.ts", "*.designer.cs", "*.snap",
        ),
        "config": (
            "*.yml", "*.yaml", "*.toml", "*.ini", "*.cfg", "*.conf", "*.json", "*.properties", ".editorconfig",
            ".*rc", "requirements*.txt", "constraints*.txt", "Makefile", "Dockerfile*",
        ),
    }
)  # fmt: skip
