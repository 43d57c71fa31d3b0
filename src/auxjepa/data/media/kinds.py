"""Explains why a file isn't read: by its suffix, or by its first bytes if the suffix is unknown."""

from __future__ import annotations

from pathlib import Path

from auxjepa.data.media.open import MOVING, STILLS

_REASONS = {
    "ai arw bw cr2 cr3 cur dds dng exr fit fits hdr heic heif hif ico icns jxl nef orf psd raf raw rw2 sgi svg xcf": (
        "a kind of picture that isn't read; save it as PNG or JPEG"
    ),
    "aac ac3 aif aiff amr ape au flac m4a m4b mka mp2 mp3 oga ogg opus ra wav wma": "sound",
    "braw crm mlv nev r3d": "raw film of a camera; export it as a video",
    "rgb yuv": "pixels without a size; store them as .y4m or another video",
    "m3u m3u8 mpd ism mpls": "a play list; use the videos that it names",
    "7z bz2 gz rar tar tgz xz zip zst": "an archive; unpack it, or read tar files as shards:URL",
    "crdownload part partial tmp ytdl": "an incomplete download",
    "swf": "an animated program; record it as a video",
}
_REASON_BY_SUFFIX = {suffix: reason for suffixes, reason in _REASONS.items() for suffix in suffixes.split()}
# Suffixes of tables, notes and programs, which are never videos.
_PLAIN = (
    "c cfg conf cpp csv doc docx h h5 htm html ini ipynb js json jsonl lock log mat md npy npz parquet pdf pickle pkl "
    "pt pth py rst safetensors sh srt sub toml tsv txt vtt xlsx xml yaml yml"
)
_OTHER_SUFFIXES = frozenset(_PLAIN.split())

_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    *((4, name, "mp4") for name in (b"ftyp", b"moov", b"mdat", b"wide")),
    (0, b"\x1a\x45\xdf\xa3", "mkv"),
    (8, b"AVI ", "avi"),
    (0, b"\0\0\1\xba", "mpg"),
    (0, b"\0\0\1\xb3", "m2v"),
    (0, b"FLV\1", "flv"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "wmv"),
    (0, b"\x06\x0e\x2b\x34\x02\x05", "mxf"),
    (0, b"YUV4MPEG2", "y4m"),
    (0, b"DKIF", "ivf"),
    (0, b".RMF", "rm"),
    (0, b"GIF8", "gif"),
)
_PACKETS = ((188, 0, "ts"), (192, 4, "m2ts"))  # length of a packet, position of the mark 0x47 in it


def why_unread(path: Path, kind: str) -> str:
    """Return why a file is left out whose suffix isn't one of the suffixes that are read.

    Args:
        path: of the file. It is opened only if its suffix is unknown.
        kind: what is read, as "a video".
    """
    suffix = path.suffix[1:].lower()
    ending = f".{suffix}" if suffix else "no suffix"
    reason = f"not {kind} by its name ({ending})"
    if suffix in STILLS:
        return f"{reason}: a picture, which `auxjepa data prepare image_folder` reads"
    if suffix in MOVING:
        return f"{reason}: a video, which `auxjepa data prepare video_folder` reads"
    if suffix in _REASON_BY_SUFFIX:
        return f"{reason}: {_REASON_BY_SUFFIX[suffix]}"
    format_suffix = None if suffix in _OTHER_SUFFIXES else _video_suffix(path)
    if format_suffix is None:
        return reason
    return f"holds a video, as .{format_suffix} files do, but has another name ({ending}): rename it"


def _video_suffix(path: Path) -> str | None:
    """Return the usual suffix of files that begin like this one, or None if they aren't videos."""
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            head = file.read(600)
    except OSError:
        return None
    for place, mark, ending in _MAGIC:
        if head[place : place + len(mark)] == mark:
            return ending
    for length, place, ending in _PACKETS:
        if head[place : place + 2 * length + 1 : length] == b"\x47\x47\x47":
            return ending
    return None
