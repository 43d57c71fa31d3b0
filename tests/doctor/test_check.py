from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from auxjepa.doctor.check import Check, Probe, Report, Settings, attempt, reason, worst


def test_a_check_is_one_line_and_json_for_any_values() -> None:
    check = Check(
        name="odd",
        state="ok",
        found="two\nlines of \udce4",
        values={"path": Path("/a"), "rate": float("nan"), "deep": {"flags": ("x", 1, None, True)}},
    )
    assert check.found == "two lines of \\udce4"
    assert check.values == {"path": "/a", "rate": None, "deep": {"flags": ["x", 1, None, True]}}
    assert Check.model_validate(json.loads(check.model_dump_json())) == check


def test_what_a_probe_had_finished_stays_when_it_raises(tmp_path: Path) -> None:
    def look(_: Settings) -> Iterator[Check]:
        yield Check(name="first", state="warn", found="done")
        raise OSError(5, "the disk\nis gone")

    first, second = attempt(Probe("second", look, "mend it"), Settings(tmp_path, tmp_path))
    assert first == Check(name="first", state="warn", found="done")
    assert (second.name, second.state, second.advice) == ("second", "fail", "mend it")
    assert second.found == "OSError: [Errno 5] the disk is gone"


def test_the_worst_state_counts() -> None:
    checks = {state: Check(name="x", state=state, found="") for state in ("ok", "warn", "fail")}
    assert worst([]) == worst([checks["ok"]]) == "ok"
    assert worst([checks["warn"], checks["ok"]]) == "warn"
    assert worst(checks.values()) == "fail"


def test_an_error_without_words_is_named_by_its_kind() -> None:
    assert reason(KeyError()) == "KeyError" and reason(ValueError("bad")) == "ValueError: bad"


def test_an_unknown_state_is_refused() -> None:
    with pytest.raises(ValueError, match="'ok', 'warn' or 'fail'"):
        Check(name="x", state="fine", found="")  # type: ignore[arg-type]
    assert Report.model_json_schema()["properties"]["checks"]["items"]
