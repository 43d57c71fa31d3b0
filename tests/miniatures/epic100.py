"""EPIC-Kitchens-100 with 3 participants, 4 videos and few classes: 8 segments for training, 4 validation, 2 test."""

from __future__ import annotations

from pathlib import Path

from miniatures import text, video

VERBS = ("take", "put", "turn-on", "let-go")
NOUNS = ("tap", "plate", "board:chopping")
LISTS = "epic-kitchens-100-annotations"
_HEADER = (
    "narration_id,participant_id,video_id,narration_timestamp,start_timestamp,stop_timestamp,start_frame,stop_frame"
)
_LABELS = ",narration,verb,verb_class,noun,noun_class,all_nouns,all_noun_classes"
_NARRATIONS = ("take plate", '"put plate, board and ""the tap"""', "turn-on tap ☕", "let go café au lait")
VIDEOS = {"train": ("P01_01", "P02_101"), "validation": ("P01_11", "P18_01"), "test": ("P01_102",)}
SIZES = {"train": 8, "validation": 4, "test": 2}


def line(video_id: str, number: int, *, labelled: bool = True) -> str:
    """A row as published; the narration's time is missing in some."""
    start, stop = 0.1 * number, 0.1 * number + 0.35
    frames = f"{int(50 * start)},{int(50 * stop)}"
    told = "" if number % 3 == 1 else f"00:00:0{start:.3f}"
    row = f"{video_id}_{number},{video_id[:3]},{video_id},{told},00:00:0{start:.2f},00:00:0{stop:.2f},{frames}"
    verb, noun = number % 4, number % 3
    rest = (
        f",{_NARRATIONS[verb]},{VERBS[verb]},{verb},{NOUNS[noun]},{noun},\"['{NOUNS[noun]}', 'tap']\",\"[{noun}, 0]\""
    )
    return row + (rest if labelled else "")


def build(root: Path, frames: int = 30) -> Path:
    """The official layout below ``root``, with the annotations' repository beside the videos."""
    for split, names in VIDEOS.items():
        each = SIZES[split] // len(names)
        labelled = split != "test"
        rows = [line(name, number, labelled=labelled) for name in names for number in range(each)]
        file = f"EPIC_100_{split}{'' if labelled else '_timestamps'}.csv"
        text(root / LISTS / file, _HEADER + _LABELS * labelled, *rows)
        for name in names:
            video(root / "EPIC-KITCHENS" / name[:3] / "videos" / f"{name}.MP4", frames, seed=len(name), fps=50)
    for what, names in (("verb", VERBS), ("noun", NOUNS)):
        rows = [f"{n},{name},\"['{name}', 'some:{name}']\",leave" for n, name in enumerate(names)]
        text(root / LISTS / f"EPIC_100_{what}_classes.csv", "id,key,instances,category", *rows)
        text(root / LISTS / f"EPIC_100_tail_{what}s.csv", what, "2", "3" if what == "verb" else "1")
    text(root / LISTS / "EPIC_100_unseen_participant_ids_validation.csv", "participant_id", "P18", "P32")
    text(root / LISTS / "EPIC_100_unseen_participant_ids_test.csv", "participant_id", "P33")
    return root
