"""MSR-VTT with 10 clips of 3 captions: 5 for training, 2 for validation, 3 for testing, of which 2 are in 1k-A."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from miniatures import text, video

SIZES = {"train": 5, "validate": 2, "test": 3}
CAPTIONS = ("a man is driving", 'he says "hello"\nand waves 👋', "eine Straße; bei Nacht")


def records(start: int, sizes: dict[str, int]) -> dict[str, Any]:
    """The content of one file: clips from number ``start`` on, captions not in the order of clips."""
    splits = [split for split, size in sizes.items() for _ in range(size)]
    videos = [
        {
            "category": number % 20,
            "url": "https://www.youtube.com/watch?v=9lZi22qLlEo",
            "video_id": f"video{number}",
            "start time": 137.72,
            "end time": 149.44,
            "split": split,
            "id": number,
        }
        for number, split in enumerate(splits, start=start)
    ]
    sentences = [
        {"caption": caption, "video_id": one["video_id"], "sen_id": 10 * one["id"] + place}
        for place, caption in enumerate(CAPTIONS)
        for one in reversed(videos)
    ]
    info = {"contributor": "Microsoft MSM group", "data_created": "2016-04-14 14:30:20", "version": "1.0"}
    return {"info": info, "videos": videos, "sentences": sentences}


def build(root: Path, frames: int = 10, *, whole: bool = False) -> Path:
    """Lists and videos below ``root``.

    Args:
        whole: one list and one folder, as retrieval papers have them, rather than the official two of each.
    """
    train = {split: SIZES[split] for split in ("train", "validate")}
    if whole:
        text(root / "MSRVTT_data.json", json.dumps(records(0, SIZES)))
    else:
        text(root / "train_val_videodatainfo.json", json.dumps(records(0, train)))
        text(root / "test_videodatainfo.json", json.dumps(records(7, {"test": 3})))
    for number in range(sum(SIZES.values())):
        folder = "videos/all" if whole else "TrainValVideo" if number < 7 else "TestVideo"
        video(root / folder / f"video{number}.mp4", frames, seed=number)
    rows = ('ret0,msr9,video9,"a plane, landing"', "ret1,msr7,video7,a cat on a piano")
    text(root / "MSRVTT_JSFUSION_test.csv", "key,vid_key,video_id,sentence", *rows)
    text(root / "MSRVTT_train.9k.csv", "video_id", *(f"video{number}" for number in (8, 6, 5, 4, 3, 2, 1, 0)))
    return root
