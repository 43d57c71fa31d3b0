"""summary.json: what was written, or refused in one line."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from auxjepa.runs.summary import FILE, SEAL, Summary, SummaryError, read_summary, write_summary
from damage import damage
from written_run import config_of, summary_of


def test_what_is_written_is_read(tmp_path: Path) -> None:
    summary = summary_of(config_of(40))
    write_summary(tmp_path, summary)
    read = read_summary(tmp_path)
    assert read.model_copy(update={SEAL: ""}) == summary
    with pytest.raises(SummaryError, match=r"summary\.json: missing"):
        read_summary(tmp_path / "nowhere")


def test_five_hundred_damages_are_found_or_change_nothing(tmp_path: Path) -> None:
    write_summary(tmp_path, summary_of(config_of(40)))
    file, chance = tmp_path / FILE, random.Random(0)
    data, before, refused = file.read_bytes(), read_summary(tmp_path), 0
    for _ in range(500):
        file.write_bytes(damage(data, chance))
        try:
            assert read_summary(tmp_path) == before
        except SummaryError as error:
            refused += 1
            assert "\n" not in str(error) and str(error).startswith("summary.json: ") and len(str(error)) < 300
    assert refused > 450


@pytest.mark.parametrize("name", Summary.model_fields)
def test_numbers_and_texts_of_another_type_are_refused(tmp_path: Path, name: str) -> None:
    """As a version without a digest may have left them."""
    content = summary_of(config_of(40)).model_dump(mode="json")
    for odd in ([1], {"a": "b"}, None, *([True] if name != "version" else []), float("nan"), 1e300):
        (tmp_path / FILE).write_text(json.dumps(content | {name: odd}))
        with pytest.raises(SummaryError, match="damaged"):
            read_summary(tmp_path)


def test_the_published_summaries_are_read() -> None:
    folders = [path.parent for path in Path(__file__).parents[2].glob("docs/evidence/*/runs/*/summary.json")]
    assert len(folders) >= 60 and all(read_summary(folder).verdict for folder in folders)
