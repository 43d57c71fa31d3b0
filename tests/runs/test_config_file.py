"""config.yaml of a run folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from auxjepa.runs.config_file import FILE, read_config, write_config
from written_run import config_of


def test_what_is_written_is_read(tmp_path: Path) -> None:
    assert read_config(tmp_path) is None
    config = config_of(40)
    write_config(tmp_path, config)
    found = read_config(tmp_path)
    assert found is not None and found.config == config and found.damage == "" and found.names(config.content_hash())
    assert (tmp_path / FILE).read_text().startswith(f"# content hash {config.content_hash()}\nvariant: custom\n")


@pytest.mark.parametrize(
    ("content", "named", "why"),
    [
        (b"", False, ""),
        (b"\xff\xfe\x00", False, "codec can't decode"),
        (b"# content hash HASH\n[1", True, "not YAML"),
        (b"# content hash HASH\nsteps: 3", True, "damaged, or of another version"),
        (b"# content hash HASH\noptim: {steps: 41}", True, "doesn't have the hash in its first line"),
        (b"# content hash 0\noptim: {steps: 40}", True, "doesn't have the hash in its first line"),
        (b"# content hash 0\noptim: {steps: 41}", False, "doesn't have the hash in its first line"),
        (b"optim: {steps: 40}", True, ""),
    ],
)
def test_damage_is_one_line_and_names_the_run_if_possible(
    tmp_path: Path, content: bytes, named: bool, why: str
) -> None:
    own = config_of(40).content_hash()
    (tmp_path / FILE).write_bytes(content.replace(b"HASH", own.encode()))
    found = read_config(tmp_path)
    assert found is not None and found.names(own) == named and why in found.damage and "\n" not in found.damage
