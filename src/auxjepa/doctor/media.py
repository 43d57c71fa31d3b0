"""The FFmpeg inside PyAV: its libraries, its decoders, and real round trips through its codecs; JPEG of Pillow."""

from __future__ import annotations

import io
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from auxjepa.doctor.check import Check, Settings, reason

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
"""By format: the decoders of which one will do (FFmpeg's own for AV1 needs a GPU), and what is kept in it."""
ENCODERS: dict[str, tuple[str, str, dict[str, str]]] = {
    "libx264": ("mp4", "yuv420p", {"preset": "ultrafast"}),
    "libx265": ("mp4", "yuv420p", {"preset": "ultrafast", "x265-params": "log-level=none"}),
    "libvpx": ("webm", "yuv420p", {"deadline": "realtime", "cpu-used": "8"}),
    "libvpx-vp9": ("webm", "yuv420p", {"deadline": "realtime", "cpu-used": "8"}),
    "libsvtav1": ("mp4", "yuv420p", {"preset": "12"}),
    "mpeg4": ("avi", "yuv420p", {}),
    "mjpeg": ("avi", "yuvj420p", {}),
}
"""By encoder: container, format of pixels, options."""
NEEDED = "libx264"  # writes the synthetic world
FRAMES, SIDE = 8, 64
CLOSE = 16.0  # mean difference in brightness, of 255, that a codec at its fastest may leave
_REINSTALL = "pip install --force-reinstall --only-binary av av, whose wheels bring an FFmpeg of their own"


def ffmpeg(_: Settings) -> Iterable[Check]:
    """Versions of PyAV and of the libraries that it brings along."""
    import av

    libraries = {name: ".".join(map(str, number)) for name, number in av.library_versions.items()}
    own = getattr(av, "ffmpeg_version_info", None)
    values = {"pyav": av.__version__, "ffmpeg": own, "libraries": libraries}
    shown = ", ".join(f"{name} {libraries[name]}" for name in ("libavcodec", "libavformat", "libswscale"))
    yield Check(name="ffmpeg", state="ok", found=f"PyAV {av.__version__}, FFmpeg {own or '?'}: {shown}", values=values)


def decoders(_: Settings) -> Iterable[Check]:
    """Which formats can be read."""
    found = {
        name: next((one for one in names if has_codec(one, "r")), None) for name, (names, _kept) in DECODERS.items()
    }
    lacking = [name for name, decoder in found.items() if decoder is None]
    shown = ", ".join(f"{name} ({by})" if by != name else name for name, by in found.items() if by)
    state, advice = "ok", None
    if lacking:
        state = "fail" if "h264" in lacking else "warn"
        kept = "; ".join(f"{name}: {DECODERS[name][1]}" for name in lacking)
        shown, advice = f"no {', '.join(lacking)}; there are {shown}", f"{_REINSTALL} ({kept})"
    yield Check(name="decoders", state=state, found=shown, values={"decoders": found}, advice=advice)


def codecs(_: Settings) -> Iterable[Check]:
    """A small clip through every encoder that is here, and back through its decoder, all in memory."""
    done: dict[str, Any] = {}
    for name in ENCODERS:
        if not has_codec(name, "w"):
            done[name] = {"state": "missing"}
            continue
        try:
            begin = time.perf_counter()
            away = round_trip(name)
            took = 1000 * (time.perf_counter() - begin)
            close = away <= CLOSE
            done[name] = {"state": "ok" if close else "wrong", "difference": round(away, 2), "ms": round(took, 1)}
        except Exception as error:
            done[name] = {"state": "broken", "reason": reason(error)}
    yield judge_codecs(done)


def has_codec(name: str, way: str) -> bool:
    """Whether FFmpeg has a decoder (``r``) or an encoder (``w``) of this name."""
    import av
    from av.codec.codec import UnknownCodecError

    try:
        return av.Codec(name, "r" if way == "r" else "w").name == name
    except UnknownCodecError:
        return False


def judge_codecs(done: dict[str, Any]) -> Check:
    """What the round trips mean: the world needs its encoder, and what is here should work."""
    bad = [name for name, one in done.items() if one["state"] in ("wrong", "broken")]
    missing = [name for name, one in done.items() if one["state"] == "missing"]
    there = ", ".join(f"{name} {one['ms']:.0f} ms" for name, one in done.items() if one["state"] == "ok")
    state, advice = "ok", None
    if NEEDED in bad + missing:
        state, advice = "fail", f"the synthetic world can't be written without {NEEDED}: {_REINSTALL}"
    elif bad:
        state, advice = "warn", _REINSTALL
    found = f"{FRAMES} frames there and back: {there or 'none'}"
    for name in bad:
        one = done[name]
        found += f"; {name}: {one.get('reason') or 'pictures differ by {}'.format(one['difference'])}"
    found += f"; not here: {', '.join(missing)}" if missing else ""
    return Check(name="codecs", state=state, found=found, values={"codecs": done}, advice=advice)


def round_trip(encoder: str) -> float:
    """Mean difference in brightness (of 255) between a clip and what came back of it.

    Raises:
        ValueError: when not as many frames come back.
        FFmpegError: when it can't be done at all.
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
        seen = [frame.to_ndarray(format="gray") for frame in back.decode(video=0)]
    if len(seen) != FRAMES:
        raise ValueError(f"{FRAMES} frames went in, {len(seen)} came back")
    return float(np.abs(np.stack(seen).astype(float) - clip).mean())


def moving_bar() -> np.ndarray:
    """A bright bar that moves over a soft slope, uint8 ``[F X Y]``."""
    import numpy as np

    column = np.arange(SIDE)
    bar = np.abs(column[None] - 8 - 6 * np.arange(FRAMES)[:, None]) < 6
    row = np.where(bar, 200, 40 + column[None]).astype(np.uint8)
    return np.repeat(row[:, None], SIDE, axis=1)


def pictures(_: Settings) -> Iterable[Check]:
    """JPEG in Pillow: caches of larger frames and image data sets need it."""
    import numpy as np
    import PIL
    from PIL import features

    from auxjepa.data.cache import jpeg

    clip = np.repeat(moving_bar()[..., None], 3, axis=-1)
    back = jpeg.decode(jpeg.encode(clip), np.empty_like(clip))
    away = float(np.abs(back.astype(float) - clip).mean())
    turbo = bool(features.check_feature("libjpeg_turbo"))
    state, advice = ("ok", None) if away <= CLOSE else ("fail", "pip install --force-reinstall pillow")
    if state == "ok" and not turbo:
        state, advice = "warn", "JPEG is read several times slower without libjpeg-turbo: pip install pillow's wheel"
    values = {"pillow": PIL.__version__, "libjpeg_turbo": turbo, "difference": round(away, 2)}
    found = f"Pillow {PIL.__version__}, JPEG by libjpeg{'-turbo' * turbo}, {away:.1f} of 255 off after a round trip"
    yield Check(name="pictures", state=state, found=found, values=values, advice=advice)
