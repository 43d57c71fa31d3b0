"""Tiny encoders of the official classes with random weights, saved in the official layout."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from written_encoders import KINDS, PROCESSOR, save_encoder

__all__ = ["KINDS", "PROCESSOR"]


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """``hub(kind)``: the folder of an encoder of a kind, written once. Tests must not change it."""
    root = tmp_path_factory.mktemp("hub")

    def folder(kind: str) -> Path:
        if not (root / kind).exists():
            save_encoder(kind, root / kind)
        return root / kind

    return folder


@pytest.fixture
def copy_of(hub: Callable[[str], Path], tmp_path: Path) -> Callable[[str], Path]:
    """``copy_of(kind)``: a copy of that folder, which a test may change."""

    def folder(kind: str) -> Path:
        target = tmp_path / kind
        target.mkdir()
        for path in hub(kind).iterdir():
            (target / path.name).write_bytes(path.read_bytes())
        return target

    return folder


@pytest.fixture
def edit_json() -> Callable[..., None]:
    """``edit_json(path, key=value)``: changes keys of a JSON file; a value of None removes a key."""

    def edit(path: Path, **changes: Any) -> None:
        content = json.loads(path.read_text()) | changes
        path.write_text(json.dumps({key: value for key, value in content.items() if value is not None}))

    return edit
