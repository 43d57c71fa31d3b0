"""How often the verifier is right, and how good its probabilities are, beside the documents' own.

``python -m auxjepa_review.verify.accuracy`` prints the tables of docs/review/verification.md; ``--fit`` fits the
probabilities first and writes ``data/calibration.json``; ``--page FILE`` puts the tables into a page, its figure beside
it; ``--corpus DIR`` reads the five documents from files, in place of the ledger's copy of their rows.
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
    """A Markdown table."""
    return "\n".join(f"| {' | '.join(line)} |" for line in [head, ["---"] * len(head), *lines])


def share(right: Sequence[bool]) -> str:
    """'66 of 69, 96 % [88, 99]': a share with its Wilson interval (95 %)."""
    if not right:
        return "none"
    low, high = wilson(fmean(right), len(right))
    return f"{sum(right)} of {len(right)}, {100 * fmean(right):.0f} % [{100 * low:.0f}, {100 * high:.0f}]"


def verdicts(read: Sequence[Case], by_hand: Sequence[Case]) -> str:
    """Verdicts on the documents' rows: theirs, ours from the text, ours with the claims typed by hand."""
    columns: list[tuple[Sequence[Case], Callable[[Case], bool], Callable[[Case], bool]]] = [
        (read, lambda c: c.told_right, lambda c: bool(c.told)),
        (read, lambda c: c.right, lambda c: c.word == "supported"),
        (by_hand, lambda c: c.right, lambda c: c.word == "supported"),
    ]
    choices: list[tuple[str, Callable[[Case], bool]]] = [
        ("rows", lambda c: True),
        ("rows that nobody could label otherwise", lambda c: not c.disputed),
    ]
    lines = [
        [name, *(share([right(c) for c in of if chosen(c)]) for of, right, _ in columns)] for name, chosen in choices
    ]
    for name, labelled in LABELLED.items():
        told = [c.told == (labelled(c) == "supported") for c in read]
        ours = [[c.word == labelled(c) for c in of] for of in (read, by_hand)]
        lines.append([f"rows, had they been labelled by {name} alone", share(told), *map(share, ours)])
    lines.append(
        ["statements (rows in the same words, all right)", *(share(_all(of, right)) for of, right, _ in columns)]
    )
    for name, label, wanted in (
        ("false rows not passed", "contradicted", False),
        ("true rows passed", "supported", True),
    ):
        lines.append([name, *(share([says(c) == wanted for c in of if c.label == label]) for of, _, says in columns)])
    return table(["right", "documents", "ours, read from text", "ours, claims typed by hand"], lines)


def _all(of: Sequence[Case], right: Callable[[Case], bool]) -> list[bool]:
    return [all(right(c) for c in of if c.statement == s) for s in dict.fromkeys(c.statement for c in of)]


def paired(read: Sequence[Case]) -> str:
    """Is the difference to the documents more than chance: rows by McNemar, statements by sign flips."""
    ours = sum(c.right and not c.told_right for c in read)
    theirs = sum(c.told_right and not c.right for c in read)
    names = list(dict.fromkeys(c.statement for c in read))
    gained = [fmean(c.right - c.told_right for c in read if c.statement == name) for name in names]
    return (
        f"{ours} rows are right with us and wrong with their document, {theirs} the other way round (McNemar, exact: p "
        f"{format_p(mcnemar_p(ours, theirs))}). Rows repeat one another, so the test to read is the one over "
        f"{len(names)} statements: {100 * fmean(gained):.0f} points more (sign-flip p {format_p(sign_flip_p(gained))})."
    )


def held_out(read: Sequence[Case], written: Sequence[Case]) -> dict[str, dict[str, float]]:
    """By place, the probability from a model that has seen nothing of the same group (``claim``) or document."""
    known = [c for c in (*read, *written) if c.true is not None]
    usable = cases.fitted(known)
    made: dict[str, dict[str, float]] = {"claim": {}, "document": {}}
    for name, of in (("claim", lambda c: c.group), ("document", lambda c: c.document)):
        for out in dict.fromkeys(of(c) for c in known):
            model = calibrate.fit([c.item for c in usable if of(c) != out])
            made[name] |= {c.place: calibrate.probability(c.features, model) for c in known if of(c) == out}
    return made


def probabilities(read: Sequence[Case], written: Sequence[Case], held: dict[str, dict[str, float]]) -> str:
    """Brier score and log loss of every way to a probability."""
    true = [c for c in read if c.true is not None]
    everything = [c for c in (*read, *written) if c.true is not None]
    rate = {g: _rate([c for c in everything if c.group != g]) for g in {c.group for c in everything}}
    own = {g: _rate([c for c in true if c.group != g]) for g in {c.group for c in true}}
    ways: list[tuple[str, Sequence[Case], Callable[[Case], float]]] = [
        ("rows: ours, claim left out", true, lambda c: held["claim"][c.place]),
        ("rows: ours, document left out", true, lambda c: held["document"][c.place]),
        ("rows: documents' confidence", true, lambda c: c.confidence or 0.0),
        ("rows: documents' verdict as 1 or 0", true, lambda c: float(bool(c.told))),
        ("rows: share of true rows among other claims", true, lambda c: own[c.group]),
    ]
    for kind in ("plain", "free"):
        chosen = [c for c in written if c.kind == kind and c.true is not None]
        ways.append((f"{kind} sentences: ours, claim left out", chosen, lambda c: held["claim"][c.place]))
        ways.append((f"{kind} sentences: share of true cases among other claims", chosen, lambda c: rate[c.group]))
    return table(["probability", "cases", "Brier", "Brier by statement", "log loss"], [_scored(*way) for way in ways])


def _rate(of: Sequence[Case]) -> float:
    return sum(c.weight * bool(c.true) for c in of) / sum(c.weight for c in of)


def _scored(name: str, of: Sequence[Case], p: Callable[[Case], float]) -> list[str]:
    said, true, weight = [p(c) for c in of], [bool(c.true) for c in of], [c.weight for c in of]
    scores = calibrate.brier(said, true), calibrate.brier(said, true, weight), calibrate.log_loss(said, true)
    return [name, str(len(of)), *(f"{score:.3f}" for score in scores)]


def written_table(written: Sequence[Case]) -> str:
    """Verdicts on the written sentences, by lot and by how they were made."""
    lines = []
    for kind in ("plain", "free"):
        lot = [c for c in written if c.kind == kind]
        for name in (*dict.fromkeys(c.altered for c in lot), "all"):
            of = [c for c in lot if name in ("all", c.altered)]
            passed = sum(c.word == "supported" and c.label != "supported" for c in of)
            accused = sum(c.word == "contradicted" and c.label == "supported" for c in of)
            unread = sum(c.word in ("not found", "not testable") and not c.right for c in of)
            lines.append([kind, name, share([c.right for c in of]), str(passed), str(accused), str(unread)])
    return table(["lot", "made by", "right", "false passed", "true contradicted", "nothing said"], lines)


def fit(read: Sequence[Case], written: Sequence[Case]) -> calibrate.Model:
    """The model on all labelled cases that results decide."""
    return calibrate.fit([c.item for c in cases.fitted([*read, *written])])


def save(model: calibrate.Model, read: Sequence[Case], written: Sequence[Case], path: Path = calibrate.FILE) -> None:
    """The coefficients, with how they were made."""
    used = cases.fitted([*read, *written])
    rows = [c for c in used if c.kind == "row"]
    content = {
        "made": f"logistic regression, normal prior of sd {calibrate.PRIOR_SD} on every coefficient, on {len(used)} "
        f"cases: {len(rows)} rows ({len({c.statement for c in rows})} statements, which count once each) and "
        f"{len(used) - len(rows)} written sentences, in {len({c.group for c in used})} groups",
        "command": COMMAND,
        "by_hand": "passage, secondary: log-odds where no results speak, on no data",
        "model": model.model_dump(),
    }
    write_text(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def page(read: Sequence[Case], hand: Sequence[Case], written: Sequence[Case], held: dict[str, dict[str, float]]) -> str:
    """Every table, in Markdown."""
    model = calibrate.model()
    alone = cases.rows(results=None)
    kept = sum(c.word == "not found" for c in alone)
    weights = " ".join(f"{w:+.2f} {name}" for name, w in model.weights.items())
    sure = ", ".join(
        f"{name} {calibrate.probability({'outcome': o, 'loose': o * loose}, model):.2f}"
        for name, o, loose in (
            ("holds", 1.0, 0.0),
            ("holds loosely", 1.0, 1.0),
            ("fails", -1.0, 0.0),
            ("fails loosely", -1.0, 1.0),
        )
    )
    parts = [
        f"### Verdicts on the 69 rows\n\n{verdicts(read, hand)}\n\n{paired(read)}",
        f"Without results, on passages alone: {kept} of {len(alone)} rows not found (the documents repeat one source).",
        f"### Verdicts on written sentences\n\n{written_table(written)}",
        f"### Probabilities\n\n{probabilities(read, written, held)}",
        f"The model: log-odds {model.intercept:+.2f} {weights}; so {sure}.",
    ]
    return "\n\n".join(parts)


def _after(argv: Sequence[str], flag: str) -> str:
    place = list(argv).index(flag) + 1
    if place == len(argv):
        raise ConfigError(f"{flag} needs a path")
    return argv[place]


def main(argv: Sequence[str]) -> None:
    """Print the tables; write what the flags ask for."""
    read = cases.from_files(Path(_after(argv, "--corpus"))) if "--corpus" in argv else cases.rows()
    hand, written = cases.by_hand(), cases.sentences()
    if "--fit" in argv:
        save(fit(read, written), read, written)
        calibrate.model.cache_clear()
    held = held_out(read, written)
    text = page(read, hand, written, held)
    if "--page" in argv:
        path = Path(_after(argv, "--page"))
        before, _, rest = path.read_text(encoding="utf-8").partition(f"<!-- {MARK} -->")
        _, end, after = rest.partition(f"<!-- end of {MARK} -->")
        write_text(path, f"{before}<!-- {MARK} -->\n{text}\n{end}{after}")
        write_text(path.with_suffix(".svg"), reliability(read, written, held["claim"]))
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
