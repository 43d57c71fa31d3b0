"""Packets of streams that FFmpeg's encoders write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from auxjepa.data.media.codecs import ORDERINGS, Ordering


@pytest.fixture
def packets_of(
    tmp_path: Path, make_video: Callable[..., Path], make_pattern: Callable[..., np.ndarray]
) -> Callable[..., tuple[Ordering, list[tuple[int, bytes]]]]:
    """The ordering of a fresh stream, and time stamp and bytes of each of its packets."""

    def packets(
        codec: str, suffix: str = "mkv", frames: int = 40, **how: object
    ) -> tuple[Ordering, list[tuple[int, bytes]]]:
        path = make_video(tmp_path / f"{codec}.{suffix}", make_pattern(frames), codec=codec, **how)
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            ordering = ORDERINGS[stream.codec_context.name](stream.codec_context.extradata or b"")
            return ordering, [(p.pts or 0, bytes(p)) for p in container.demux(stream) if p.size]

    return packets


@pytest.fixture
def shown_in_order() -> Callable[[Ordering, list[tuple[int, bytes]]], bool]:
    """Whether places have the order of time stamps, and no frame overtakes more others than declared."""

    def in_order(ordering: Ordering, packets: list[tuple[int, bytes]]) -> bool:
        places = [ordering.place(packet) for _, packet in packets]
        assert None not in places
        by_time, by_place = np.argsort([pts for pts, _ in packets]), np.argsort(np.array(places, float))
        overtaken = int((np.arange(len(places)) - np.argsort(by_time)).max())
        return bool((by_time == by_place).all()) and overtaken <= ordering.reorder

    return in_order
