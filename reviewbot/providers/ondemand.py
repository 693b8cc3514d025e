"""SDKs whose packages import what they re-export when it is asked for: they have a thousand modules, a review needs few."""

from __future__ import annotations

import re
import sys
from functools import partial
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import resolve_name
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from types import ModuleType

#: `from .module import Name`, `from .module import Name as Other`, `from .module import (…)`.
_REEXPORT = re.compile(r"^from (\.[\w.]*) import (?:\(([^()]*)\)|([^(\n]+))$", re.MULTILINE)


def install(*roots: str, unused: Collection[str] = ()) -> None:
    """From here on, for packages of these names and below them; those that are imported already stay as they are.

    Of packages named in `unused`, whose functions are hardly ever called, each is imported when it is.
    """
    sys.meta_path.insert(0, _Finder(roots, unused))


class _Finder(MetaPathFinder):
    def __init__(self, roots: Sequence[str], unused: Collection[str]) -> None:
        self._roots = roots
        self._unused = unused

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,  # noqa: ARG002 - of the protocol
    ) -> ModuleSpec | None:
        if not any(fullname == root or fullname.startswith(f"{root}.") for root in self._roots):
            return None
        spec = PathFinder.find_spec(fullname, path)
        if spec and spec.submodule_search_locations and isinstance(spec.loader, SourceFileLoader):
            source = spec.loader.get_source(fullname) or ""
            names = _reexported(source)
            # One with a `__getattr__` sees to it itself; a name that is also its module's would become the module.
            if "__getattr__" not in source and all(place != f".{name}" for name, (place, _) in names.items()):
                spec.loader = _Later(spec.loader, names, unused=fullname in self._unused)
        return spec


class _Later(Loader):
    """Runs a package's own code when a name is asked for that is neither re-exported nor a module of it."""

    def __init__(self, loader: SourceFileLoader, names: dict[str, tuple[str, str]], *, unused: bool) -> None:
        self._loader = loader
        self._names = names
        self._unused = unused

    def exec_module(self, module: ModuleType) -> None:
        package, names = module.__name__, self._names

        def wanted(name: str) -> object:
            if name in names:
                place, original = names[name]
                take = partial(_taken, resolve_name(place, package), original)
                found = _called(take) if self._unused and name.islower() else take()
                module.__dict__[name] = found
                return found
            if name.startswith("__") and name != "__all__":
                raise AttributeError(f"module {package!r} has no attribute {name!r}")
            if name != "__all__" and (inner := _module(f"{package}.{name}")):
                return inner
            module.__dict__.pop("__getattr__", None)
            self._loader.exec_module(module)
            return getattr(module, name)

        module.__dict__["__getattr__"] = wanted


def _taken(place: str, name: str) -> Any:  # noqa: ANN401 - it can be anything
    return getattr(import_module(place), name)


def _called(take: Callable[[], Callable[..., object]]) -> Callable[..., object]:
    """A function that is taken from its module when it is called."""

    def called(*args: object, **named: object) -> object:
        return take()(*args, **named)

    return called


def _reexported(source: str) -> dict[str, tuple[str, str]]:
    """By the name a package gives it, from where it takes what, and what it is called there."""
    found = {}
    for place, many, one in _REEXPORT.findall(source):
        for part in (many or one).split(","):
            words = part.split()
            if place.strip(".") and len(words) in (1, 3) and words[0].isidentifier():
                found[words[-1]] = (place, words[0])
    return found


def _module(name: str) -> ModuleType | None:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        return None
