"""The public names of the evidence."""

from __future__ import annotations

import subprocess
import sys

import pytest

from auxjepa import evidence


def test_every_public_name_can_be_imported() -> None:
    assert sorted(evidence.__all__) == sorted(name for names in evidence._MODULES.values() for name in names)
    for name in evidence.__all__:
        assert getattr(evidence, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'judge'"):
        _ = evidence.judge  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import auxjepa.evidence", "scipy"),
        ("from auxjepa.evidence.decisions.registration import Registration", "scipy"),
        ("from auxjepa.evidence import collect_evidence", "torch"),
        ("import auxjepa.report.html", "torch"),
    ],
)
def test_an_import_stays_small(statement: str, absent: str) -> None:
    script = f"import sys; {statement}; sys.exit({absent!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
