"""Lists of videos as V-JEPA's code reads them: ``PATH LABEL`` a line, no header, each file of the root a split."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import islice
from pathlib import Path, PurePosixPath

from auxjepa.console import printable
from auxjepa.data.errors import AnnotationError, MissingFilesError
from auxjepa.data.manifest.paths import unsafe
from auxjepa.data.manifest.text_files import TextFileError, decode, has_bytes
from auxjepa.data.sets.annotations import refuse_other_content
from auxjepa.data.sets.data_set import Card, DataSet, Example, Listing, Official, Once, Problem
from auxjepa.data.sets.path_lines import FORMAT, NONE, Lines, read_lines

_LOOKED_AT = 20  # files of a table that has other columns than ours, to see that it is a list at all
_RESERVED = ("files", "problems")  # names that a prepared set needs itself

CARD = Card(
    title="Lists of paths and labels (V-JEPA)",
    about="A format for one's own data: one example a line, a path and a whole number, separated by a space. Every "
    ".csv file directly in the root (but labels.csv) is a split of its name. Paths may hold spaces, quoted or not; "
    "pictures and videos may be mixed. Where a line is PATH::WORDS, as in lists with captions, the words are kept as "
    "text. A label of -1 means none. Commas, semicolons and tabs separate as well, back-slashes may stand for slashes, "
    "lines that begin with # are remarks, a first line such as path,label names the columns, and PATH FRAMES LABEL is "
    "read without the frames, which is said.",
    obtain="Written by you, or by scripts around V-JEPA, VideoMAE and SlowFast.",
    licence="yours",
    cite="The format is that of the video data sets of https://github.com/facebookresearch/vjepa2",
    layout="""\
train.csv, val.csv …       lines such as 'videos/walk/a clip.mp4 3'
videos/walk/a clip.mp4 …   anywhere below the root""",
    sizes={},
    label="label",
    defects=(
        "Paths are relative to the root. Absolute ones are taken when they lie below it; others are listed as "
        "problems, as they hold on one machine only.",
        "A path that is listed twice counts once, and with two labels it is left out: both lines are problems. A path "
        "that has another label in another list is said and kept.",
    ),
)


def read(root: Path) -> Listing:
    """A split for each list, by its name without ``.csv``; the label is ``label``, numbers stay what they are.

    Raises:
        MissingFilesError: when there is no list.
        AnnotationError: when one has no usable line.
    """
    Official("path_label_csv", root).check()
    tables = sorted(
        path
        for path in root.iterdir()
        if path.suffix.lower() == ".csv" and path.name[0] != "." and path.name != "labels.csv" and path.is_file()
    )
    if not tables:
        others = sorted(
            path.name for path in root.iterdir() if path.suffix.lower() in (".txt", ".tsv", ".lst", ".list")
        )
        hint = f"; is {others[0]} one? Call it {Path(others[0]).stem}.csv" if others else ""
        raise MissingFilesError(root, f"path_label_csv: no list here, such as train.csv with {FORMAT}{hint}")
    problems: list[Problem] = []
    notes: list[str] = []
    listed: dict[str, dict[str, tuple[str, Example]]] = {}
    for table in tables:
        if table.stem.lower() in _RESERVED or table.stem in listed:
            raise AnnotationError(table, "a split can't have this name: call the list otherwise, such as train.csv")
        listed[table.stem] = _examples(table, root, problems, notes)
    notes += _contradictions(listed)
    splits = {split: tuple(example for _, example in mine.values()) for split, mine in listed.items()}
    numbers = {int(e.labels["label"]) for examples in splits.values() for e in examples if e.labels}
    classes = {"label": tuple(str(number) for number in sorted(numbers))} if numbers else {}
    return Listing(splits, classes, tuple(tables), tuple(problems), notes=tuple(notes))


def _examples(table: Path, root: Path, problems: list[Problem], notes: list[str]) -> dict[str, tuple[str, Example]]:
    """The examples of a list with their lines, by path."""
    shared: dict[str, dict[str, str]] = {}
    tops = tuple(dict.fromkeys(top.as_posix().rstrip("/") + "/" for top in (root.absolute(), root.resolve())))
    exists = partial(_exists, root)
    lines = _lines(table, exists)
    wrong = [Problem(f"{table.name}:{number}", why) for number, why in lines.wrong]
    once = Once(wrong)
    for line in lines.listed:
        where = f"{table.name}:{line.number}"
        path, why = _relative(line.path, tops, exists)
        if why:
            wrong.append(Problem(where, why))
            continue
        labels = {} if line.label == NONE else {"label": line.label}
        texts = (line.words,) if line.words else ()
        once.add(path, where, Example(path, shared.setdefault(line.label, labels), texts=texts))
    wrong.sort(key=lambda one: int(one.where.rpartition(":")[2]))
    if not len(once):
        first = f"; {wrong[0].where}: {wrong[0].what}" if wrong else ""
        raise AnnotationError(table, f"no usable line, expected {FORMAT}{first}")
    if lines.heading and not any(map(exists, islice(once.listed(), _LOOKED_AT))):
        why = f"its first line names the columns {', '.join(lines.heading)}, and no file that it lists is there"
        raise AnnotationError(table, f"{why}, such as {next(iter(once.listed()))}; expected {FORMAT}")
    problems += wrong
    notes += [f"{table.name}: {note}" for note in lines.notes]
    return once.listed()


def _contradictions(listed: dict[str, dict[str, tuple[str, Example]]]) -> list[str]:
    """How many paths have another label in another list, as a line for people."""
    first: dict[str, tuple[str, Example]] = {}
    found: dict[str, str] = {}
    for mine in listed.values():
        for path, (where, example) in mine.items():
            before, other = first.setdefault(path, (where, example)) if example.labels else (where, example)
            if other.labels != example.labels:
                found[path] = f"{path} is {other.labels['label']} in {before} and {example.labels['label']} in {where}"
    return [f"{len(found):,} paths have another label in another list ({next(iter(found.values()))})"] if found else []


def _lines(table: Path, exists: Callable[[str], bool]) -> Lines:
    try:
        text = decode(table.read_bytes(), keep_bytes=True)
        refuse_other_content(table, text)
        return read_lines(text, exists)
    except TextFileError as error:
        raise AnnotationError(table, str(error)) from None


def _exists(root: Path, name: str) -> bool:
    """Whether there is a file of this name; False for names that lead out of the root."""
    try:
        return not unsafe(name) and (root / name).is_file()
    except OSError:
        return False


def _relative(path: str, tops: tuple[str, ...], exists: Callable[[str], bool]) -> tuple[str, str]:
    """The path relative to the root, and what is wrong with it or ""."""
    if "\\" in path and not unsafe(path) and not exists(path):
        path = path.replace("\\", "/")
    if has_bytes(path) and not exists(path):
        return path, f"the path {printable(path)} isn't UTF-8, and there is no such file: save the list as UTF-8"
    if "://" in path:
        return path, f"{path} is an address, not a path below the root"
    if path.startswith("/"):
        top = next((top for top in tops if path.startswith(top)), None)
        if top is None:
            return path, f"{path} is an absolute path outside {tops[0]}: make it relative to the root, or name its root"
        path = path.removeprefix(top).lstrip("/")
    why = unsafe(path)
    if why:
        return path, f"the path {path!r} {why}: it must be relative to the root and stay within"
    odd = "//" in path or "/./" in path or path.startswith("./") or path.endswith(("/", "/."))
    return PurePosixPath(path).as_posix() if odd else path, ""


PATH_LABEL_CSV = DataSet("path_label_csv", CARD, read, generic=True)
