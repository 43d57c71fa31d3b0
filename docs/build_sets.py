"""Write the pages of docs/data/sets from the data sets' cards: ``python -m docs.build_sets``."""

from __future__ import annotations

from pathlib import Path
from textwrap import fill

from auxjepa.data.sets import SETS, DataSet
from auxjepa.files import write_text

OUT = Path(__file__).parent / "data" / "sets"
MARK = "<!-- `python -m docs.build sets` writes this page from the data set's card. Do not edit it here. -->"

OVERVIEW = """\
# Public data sets

AuxJEPA downloads no data set. Obtain a data set from its publishers, unpack it in their layout and prepare it once.

```bash
auxjepa data list                               # supported data sets, and which are prepared
auxjepa data prepare ucf101 --root /data/ucf    # reads the official files, scans the videos, counts coverage
auxjepa data check ucf101 --sample 500          # decodes some of them, or all, and lists broken files
auxjepa pretrain --data ucf101
```

Official splits and class lists are read as published. A missing or broken video reduces the coverage of its split. A
line of an annotation file that gives no example is listed as a problem. Nothing is left out silently. Videos may be
re-encoded in another format under the same name. If both files exist, the published format is used. An example that is
listed twice counts once. If its two lines contradict each other, it is left out. If no example of your own set is
usable, `prepare` ends with an error, and the set is not ready. Each page describes the layout.

"""


def pages() -> dict[str, str]:
    """Return the text of every page by its file name."""
    return {"README.md": overview(), **{f"{name}.md": page(data_set) for name, data_set in SETS.items()}}


def overview() -> str:
    """Return the overview page with the table of all data sets."""
    rows = ["| name | data set | examples | label |", "|---|---|---|---|"]
    for name, data_set in SETS.items():
        card = data_set.card
        sizes = ", ".join(f"{split} {size:,}" for split, size in card.sizes.items())
        examples = "your own" if data_set.generic else sizes or "see its page"
        label = f"`{card.label}`" if card.label else ""
        rows.append(f"| [`{name}`]({name}.md) | {card.title} | {examples} | {label} |")
    return f"{MARK}\n\n{OVERVIEW}{_lines(rows)}"


def page(data_set: DataSet) -> str:
    """Return the page of one data set."""
    card, name = data_set.card, data_set.name
    called = " --name NAME" if data_set.generic else ""
    used = "NAME" if data_set.generic else name
    facts = {"Source": card.obtain, "Licence": card.licence, "Cite": card.cite}
    parts = [MARK, f"# {card.title}", _wrap(card.about)]
    parts += [
        f"```bash\nauxjepa data prepare {name} --root PATH{called}\nauxjepa pretrain --data {used}\n```",
        f"`PATH` holds:\n\n```text\n{card.layout.strip()}\n```",
        "\n\n".join(
            _wrap(f"**{what}.** {text if text.startswith('http') else text[0].upper() + text[1:]}")
            for what, text in facts.items()
            if text
        ),
        _splits(data_set),
    ]
    if card.defects:
        parts.append("## Known defects\n\n" + "\n".join(_wrap(f"- {text}", "  ") for text in card.defects))
    return _lines(["\n\n".join(part for part in parts if part)])


def _splits(data_set: DataSet) -> str:
    card = data_set.card
    label = f" A probe reads the label `{card.label}` by default." if card.label else ""
    if not card.sizes:
        return f"## Splits\n\n{_wrap(f'`{data_set.split}` is the default split.{label}')}"
    used = "NAME" if data_set.generic else data_set.name
    text = f"`{used}` alone means `{used}/{data_set.split}`.{label}"
    rows = [
        "| split | examples |",
        "|---|---:|",
        *(f"| `{used}/{split}` | {size:,} |" for split, size in card.sizes.items()),
    ]
    return f"## Splits\n\n{_wrap(text)}\n\n" + "\n".join(rows)


def _wrap(text: str, indent: str = "") -> str:
    return fill(text, 120, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _lines(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"


def main() -> None:
    for old in OUT.glob("*.md"):
        if old.name not in pages() and old.read_text(encoding="utf-8").startswith(MARK):
            old.unlink()
    for name, text in pages().items():
        write_text(OUT / name, text)


if __name__ == "__main__":
    main()
