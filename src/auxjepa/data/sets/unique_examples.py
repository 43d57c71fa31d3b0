"""Examples of one list without repeated entries and without contradictions."""

from __future__ import annotations

from dataclasses import replace

from auxjepa.data.sets.data_set import Example, Problem


class UniqueExamples:
    """Examples of one list, each of them once.

    Two equal entries count as one example with the texts of both. Two entries of one name that differ contradict each
    other, so both are left out.

    Args:
        problems: list that receives a problem for each entry that is left out.
    """

    def __init__(self, problems: list[Problem]) -> None:
        self._problems = problems
        self._entries: dict[str, tuple[str, Example]] = {}
        self._conflicts: set[str] = set()

    def __len__(self) -> int:
        return len(self._entries) - len(self._conflicts)

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def add(self, name: str, where: str, example: Example, display_name: str = "") -> None:
        """Add an example.

        Args:
            name: key of the example; entries of the same key are compared.
            where: file and line of the entry.
            example: the example.
            display_name: name of the example in messages; ``name`` if empty.
        """
        if name not in self._entries:
            self._entries[name] = where, example
            return
        first_place, first = self._entries[name]
        what = f"{display_name or name} is listed twice"
        texts = tuple(dict.fromkeys((*first.texts, *example.texts)))
        if replace(first, texts=texts) == replace(example, texts=texts):
            self._entries[name] = first_place, replace(first, texts=texts)
            self._problems.append(Problem(where, what))
            return
        conflict = f"{what} with different content ({_difference(first, example)}): left out"
        if name not in self._conflicts:
            self._problems.append(Problem(first_place, conflict))
        self._problems.append(Problem(where, conflict))
        self._conflicts.add(name)

    def examples(self) -> tuple[Example, ...]:
        """Return the examples in the order of the list."""
        return tuple(example for _, example in self.entries().values())

    def entries(self) -> dict[str, tuple[str, Example]]:
        """Return the line and the example of each name, in the order of the list."""
        return {name: entry for name, entry in self._entries.items() if name not in self._conflicts}


def _difference(first: Example, second: Example) -> str:
    """Return the first difference between two examples of one name, for a message."""
    for column in {**first.labels, **second.labels}:
        values = [example.labels.get(column, "none") for example in (first, second)]
        if values[0] != values[1]:
            return f"{column} {values[0]} and {values[1]}"
    if first.path != second.path:
        return f"{first.path} and {second.path}"
    return f"{first.start} … {first.stop} s and {second.start} … {second.stop} s"
