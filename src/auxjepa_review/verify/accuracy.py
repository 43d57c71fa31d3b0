"""Measure how often the verifier is right, and how good its probabilities are, compared with the documents' own.

``python -m auxjepa_review.verify.accuracy`` prints the tables of docs/review/verification.md. ``--fit`` first fits the
probabilities and writes ``data/calibration.json``. ``--page FILE`` writes the tables into a page and its figure next to
it. ``--corpus DIR`` reads the five documents from files in place of the ledger's copy of their rows.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import fmean

from auxjepa.config import ConfigError
from auxjepa.evidence.statistics.intervals import wilson
from auxjepa.evidence.statistics.significance import mcnemar_p, sign_flip_p
from auxjepa.evidence.wording import format_p
from auxjepa.files import write_text
from auxjepa_review.records import Word
from auxjepa_review.verify import calibrate, cases
from auxjepa_review.verify.cases import Case
from auxjepa_review.verify.figure import reliability

MARK = "accuracy"
LABELLED: dict[str, Callable[[Case], Word]] = {"eye": lambda c: c.eye, "rule": lambda c: c.rule}
COMMAND = "python -m auxjepa_review.verify.accuracy --fit"


def table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    return "\n".join(f"| {' | '.join(line)} |" for line in [head, ["---"] * len(head), *lines])


def share(right: Sequence[bool]) -> str:
    """Return a share with its Wilson interval (95 %), such as '66 of 69, 96 % [88, 99]'."""
    if not right:
        return "none"
    low, high = wilson(fmean(right), len(right))
    return f"{sum(right)} of {len(right)}, {100 * fmean(right):.0f} % [{100 * low:.0f}, {100 * high:.0f}]"


def verdicts(read: Sequence[Case], by_hand: Sequence[Case]) -> str:
    """Return the verdicts on the documents' rows: the documents', ours from text, and ours with claims typed by hand.

    Args:
        read: cases that were read from text.
        by_hand: cases with claims typed by hand.
    """
    columns: list[tuple[Sequence[Case], Callable[[Case], bool], Callable[[Case], bool]]] = [
        (read, lambda c: c.own_verdict_is_right, lambda c: bool(c.own_verdict)),
        (read, lambda c: c.right, lambda c: c.word == "supported"),
        (by_hand, lambda c: c.right, lambda c: c.word == "supported"),
    ]
    choices: list[tuple[str, Callable[[Case], bool]]] = [
        ("rows", lambda c: True),
        ("rows with only one possible label", lambda c: not c.disputed),
    ]
    lines = [
        [name, *(share([right(c) for c in of if in_subset(c)]) for of, right, _ in columns)]
        for name, in_subset in choices
    ]
    for name, labelled in LABELLED.items():
        documents_right = [c.own_verdict == (labelled(c) == "supported") for c in read]
        ours = [[c.word == labelled(c) for c in of] for of in (read, by_hand)]
        lines.append([f"rows, had they been labelled by {name} alone", share(documents_right), *map(share, ours)])
    lines.append(
        ["statements (rows in the same words, all right)", *(share(_all(of, right)) for of, right, _ in columns)]
    )
    for name, label, expected in (
        ("false rows not passed", "contradicted", False),
        ("true rows passed", "supported", True),
    ):
        lines.append(
            [name, *(share([supports(c) == expected for c in of if c.label == label]) for of, _, supports in columns)]
        )
    return table(["right", "documents", "ours, read from text", "ours, claims typed by hand"], lines)


def _all(of: Sequence[Case], right: Callable[[Case], bool]) -> list[bool]:
    return [all(right(c) for c in of if c.statement == s) for s in dict.fromkeys(c.statement for c in of)]


def paired(read: Sequence[Case]) -> str:
    """Test whether the difference to the documents is more than chance: rows by McNemar, statements by sign flips."""
    ours = sum(c.right and not c.own_verdict_is_right for c in read)
    theirs = sum(c.own_verdict_is_right and not c.right for c in read)
    names = list(dict.fromkeys(c.statement for c in read))
    gained = [fmean(c.right - c.own_verdict_is_right for c in read if c.statement == name) for name in names]
    return (
        f"{ours} rows are right with us and wrong with their document, {theirs} the other way round (McNemar, exact: p "
        f"{format_p(mcnemar_p(ours, theirs))}). Rows repeat one another, so the test to read is the one over "
        f"{len(names)} statements: {100 * fmean(gained):.0f} points more (sign-flip p {format_p(sign_flip_p(gained))})."
    )


def held_out(read: Sequence[Case], written: Sequence[Case]) -> dict[str, dict[str, float]]:
    """Return, by place, the probability from a model without cases of the same group (``claim``) or document.

    Args:
        read: cases that were read from text.
        written: cases of the written sentences.
    """
    labelled = [c for c in (*read, *written) if c.true is not None]
    usable = [bool(c.features["outcome"]) for c in labelled]
    groups = {"claim": [c.group for c in labelled], "document": [c.document for c in labelled]}
    places, items = [c.place for c in labelled], [c.item for c in labelled]
    return {
        name: dict(zip(places, calibrate.held_out(items, group, usable), strict=True)) for name, group in groups.items()
    }


def probabilities(
    read: Sequence[Case], written: Sequence[Case], held_out_probabilities: dict[str, dict[str, float]]
) -> str:
    """Return the Brier score and log loss of every method for a probability.

    Args:
        read: cases that were read from text.
        written: cases of the written sentences.
        held_out_probabilities: held-out probabilities, by place.
    """
    true = [c for c in read if c.true is not None]
    everything = [c for c in (*read, *written) if c.true is not None]
    rate = {g: _rate([c for c in everything if c.group != g]) for g in {c.group for c in everything}}
    row_rate = {g: _rate([c for c in true if c.group != g]) for g in {c.group for c in true}}
    methods: list[tuple[str, Sequence[Case], Callable[[Case], float]]] = [
        ("rows: ours, claim left out", true, lambda c: held_out_probabilities["claim"][c.place]),
        ("rows: ours, document left out", true, lambda c: held_out_probabilities["document"][c.place]),
        ("rows: documents' confidence", true, lambda c: c.confidence or 0.0),
        ("rows: documents' verdict as 1 or 0", true, lambda c: float(bool(c.own_verdict))),
        ("rows: share of true rows among other claims", true, lambda c: row_rate[c.group]),
    ]
    for kind in ("plain", "free"):
        chosen = [c for c in written if c.kind == kind and c.true is not None]
        methods.append(
            (f"{kind} sentences: ours, claim left out", chosen, lambda c: held_out_probabilities["claim"][c.place])
        )
        methods.append((f"{kind} sentences: share of true cases among other claims", chosen, lambda c: rate[c.group]))
    return table(
        ["probability", "cases", "Brier", "Brier by statement", "log loss"], [_scored(*way) for way in methods]
    )


def _rate(of: Sequence[Case]) -> float:
    return sum(c.weight * bool(c.true) for c in of) / sum(c.weight for c in of)


def _scored(name: str, of: Sequence[Case], p: Callable[[Case], float]) -> list[str]:
    given, true, weight = [p(c) for c in of], [bool(c.true) for c in of], [c.weight for c in of]
    scores = calibrate.brier(given, true), calibrate.brier(given, true, weight), calibrate.log_loss(given, true)
    return [name, str(len(of)), *(f"{score:.3f}" for score in scores)]


def written_table(written: Sequence[Case]) -> str:
    """Return the verdicts on the written sentences, by lot and by the way they were made."""
    lines = []
    for kind in ("plain", "free"):
        lot = [c for c in written if c.kind == kind]
        for name in (*dict.fromkeys(c.altered for c in lot), "all"):
            of = [c for c in lot if name in ("all", c.altered)]
            passed = sum(c.word == "supported" and c.label != "supported" for c in of)
            accused = sum(c.word == "contradicted" and c.label == "supported" for c in of)
            unread = sum(c.word in ("not found", "not testable") and not c.right for c in of)
            lines.append([kind, name, share([c.right for c in of]), str(passed), str(accused), str(unread)])
    return table(["lot", "made by", "right", "false passed", "true contradicted", "no verdict"], lines)


def fit(read: Sequence[Case], written: Sequence[Case]) -> calibrate.Model:
    """Fit the model on all labelled cases that results decide."""
    return calibrate.fit([c.item for c in cases.fitting_cases([*read, *written])])


def save(model: calibrate.Model, read: Sequence[Case], written: Sequence[Case], path: Path = calibrate.FILE) -> None:
    """Write the coefficients with a description of their fit."""
    used = cases.fitting_cases([*read, *written])
    rows = [c for c in used if c.kind == "row"]
    content = {
        "made": f"logistic regression, normal prior of sd {calibrate.PRIOR_SD} on every coefficient, on {len(used)} "
        f"cases: {len(rows)} rows ({len({c.statement for c in rows})} statements, which count once each) and "
        f"{len(used) - len(rows)} written sentences, in {len({c.group for c in used})} groups",
        "command": COMMAND,
        "by_hand": "passage, secondary: log-odds without results, on no data",
        "model": model.model_dump(),
    }
    write_text(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def page(
    read: Sequence[Case],
    by_hand: Sequence[Case],
    written: Sequence[Case],
    held_out_probabilities: dict[str, dict[str, float]],
) -> str:
    """Return all tables as Markdown."""
    model = calibrate.model()
    alone = cases.row_cases(results=None)
    not_found = sum(c.word == "not found" for c in alone)
    weights = " ".join(f"{w:+.2f} {name}" for name, w in model.weights.items())
    examples = ", ".join(
        f"{name} {calibrate.probability({'outcome': o, 'loose': o * loose}, model):.2f}"
        for name, o, loose in (
            ("holds", 1.0, 0.0),
            ("holds loosely", 1.0, 1.0),
            ("fails", -1.0, 0.0),
            ("fails loosely", -1.0, 1.0),
        )
    )
    parts = [
        f"### Verdicts on the 69 rows\n\n{verdicts(read, by_hand)}\n\n{paired(read)}",
        f"Without results, on passages alone: {not_found} of {len(alone)} rows not found (the documents repeat one "
        "source).",
        f"### Verdicts on written sentences\n\n{written_table(written)}",
        f"### Probabilities\n\n{probabilities(read, written, held_out_probabilities)}",
        f"The model: log-odds {model.intercept:+.2f} {weights}; so {examples}.",
    ]
    return "\n\n".join(parts)


def _after(argv: Sequence[str], flag: str) -> str:
    place = list(argv).index(flag) + 1
    if place == len(argv):
        raise ConfigError(f"{flag} needs a path")
    return argv[place]


def main(argv: Sequence[str]) -> None:
    """Print the tables, and write the files that the flags name."""
    read = cases.cases_of_files(Path(_after(argv, "--corpus"))) if "--corpus" in argv else cases.row_cases()
    by_hand, written = cases.typed_cases(), cases.sentence_cases()
    if "--fit" in argv:
        save(fit(read, written), read, written)
        calibrate.model.cache_clear()
    held_out_probabilities = held_out(read, written)
    text = page(read, by_hand, written, held_out_probabilities)
    if "--page" in argv:
        path = Path(_after(argv, "--page"))
        before, _, from_mark = path.read_text(encoding="utf-8").partition(f"<!-- {MARK} -->")
        _, end, after = from_mark.partition(f"<!-- end of {MARK} -->")
        write_text(path, f"{before}<!-- {MARK} -->\n{text}\n{end}{after}")
        write_text(path.with_suffix(".svg"), reliability(read, written, held_out_probabilities["claim"]))
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
