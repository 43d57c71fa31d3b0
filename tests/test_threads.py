from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from auxjepa import threads
from auxjepa.threads import use_threads


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = torch.get_num_threads()
    for name in threads.SETTINGS:
        monkeypatch.delenv(name, raising=False)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(("taken", "cores", "expected"), [(8, 2, 2), (2, 8, 2), (3, 3, 3)])
def test_no_more_threads_than_cores(monkeypatch: pytest.MonkeyPatch, taken: int, cores: int, expected: int) -> None:
    monkeypatch.setattr(threads, "count_cores", lambda: cores)
    torch.set_num_threads(taken)
    use_threads()
    assert torch.get_num_threads() == expected


def test_settings_of_the_user_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "count_cores", lambda: 1)
    use_threads(3)
    assert torch.get_num_threads() == 3
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    use_threads()
    assert torch.get_num_threads() == 3
