"""YAML as every file and flag of this package is read: the core schema of YAML 1.2, within limits, each key once.

PyYAML follows YAML 1.1, in which ``no`` is false, ``1:30`` is 90, ``010`` is 8, ``1e3`` is text and ``2020-01-01`` is
a date. Here ``true`` and ``false`` are the only truth values, ``1e3`` is a number, and a word that is no number is
text. A number with a leading zero is refused, because programs disagree on what it means.

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
"""Of a file: a study of a hundred thousand seeds has a quarter of that."""
MOST_VALUES = 100_000
"""That a list or mapping holds when each alias is replaced by what it stands for."""
MOST_LEVELS = 64
"""Of lists and mappings within each other."""
MOST_DIGITS = 309
"""Of a whole number; one with more has no floating-point value."""
NULL_WORDS = frozenset({"null", "Null", "NULL", "~", "None"})
"""Words for no value in fields that may be null: those of YAML, and Python's, which is text in other fields."""

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
"""Tag, pattern and first characters of each kind of plain word that isn't text; the first that fits decides."""


class YamlError(ValueError):
    """Text that isn't YAML, or YAML that isn't used here. The message is one line.

    Args:
        problem: what is wrong.
        line: where in the text, from 1 on; None where it is no single place.
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
    """Quotes every text that YAML 1.1 or the loader above would take for something else."""

    yaml_implicit_resolvers = {k: list(v) for k, v in yaml.SafeDumper.yaml_implicit_resolvers.items()}  # noqa: RUF012


for _tag, _pattern, _first in _PLAIN:
    for _kind in (_Loader, _Dumper):
        _kind.add_implicit_resolver(_tag, re.compile(_pattern), _first)


def load(text: str) -> Any:
    """The value that a YAML text writes: None for an empty one.

    Raises:
        YamlError: when it isn't YAML, has several documents, sets a key twice, has a tag or key that isn't used here,
            or goes beyond the limits of this module.
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
        raise YamlError(f"lists and mappings stand more than {MOST_LEVELS} deep in each other") from None


def dump(content: Any) -> str:
    """YAML text of a value, mappings in their own order; :func:`load` reads the same value."""
    return yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True)


def decode(data: bytes) -> str:
    """The text of a file: UTF-8, or UTF-16 where a byte order mark says so.

    Raises:
        YamlError: when it is neither.
    """
    if len(data) > MOST_BYTES:
        raise YamlError(f"it has more than {MOST_BYTES / 1e6:g} MB, which no settings need")
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise YamlError(f"not a text file in UTF-8 ({error.reason} at byte {error.start})") from None


def _checked(loader: _Loader, node: Node, sizes: dict[int, int], above: tuple[Node, ...], length: int) -> int:
    """How many values a composed node holds with aliases unfolded.

    Args:
        sizes: of the nodes counted before, by identity; filled here.
        above: the lists and mappings that the node stands in.
        length: characters of the whole text.

    Raises:
        yaml.MarkedYAMLError: for a cycle, a key that is no word or is set twice, and beyond the limits.
    """
    if isinstance(node, ScalarNode):
        return 1
    if any(node is one for one in above):
        raise _error(node, "an alias stands within the value that it names")
    if len(above) >= MOST_LEVELS:
        raise _error(node, f"lists and mappings stand more than {MOST_LEVELS} deep in each other")
    if id(node) not in sizes:
        parts = list(node.value)
        if isinstance(node, MappingNode):
            _check_keys(loader, node)
            parts = [value for _, value in node.value]
        total = 1 + sum(_checked(loader, part, sizes, (*above, node), length) for part in parts)
        if total > MOST_VALUES and total > length // 2:  # each written value takes two characters or more
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
    """Text with one of Unicode's further line ends in quotes, where they are escaped: plain, they would be lost."""
    return dumper.represent_scalar(f"{_CORE}str", text, style='"' if set(text) & set("\x85\u2028\u2029") else None)


_Dumper.add_representer(str, _text)
_Loader.add_constructor(f"{_CORE}bool", _bool)
_Loader.add_constructor(f"{_CORE}int", _int)
_Loader.add_constructor(f"{_CORE}float", _float)
_Loader.add_constructor(_AMBIGUOUS, _ambiguous)
_Loader.yaml_constructors[None] = _undefined
