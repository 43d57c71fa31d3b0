"""MSVD with 6 clips: 3 for training, 1 for validation, 2 for testing; a seventh has captions and no split."""

from __future__ import annotations

from pathlib import Path

from miniatures import text, video

CLIPS = (
    "mv89psg6zh4_33_46",
    "-vg3vR86fu0_1_6",
    "_0nX-El-ySo_83_93",
    "4wsuPCjDBxc_0_10",
    "aM-RcQj0a7I_37_55",
    "x_y_1_20",
)
EXTRA = "GGSY1Qvo990_3_6"
SPLITS = {"train": CLIPS[:3], "val": CLIPS[3:4], "test": CLIPS[4:]}
CAPTIONS = ("A bird is bathing in a sink.", 'A "panda", eating 🎋', "Two people talk")


def build(root: Path, frames: int = 10, *, table: bool = False) -> Path:
    """Captions, split lists and videos below ``root``.

    Args:
        table: the corpus as a table with captions of several languages, rather than lines.
    """
    if table:
        rows = []
        for clip in (*CLIPS, EXTRA):
            video_id, start, end = clip.rsplit("_", 2)
            for caption in CAPTIONS:
                quoted = '"' + caption.replace('"', '""') + '"'
                rows.append(f"{video_id},{start},{end},588702,unverified,55,English,{quoted}")
            rows.append(f'{video_id},{start},{end},362812,unverified,82,Slovene,"Papagaj se umiva\npod tekočo vodo."')
        header = "VideoID,Start,End,WorkerID,Source,AnnotationTime,Language,Description"
        text(root / "video_corpus.csv", header, *rows)
    else:
        lines = [f"{clip} {caption}" for clip in (*CLIPS, EXTRA) for caption in CAPTIONS]
        text(root / "AllVideoDescriptions.txt", "# English descriptions, one a line", "", *lines)
    for split, clips in SPLITS.items():
        text(root / f"{split}_list.txt", *clips)
    for number, clip in enumerate(CLIPS):
        video(root / "YouTubeClips" / f"{clip}.avi", frames, seed=number)
    return root
