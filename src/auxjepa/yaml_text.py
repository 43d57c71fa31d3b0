"""The YAML of all files and flags of this package: the core schema of YAML 1.2 with limits and without repeated keys.

PyYAML follows YAML 1.1, in which ``no`` is false, ``1:30`` is 90, ``010`` is 8, ``1e3`` is text and ``2020-01-01`` is
a date. Here ``true`` and ``false`` are the only truth values, ``1e3`` is a number, and a word that isn't a number is
text. A number with a leading zero is refused, because programs disagree about its value.

Source: https://yaml.org/spec/1.2.2/#103-core-schema
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from typing import Any

import yaml
from yaml.constructor import SafeConstructor
from yaml.nodes import MappingNode, Node, ScalarNode

MOST_BYTES = 4_000_000
"""Largest file, bytes; a study of a hundred thousand seeds has a quarter of that."""
MOST_VALUES = 100_000
"""Largest number of values of a list or mapping, with aliases replaced by their values."""
MOST_LEVELS = 64
"""Largest number of nested lists and mappings."""
MOST_DIGITS = 309
"""Largest number of digits of an integer; with more, it has no floating-point value."""
NULL_WORDS = frozenset({"null", "Null", "NULL", "~", "None"})
"""Words for no value in fields that may be null. Python's word is text in all other fields."""

_CORE = "tag:yaml.org,2002:"
_MERGE = f"{_CORE}merge"
_AMBIGUOUS = "tag:auxjepa,2025:ambiguous"
_PLAIN: tuple[tuple[str, str, list[str]], ...] = (
    (f"{_CORE}null", r"(~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    (f"{_CORE}bool", r"(true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    (_AMBIGUOUS, r"[-+]?0[0-9_]+(\.[0-9_]*)?([eE][-+]?[0-9]+)?$", list("-+0")),
    (f"{_CORE}int", r"([-+]?(0|[1-9][0-9]*)|0o[0-7]+|0x[0-9a-fA-F]+)$", list("-+0123456789")),
    (f"{_CORE}float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$", list("-+.0123456789")),
    (f"{_CORE}float", r"([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$", list("-+.")),
    (_MERGE, r"<<$", ["<"]),
)
"""Tag, pattern and first characters of each kind of plain word that isn't text; the first match decides."""


class YamlError(ValueError):
    """Text that isn't YAML, or YAML that this package refuses. The message is one line.

    Args:
        problem: what is wrong.
        line: line of the text, from 1; None if the problem has no single line.
    """

    def __init__(self, problem: str, line: int | None = None) -> None:
        self.problem = " ".join(problem.split())
        super().__init__(self.problem if line is None else f"line {line}: {self.problem}")


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012
    yaml_constructors: dict[str | None, Callable[..., Any]] = {  # noqa: RUF012
        f"{_CORE}{kind}": SafeConstructor.yaml_constructors[f"{_CORE}{kind}"] for kind in ("null", "str", "seq", "map")
    }


class _Dumper(yaml.SafeDumper):
    """Writer that quotes every text that YAML 1.1 or the loader above would read as another type."""

    yaml_implicit_resolvers = {k: list(v) for k, v in yaml.SafeDumper.yaml_implicit_resolvers.items()}  # noqa: RUF012


for _tag, _pattern, _first in _PLAIN:
    for _kind in (_Loader, _Dumper):
        _kind.add_implicit_resolver(_tag, re.compile(_pattern), _first)


def load(text: str) -> Any:
    """Return the value of a YAML text; None if it is empty.

    Raises:
        YamlError: if it isn't YAML, has several documents, sets a key twice, has a tag or key that this package
            refuses, or exceeds the limits of this module.
    """
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            if node is None:
                return None
            _checked(loader, node, {}, (), len(text))
            return loader.construct_document(node)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        raise _explained(error) from None
    except yaml.reader.ReaderError as error:
        number = error.character if isinstance(error.character, int) else ord(error.character)
        raise YamlError(f"the character U+{number:04X} isn't allowed in YAML") from None
    except RecursionError:
        raise YamlError(f"lists and mappings are nested more than {MOST_LEVELS} deep") from None


def dump(content: Any) -> str:
    """Return the YAML text of a value with unchanged order of keys; :func:`load` returns the same value."""
    return yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True)


def decode(data: bytes) -> str:
    """Return the text of a file in UTF-8, or in UTF-16 with a byte order mark.

    Raises:
        YamlError: if it is neither, or is too long.
    """
    if len(data) > MOST_BYTES:
        raise YamlError(f"it has more than {MOST_BYTES / 1e6:g} MB, which no settings need")
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise YamlError(f"not a text file in UTF-8 ({error.reason} at byte {error.start})") from None


def _checked(loader: _Loader, node: Node, sizes: dict[int, int], above: tuple[Node, ...], length: int) -> int:
    """Return the number of values of a composed node with aliases replaced by their values.

    Args:
        loader: loader of the text.
        node: the node.
        sizes: sizes of the nodes that were counted before, by identity; this function adds to them.
        above: the lists and mappings that contain the node.
        length: characters of the text.

    Raises:
        yaml.MarkedYAMLError: for a cycle, a key that isn't a word or is set twice, and beyond the limits.
    """
    if isinstance(node, ScalarNode):
        return 1
    if any(node is parent for parent in above):
        raise _error(node, "an alias is inside the value that it repeats")
    if len(above) >= MOST_LEVELS:
        raise _error(node, f"lists and mappings are nested more than {MOST_LEVELS} deep")
    if id(node) not in sizes:
        parts = list(node.value)
        if isinstance(node, MappingNode):
            _check_keys(loader, node)
            parts = [value for _, value in node.value]
        total = 1 + sum(_checked(loader, part, sizes, (*above, node), length) for part in parts)
        if total > MOST_VALUES and total > length // 2:  # each written value needs at least two characters
            raise _error(node, f"aliases make this {total:,} values, {MOST_VALUES:,} are the most")
        sizes[id(node)] = total
    return sizes[id(node)]


def _check_keys(loader: _Loader, node: MappingNode) -> None:
    keys: set[Any] = set()
    for key, _ in node.value:
        if not isinstance(key, ScalarNode):
            template = "; {{ … }} is a template that still has to be filled in" if isinstance(key, MappingNode) else ""
            raise _error(key, f"a key must be a word or a number, not a list or a mapping{template}")
        word = (_MERGE,) if key.tag == _MERGE else loader.construct_object(key)
        if word in keys:
            raise _error(key, f"{key.value!r} is set twice")
        keys.add(word)


def _error(node: Node, problem: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)


def _explained(error: yaml.MarkedYAMLError) -> YamlError:
    problem = error.problem or error.context or "not YAML"
    if "'\\t'" in problem:
        problem += "; indent with spaces instead of tabs"
    elif "but found another document" in problem:
        problem = "a second document begins here; only one is read"
    mark = error.problem_mark or error.context_mark
    return YamlError(problem, None if mark is None else mark.line + 1)


def _bool(loader: _Loader, node: Any) -> bool:
    word = str(loader.construct_scalar(node)).lower()
    if word not in ("true", "false"):
        raise _error(node, f"{node.value!r} is neither true nor false")
    return word == "true"


def _int(loader: _Loader, node: Any) -> int:
    word = str(loader.construct_scalar(node))
    if len(word) > MOST_DIGITS:
        raise _error(node, f"a number of {len(word):,} digits; {MOST_DIGITS} are the most")
    try:
        return int(word, {"0o": 8, "0x": 16}.get(word[:2], 10))
    except ValueError:
        raise _error(node, f"{word!r} is no whole number") from None


def _float(loader: _Loader, node: Any) -> float:
    word = str(loader.construct_scalar(node))
    try:
        return float(word.lower().replace(".inf", "inf").replace(".nan", "nan"))
    except ValueError:
        raise _error(node, f"{word!r} is no number") from None


def _ambiguous(loader: _Loader, node: Any) -> Any:
    plain = re.sub(r"^([-+]?)0+(?=[0-9])", r"\1", node.value)
    raise _error(node, f"{node.value} is octal to some programs: write {plain}, or '{node.value}' in quotes for text")


def _undefined(loader: _Loader, node: Any) -> Any:
    tag = str(node.tag).replace(_CORE, "!!")
    raise _error(node, f"the tag {tag} isn't used here; write the value without it")


def _text(dumper: _Dumper, text: str) -> ScalarNode:
    """Write text with one of Unicode's other line ends in quotes, which escape them; plain text would lose them."""
    return dumper.represent_scalar(f"{_CORE}str", text, style='"' if set(text) & set("\x85\u2028\u2029") else None)


_Dumper.add_representer(str, _text)
_Loader.add_constructor(f"{_CORE}bool", _bool)
_Loader.add_constructor(f"{_CORE}int", _int)
_Loader.add_constructor(f"{_CORE}float", _float)
_Loader.add_constructor(_AMBIGUOUS, _ambiguous)
_Loader.yaml_constructors[None] = _undefined
