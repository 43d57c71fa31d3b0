"""Modules that are also mappings or functions, so that ``auxjepa.variants`` is the package and lists what it registers.

``auxjepa`` offers ``variants``, ``objectives``, ``benchmarks``, ``rows`` and ``study``, which are also the names of
packages. Python binds such a name to the package as soon as anything imports it. So the package itself must be the
mapping, or must be callable.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from importlib import import_module
from types import ModuleType
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


class Registry(ModuleType, Generic[Value]):
    """A package that is also the mapping of what it registers, by name. Its own functions hide those of a mapping."""

    _registered_names: Callable[[], Iterable[str]]
    _find_registered: Callable[[str], Any]

    def __getitem__(self, name: str) -> Value:
        if name not in self:
            raise KeyError(name)
        return self._find_registered(name)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(self._registered_names()))

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __contains__(self, name: object) -> bool:
        return name in list(iter(self))

    def keys(self) -> KeysView[str]:
        """Return the names."""
        return dict(self.items()).keys()

    def values(self) -> ValuesView[Value]:
        """Return what is registered."""
        return dict(self.items()).values()

    def items(self) -> ItemsView[str, Value]:
        """Return the names with what is registered."""
        return {name: self[name] for name in self}.items()

    def get(self, name: str, default: Any = None) -> Any:
        """Return what is registered under a name, or a default."""
        return dict(self.items()).get(name, default)

    def __reduce__(self) -> tuple[Callable[[str], ModuleType], tuple[str]]:
        return import_module, (self.__name__,)


Mapping.register(Registry)  # type: ignore[attr-defined]


class CallableModule(ModuleType):
    """A module that is also a function of :mod:`auxjepa.interface`."""

    _function_name: str

    def __call__(self, *args: Any, **options: Any) -> Any:
        return getattr(import_module("auxjepa.interface"), self._function_name)(*args, **options)

    def __reduce__(self) -> tuple[Callable[[str], ModuleType], tuple[str]]:
        return import_module, (self.__name__,)


def import_on_use(module: str, names_by_module: Mapping[str, Iterable[str]]) -> Callable[[str], Any]:
    """Return the ``__getattr__`` of a package that imports its public names when they are first used.

    Args:
        module: name of the package.
        names_by_module: public names by the module that defines them.
    """
    sources = {name: source for source, names in names_by_module.items() for name in names}

    def load(name: str) -> Any:
        if name not in sources:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        return getattr(import_module(sources[name]), name)

    return load


def make_registry(module: str, names: Callable[[], Iterable[str]], find: Callable[[str], Any]) -> None:
    """Make a package the mapping of what it registers.

    Args:
        module: name of the package.
        names: returns the registered names.
        find: returns what is registered under a name.
    """
    package = sys.modules[module]
    vars(package).update(_registered_names=names, _find_registered=find)
    package.__class__ = Registry


def make_callable(module: str, function: str) -> None:
    """Make a module callable.

    Args:
        module: name of the module.
        function: name of the function in :mod:`auxjepa.interface` that a call runs.
    """
    package = sys.modules[module]
    vars(package)["_function_name"] = function
    package.__class__ = CallableModule
