"""Compare a claim with a table of results: whether the table has the number, or which other entry has it."""

from __future__ import annotations

from collections.abc import Sequence

from auxjepa.evidence.ledger.arithmetic import NumberCheck, PublishedTable, check_numbers
from auxjepa.evidence.ledger.claims import Claim
from auxjepa.evidence.ledger.entry import Check
from auxjepa.evidence.wording import format_signed
from auxjepa.lists import shorten_list

NUMERIC = ("difference", "range", "count", "cluster")


def check_against_table(claim: Claim, settled: NumberCheck, table: PublishedTable) -> list[Check]:
    """Return the checks of numbers, method, benchmark, setting, reference and counts against a table.

    Args:
        claim: the claim.
        settled: result of comparing its numbers.
        table: the table.
    """
    results = [_numbers(claim, settled), _method(claim, table), _benchmark(claim, table), _setting(claim, table)]
    if claim.kind == "count":
        results.append(_count_basis(claim, table))
    if settled.answer == "holds" and holds_by_rounding(claim, table):
        results.append(
            Check(name="rounding", state="unknown", message="holds by rounding to the places that are printed")
        )
    results = [c for c in results if c is not None]
    if settled.answer == "fails":
        hints = find_owner(claim, table)
        results = [_with_hint(c, hints) for c in results]
    return results


def decide_numbers(claim: Claim, table: PublishedTable) -> NumberCheck:
    """Compare the numbers of a claim with a table.

    If scores are missing, a claim on all benchmarks is false if it fails on one of the others.
    """
    comparison = check_numbers(claim, table)
    if not comparison.missing or claim.kind not in ("difference", "range", "direction"):
        return comparison
    for benchmark in claim.benchmarks:
        scored = tuple(v for v in claim.variants if table.quote(claim, v, benchmark) is not None)
        if scored:
            part = check_numbers(claim.model_copy(update={"benchmarks": (benchmark,), "variants": scored}), table)
            if part.answer == "fails":
                return part
    return comparison


def holds_by_rounding(claim: Claim, table: PublishedTable) -> bool:
    """Check whether a range holds only because its ends are printed with few places."""
    if claim.kind != "range":
        return False
    return check_numbers(claim.model_copy(update={"tolerance": 0.0}), table).answer == "fails"


def find_owner(claim: Claim, table: PublishedTable) -> dict[str, str]:
    """Return, by name of the check, the entry that has the claimed number: another method, benchmark, setting, sign
    or seed."""
    if claim.kind != "difference" or claim.expected is None or len(claim.variants) != 1 or len(claim.benchmarks) != 1:
        return _other_settings(claim, table)
    variant, benchmark, expected = claim.variants[0], claim.benchmarks[0], float(claim.expected)
    number = format_signed(expected, 2)
    hints: dict[str, list[str]] = {"method": [], "benchmark": [], "setting": [], "reference": [], "sign": []}
    for regime, name, place in sorted({(s.regime, s.variant, s.benchmark) for s in table.scores}):
        there = claim.model_copy(update={"regime": regime, "reference_seed": _seed(claim, regime)})
        quoted = table.quote(there, name, place)
        if quoted is None or name == claim.reference:
            continue
        equal = [regime == claim.regime, name == variant, place == benchmark]
        if abs(quoted.difference - expected) <= claim.tolerance + 1e-9 and sum(equal) == 2:
            difference = ("setting", "method", "benchmark")[equal.index(False)]
            hints[difference].append({"setting": f"{regime} regime", "method": name, "benchmark": place}[difference])
        if all(equal):
            if abs(quoted.difference + expected) <= claim.tolerance + 1e-9:
                hints["sign"].append(format_signed(quoted.difference, 2))
            if quoted.same_seed is not None and abs(quoted.same_seed - expected) <= claim.tolerance + 1e-9:
                hints["reference"].append(f"the reference of seed {shorten_list(list(map(str, quoted.seeds)))}")
    templates = {
        "method": "{} on " + f"{benchmark} is that of {{}}, not of {variant}",
        "benchmark": "{} of " + f"{variant} is on {{}}, not on {benchmark}",
        "setting": "{} of " + f"{variant} on {benchmark} is in the {{}}, not in {claim.regime}",
        "reference": "{} is against {}",
        "sign": "{} has the wrong sign: it is {}",
    }
    return {
        difference: templates[difference].format(number, shorten_list(names))
        for difference, names in hints.items()
        if names
    }


def _other_settings(claim: Claim, table: PublishedTable) -> dict[str, str]:
    """Return the settings in which a claim of another kind holds."""
    regimes = sorted({s.regime for s in table.scores} - {claim.regime})
    moved = [claim.model_copy(update={"regime": r, "reference_seed": _seed(claim, r)}) for r in regimes]
    good = [c.regime for c in moved if check_numbers(c, table).answer == "holds"]
    return {"setting": f"it holds in {shorten_list(good)}, not in {claim.regime}"} if good else {}


def _seed(claim: Claim, regime: str) -> int | None:
    return claim.reference_seed if regime == claim.regime else None


def _with_hint(check: Check, hints: dict[str, str]) -> Check:
    name = "numbers" if check.name == "numbers" and hints.keys() & {"sign", "reference"} else check.name
    if name == "numbers":
        more = [hints[k] for k in ("sign", "reference") if k in hints]
        return check.model_copy(update={"message": "; ".join([check.message, *more])})
    return Check(name=name, state="problem", message=hints[name]) if name in hints else check


def _numbers(claim: Claim, settled: NumberCheck) -> Check | None:
    if settled.answer == "not in table":
        return Check(name="numbers", state="unknown", message=settled.numbers) if settled.numbers else None
    state = "ok" if settled.answer == "holds" else "problem"
    name = "numbers" if claim.kind in NUMERIC else "comparison"
    return Check(name=name, state=state, message=f"the table has {settled.numbers}")


def _method(claim: Claim, table: PublishedTable) -> Check | None:
    missing = [v for v in claim.variants if not any(s.variant == v for s in table.scores)]
    if not claim.variants:
        return None
    if missing:
        return Check(name="method", state="unknown", message=f"{shorten_list(missing)} isn't in the table")
    return Check(name="method", state="ok", message=f"{shorten_list(claim.variants)} in the table")


def _benchmark(claim: Claim, table: PublishedTable) -> Check | None:
    if not claim.benchmarks:
        return None
    missing = [b for b in claim.benchmarks if not any(s.benchmark == b for s in table.scores)]
    if missing:
        return Check(name="benchmark", state="unknown", message=f"{shorten_list(missing)} isn't in the table")
    return Check(name="benchmark", state="ok", message=f"{shorten_list(claim.benchmarks)} in the table")


def _setting(claim: Claim, table: PublishedTable) -> Check | None:
    regimes = {s.regime for s in table.scores}
    if not claim.regime:
        return Check(
            name="setting", state="unknown", message=f"no pretraining setting: one of {shorten_list(sorted(regimes))}"
        )
    scored = {(s.variant, s.benchmark) for s in table.scores if s.regime == claim.regime}
    missing = _absent(claim, scored)
    if missing:
        return Check(name="setting", state="unknown", message=f"no score in {claim.regime} of {shorten_list(missing)}")
    return Check(name="setting", state="ok", message=f"pretraining regime {claim.regime}")


def _absent(claim: Claim, scored: set[tuple[str, str]]) -> list[str]:
    return [f"{v} on {b}" for v in claim.variants for b in claim.benchmarks if (v, b) not in scored]


def _count_basis(claim: Claim, table: PublishedTable) -> Check:
    listed: Sequence[str] = claim.among or claim.variants or table.variants(claim, claim.benchmarks)
    n, where = len(listed), shorten_list(claim.benchmarks)
    if claim.of in (None, n):
        return Check(name="count_basis", state="ok", message=f"{n} variants were scored on {where}")
    everywhere = sorted({s.benchmark for s in table.scores if s.regime == claim.regime})
    complete = table.variants(claim, everywhere)
    message = f"{n} variants were scored on {where}, not {claim.of}"
    if len(complete) == claim.of:
        left = shorten_list([v for v in listed if v not in complete])
        part = check_numbers(claim.model_copy(update={"among": tuple(complete)}), table)
        message += f"; {claim.of} have every score ({left} left out): of these, {part.numbers.partition(',')[0]}"
    return Check(name="count_basis", state="problem", message=message)
