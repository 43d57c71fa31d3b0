"""Lists of videos in the format of V-JEPA's code: lines ``PATH LABEL`` without a header; each list is a split."""

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
from auxjepa.data.sets.data_set import Card, DataSet, Example, Listing, Problem
from auxjepa.data.sets.official_files import OfficialFiles
from auxjepa.data.sets.path_lines import FORMAT, NONE, Lines, read_lines
from auxjepa.data.sets.unique_examples import UniqueExamples

_SAMPLE = 20  # files of a table with column names that are looked up before the table counts as a list
_RESERVED = ("files", "problems")  # names of other files of a prepared set

CARD = Card(
    title="Lists of paths and labels (V-JEPA)",
    about="A format for your own data. Each line is one example: a path and a whole number, separated by a space. "
    "Every .csv file directly in the root, except labels.csv, is a split. The name of the file is the name of the "
    "split. Paths may hold spaces, with or without quotes. A list may mix pictures and videos. In a line PATH::WORDS, "
    "as in lists with captions, the words are the text of the example. The label -1 means no label. Commas, semicolons "
    "and tabs are also separators. Backslashes in paths are read as slashes. Lines that begin with # are comments. A "
    "first line such as path,label names the columns. In lines PATH FRAMES LABEL, the number of frames isn't used; "
    "prepare prints a note about such lists.",
    obtain="Lists that you write, or lists of scripts for V-JEPA, VideoMAE and SlowFast.",
    licence="yours",
    cite="The video data sets of https://github.com/facebookresearch/vjepa2 have this format",
    layout="""\
train.csv, val.csv …       lines such as 'videos/walk/a clip.mp4 3'
videos/walk/a clip.mp4 …   any folder below the root""",
    sizes={},
    label="label",
    defects=(
        "Paths are relative to the root. Absolute paths are read if they are below the root. Other absolute paths are "
        "listed as problems, because they are valid on one machine only.",
        "A path that is listed twice counts once. If its two lines have different labels, it is left out, and both "
        "lines are problems. If two lists have different labels for a path, both lists use it, and prepare prints a "
        "note.",
    ),
)


def read(root: Path) -> Listing:
    """Read one split for each list; its name is the name of the list without ``.csv``.

    The label column is ``label``. The numbers of the lists are the class numbers.

    Args:
        root: folder of the lists.

    Raises:
        MissingFilesError: if there is no list.
        AnnotationError: if a list has no usable line.
    """
    OfficialFiles("path_label_csv", root).check()
    tables = sorted(
        path
        for path in root.iterdir()
        if path.suffix.lower() == ".csv" and path.name[0] != "." and path.name != "labels.csv" and path.is_file()
    )
    if not tables:
        texts = sorted(path.name for path in root.iterdir() if path.suffix.lower() in (".txt", ".tsv", ".lst", ".list"))
        hint = f"; if {texts[0]} is a list, rename it {Path(texts[0]).stem}.csv" if texts else ""
        raise MissingFilesError(root, f"path_label_csv: no list here, such as train.csv with {FORMAT}{hint}")
    problems: list[Problem] = []
    notes: list[str] = []
    entries: dict[str, dict[str, tuple[str, Example]]] = {}
    for table in tables:
        if table.stem.lower() in _RESERVED or table.stem in entries:
            raise AnnotationError(table, "a split can't have this name: rename the list, for example train.csv")
        entries[table.stem] = _read_split(table, root, problems, notes)
    notes += _note_conflicts(entries)
    splits = {split: tuple(example for _, example in lines.values()) for split, lines in entries.items()}
    numbers = {int(e.labels["label"]) for examples in splits.values() for e in examples if e.labels}
    classes = {"label": tuple(str(number) for number in sorted(numbers))} if numbers else {}
    return Listing(splits, classes, tuple(tables), tuple(problems), notes=tuple(notes))


def _read_split(table: Path, root: Path, problems: list[Problem], notes: list[str]) -> dict[str, tuple[str, Example]]:
    """Return line and example of each path of a list.

    Args:
        table: path of the list.
        root: root of the data set.
        problems: list that receives a problem for each line that can't be used.
        notes: list that receives notes on unusual lines.

    Raises:
        AnnotationError: if no line can be used, or the file is a table of something else.
    """
    labels_of: dict[str, dict[str, str]] = {}  # equal labels share one dict
    tops = tuple(dict.fromkeys(top.as_posix().rstrip("/") + "/" for top in (root.absolute(), root.resolve())))
    exists = partial(_exists, root)
    lines = _read_lines(table, exists)
    faults = [Problem(f"{table.name}:{number}", why) for number, why in lines.faults]
    unique = UniqueExamples(faults)
    for line in lines.examples:
        where = f"{table.name}:{line.number}"
        path, why = _relative_path(line.path, tops, exists)
        if why:
            faults.append(Problem(where, why))
            continue
        labels = {} if line.label == NONE else {"label": line.label}
        texts = (line.words,) if line.words else ()
        unique.add(path, where, Example(path, labels_of.setdefault(line.label, labels), texts=texts))
    faults.sort(key=lambda fault: int(fault.where.rpartition(":")[2]))
    if not len(unique):
        first = f"; {faults[0].where}: {faults[0].what}" if faults else ""
        raise AnnotationError(table, f"no usable line, expected {FORMAT}{first}")
    if lines.columns and not any(map(exists, islice(unique.entries(), _SAMPLE))):
        why = f"its first line names the columns {', '.join(lines.columns)}, and the files that it lists don't exist"
        raise AnnotationError(table, f"{why}, such as {next(iter(unique.entries()))}; expected {FORMAT}")
    problems += faults
    notes += [f"{table.name}: {note}" for note in lines.notes]
    return unique.entries()


def _note_conflicts(entries: dict[str, dict[str, tuple[str, Example]]]) -> list[str]:
    """Return a note on the paths with different labels in different lists, if there are any."""
    first: dict[str, tuple[str, Example]] = {}
    conflicts: dict[str, str] = {}
    for lines in entries.values():
        for path, (where, example) in lines.items():
            place, earlier = first.setdefault(path, (where, example)) if example.labels else (where, example)
            if earlier.labels != example.labels:
                labels = f"{earlier.labels['label']} in {place} and {example.labels['label']} in {where}"
                conflicts[path] = f"{path} is {labels}"
    if not conflicts:
        return []
    return [f"{len(conflicts):,} paths have another label in another list ({next(iter(conflicts.values()))})"]


def _read_lines(table: Path, exists: Callable[[str], bool]) -> Lines:
    try:
        text = decode(table.read_bytes(), keep_bytes=True)
        refuse_other_content(table, text)
        return read_lines(text, exists)
    except TextFileError as error:
        raise AnnotationError(table, str(error)) from None


def _exists(root: Path, name: str) -> bool:
    """Check whether a file exists below the root; False for names that lead out of the root."""
    try:
        return not unsafe(name) and (root / name).is_file()
    except OSError:
        return False


def _relative_path(path: str, tops: tuple[str, ...], exists: Callable[[str], bool]) -> tuple[str, str]:
    """Return a path of a list relative to the root, and what is wrong with it or "".

    Args:
        path: path as the list has it.
        tops: spellings of the root, each with a slash at the end.
        exists: function that checks whether a file exists below the root.
    """
    if "\\" in path and not unsafe(path) and not exists(path):
        path = path.replace("\\", "/")
    if has_bytes(path) and not exists(path):
        return path, f"the path {printable(path)} isn't UTF-8, and there is no such file: save the list as UTF-8"
    if "://" in path:
        return path, f"{path} is a web address and not a path below the root"
    if path.startswith("/"):
        top = next((top for top in tops if path.startswith(top)), None)
        if top is None:
            return path, f"{path} is an absolute path outside {tops[0]}: make it relative to the root, or name its root"
        path = path.removeprefix(top).lstrip("/")
    why = unsafe(path)
    if why:
        return path, f"the path {path!r} {why}: it must be relative to the root and stay within the root"
    odd = "//" in path or "/./" in path or path.startswith("./") or path.endswith(("/", "/."))
    return PurePosixPath(path).as_posix() if odd else path, ""


PATH_LABEL_CSV = DataSet("path_label_csv", CARD, read, generic=True)
