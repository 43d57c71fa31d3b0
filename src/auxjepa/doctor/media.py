"""Checks of the FFmpeg in PyAV (libraries, decoders, round trips through codecs) and of JPEG in Pillow."""

from __future__ import annotations

import io
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from auxjepa.doctor.check import Check, Settings
from auxjepa.plugins import reason

if TYPE_CHECKING:
    import numpy as np

DECODERS: dict[str, tuple[tuple[str, ...], str]] = {
    "h264": (("h264",), "most videos, the synthetic world"),
    "hevc": (("hevc",), "videos of phones"),
    "vp8": (("vp8", "libvpx"), "WebM"),
    "vp9": (("vp9", "libvpx-vp9"), "WebM, Something-Something V2"),
    "av1": (("libdav1d", "libaom-av1"), "recent downloads"),
    "mpeg4": (("mpeg4",), "AVI, UCF-101 and HMDB-51"),
    "mjpeg": (("mjpeg",), "cameras"),
}
"""By format: decoders of which one is enough (FFmpeg's AV1 decoder needs a GPU), and where the format is used."""
ENCODERS: dict[str, tuple[str, str, dict[str, str]]] = {
    "libx264": ("mp4", "yuv420p", {"preset": "ultrafast"}),
    "libx265": ("mp4", "yuv420p", {"preset": "ultrafast", "x265-params": "log-level=none"}),
    "libvpx": ("webm", "yuv420p", {"deadline": "realtime", "cpu-used": "8"}),
    "libvpx-vp9": ("webm", "yuv420p", {"deadline": "realtime", "cpu-used": "8"}),
    "libsvtav1": ("mp4", "yuv420p", {"preset": "12"}),
    "mpeg4": ("avi", "yuv420p", {}),
    "mjpeg": ("avi", "yuvj420p", {}),
}
"""By encoder: container, pixel format, options."""
NEEDED = "libx264"  # writes the synthetic world
FRAMES, SIDE = 8, 64
CLOSE = 16.0  # largest mean difference in brightness (of 255) after a fast codec
_REINSTALL = "pip install --force-reinstall --only-binary av av, whose wheels contain FFmpeg"


def ffmpeg(_: Settings) -> Iterable[Check]:
    """Yield the check of the versions of PyAV and its libraries."""
    import av

    libraries = {name: ".".join(map(str, number)) for name, number in av.library_versions.items()}
    version = getattr(av, "ffmpeg_version_info", None)
    values = {"pyav": av.__version__, "ffmpeg": version, "libraries": libraries}
    shown = ", ".join(f"{name} {libraries[name]}" for name in ("libavcodec", "libavformat", "libswscale"))
    yield Check(
        name="ffmpeg", state="ok", found=f"PyAV {av.__version__}, FFmpeg {version or '?'}: {shown}", values=values
    )


def decoders(_: Settings) -> Iterable[Check]:
    """Yield the check of the formats that can be read."""
    available = {
        name: next((codec for codec in names if has_codec(codec, "r")), None)
        for name, (names, _use) in DECODERS.items()
    }
    missing = [name for name, decoder in available.items() if decoder is None]
    shown = ", ".join(f"{name} ({by})" if by != name else name for name, by in available.items() if by)
    state, advice = "ok", None
    if missing:
        state = "fail" if "h264" in missing else "warn"
        uses = "; ".join(f"{name}: {DECODERS[name][1]}" for name in missing)
        shown, advice = f"no {', '.join(missing)}; there are {shown}", f"{_REINSTALL} ({uses})"
    yield Check(name="decoders", state=state, found=shown, values={"decoders": available}, advice=advice)


def codecs(_: Settings) -> Iterable[Check]:
    """Yield the check of a small clip that is encoded and decoded in memory with every available encoder."""
    results: dict[str, Any] = {}
    for name in ENCODERS:
        if not has_codec(name, "w"):
            results[name] = {"state": "missing"}
            continue
        try:
            begin = time.perf_counter()
            difference = round_trip(name)
            milliseconds = 1000 * (time.perf_counter() - begin)
            close = difference <= CLOSE
            results[name] = {
                "state": "ok" if close else "wrong",
                "difference": round(difference, 2),
                "ms": round(milliseconds, 1),
            }
        except Exception as error:
            results[name] = {"state": "broken", "reason": reason(error)}
    yield judge_codecs(results)


def has_codec(name: str, way: str) -> bool:
    """Check whether FFmpeg has a decoder (``r``) or an encoder (``w``) with this name."""
    import av
    from av.codec.codec import UnknownCodecError

    try:
        return av.Codec(name, "r" if way == "r" else "w").name == name
    except UnknownCodecError:
        return False


def judge_codecs(results: dict[str, Any]) -> Check:
    """Return the check of the round trips: the synthetic world needs its encoder, and available codecs should work."""
    bad = [name for name, result in results.items() if result["state"] in ("wrong", "broken")]
    missing = [name for name, result in results.items() if result["state"] == "missing"]
    good = ", ".join(f"{name} {r['ms']:.0f} ms" for name, r in results.items() if r["state"] == "ok")
    state, advice = "ok", None
    if NEEDED in bad + missing:
        state, advice = "fail", f"the synthetic world can't be written without {NEEDED}: {_REINSTALL}"
    elif bad:
        state, advice = "warn", _REINSTALL
    found = f"{FRAMES} frames encoded and decoded: {good or 'none'}"
    for name in bad:
        result = results[name]
        found += f"; {name}: {result.get('reason') or 'pictures differ by {}'.format(result['difference'])}"
    found += f"; not available: {', '.join(missing)}" if missing else ""
    return Check(name="codecs", state=state, found=found, values={"codecs": results}, advice=advice)


def round_trip(encoder: str) -> float:
    """Return the mean difference in brightness (of 255) between a clip and its decoded copy.

    Args:
        encoder: a key of ENCODERS.

    Raises:
        ValueError: if the number of frames differs.
        FFmpegError: if encoding or decoding fails.
    """
    import av
    import numpy as np

    container_format, pixels, options = ENCODERS[encoder]
    clip, file = moving_bar(), io.BytesIO()
    with av.open(file, "w", format=container_format) as out:
        stream: Any = out.add_stream(encoder, rate=8, options=options)
        stream.height, stream.width, stream.pix_fmt = SIDE, SIDE, pixels
        stream.codec_context.thread_count = 1
        for picture in clip:
            frame = av.VideoFrame.from_ndarray(np.repeat(picture[..., None], 3, -1), format="rgb24")
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    file.seek(0)
    with av.open(file, "r") as back:
        frames = [frame.to_ndarray(format="gray") for frame in back.decode(video=0)]
    if len(frames) != FRAMES:
        raise ValueError(f"{FRAMES} frames were encoded, {len(frames)} were decoded")
    return float(np.abs(np.stack(frames).astype(float) - clip).mean())


def moving_bar() -> np.ndarray:
    """Return a clip of a bright bar that moves over a gradient, uint8 ``F X Y``."""
    import numpy as np

    column = np.arange(SIDE)
    bar = np.abs(column[None] - 8 - 6 * np.arange(FRAMES)[:, None]) < 6
    row = np.where(bar, 200, 40 + column[None]).astype(np.uint8)
    return np.repeat(row[:, None], SIDE, axis=1)


def pictures(_: Settings) -> Iterable[Check]:
    """Yield the check of JPEG in Pillow, which caches of larger frames and image data sets need."""
    import numpy as np
    import PIL
    from PIL import features

    from auxjepa.data.cache import jpeg

    clip = np.repeat(moving_bar()[..., None], 3, axis=-1)
    back = jpeg.decode(jpeg.encode(clip), np.empty_like(clip))
    difference = float(np.abs(back.astype(float) - clip).mean())
    turbo = bool(features.check_feature("libjpeg_turbo"))
    state, advice = ("ok", None) if difference <= CLOSE else ("fail", "pip install --force-reinstall pillow")
    if state == "ok" and not turbo:
        state, advice = "warn", "JPEG is read several times slower without libjpeg-turbo: pip install pillow's wheel"
    values = {"pillow": PIL.__version__, "libjpeg_turbo": turbo, "difference": round(difference, 2)}
    library = "libjpeg-turbo" if turbo else "libjpeg"
    found = f"Pillow {PIL.__version__}, JPEG by {library}, {difference:.1f} of 255 off after decoding"
    yield Check(name="pictures", state=state, found=found, values=values, advice=advice)
