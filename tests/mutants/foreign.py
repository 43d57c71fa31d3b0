"""What isn't a video at all: other files under a video's name, play lists, and things that aren't regular files."""

from __future__ import annotations

import io
import os
import socket
import struct
import zipfile
import zlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image


def _picture(form: str) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.arange(64 * 64 * 3, dtype=np.uint8).reshape(64, 64, 3)).save(buffer, form)
    return buffer.getvalue()


def _png_bomb(side: int) -> bytes:
    """A small picture file that says it is ``side`` pixels wide and high."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(1 << 20))) + chunk(b"IEND", b"")


def _zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("clip.mp4", bytes(1 << 20))
    return buffer.getvalue()


def _sound() -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp3") as container:
        stream = container.add_stream("mp3", rate=44100, layout="mono")
        for number in range(20):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1152), np.float32), format="fltp", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = 44100, 1152 * number, Fraction(1, 44100)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return buffer.getvalue()


_PAGE = b"<!DOCTYPE html><html><head><title>404 Not Found</title></head><body>Not Found</body></html>\n"
_SUBTITLES = b"1\n00:00:00,000 --> 00:00:02,000\nHello\n\n2\n00:00:03,000 --> 00:00:04,000\nthere\n"
_SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="90000" height="90000"></svg>'

# Name, base whose bytes it has, otherwise what it contains.
FOREIGN: list[tuple[str, str | None, Callable[[], bytes]]] = [
    ("picture.mp4", None, lambda: _picture("PNG")),
    ("photo.avi", None, lambda: _picture("JPEG")),
    ("bitmap.mkv", None, lambda: _picture("BMP")),
    ("archive.mp4", None, _zip),
    ("page.mp4", None, lambda: _PAGE),
    ("page.webm", None, lambda: _PAGE * 500),
    ("text.mov", None, lambda: b"this is no video\n" * 100),
    ("sound.mp4", None, _sound),
    ("subtitles.mkv", None, lambda: _SUBTITLES),
    ("vector.mp4", None, lambda: _SVG),
    ("program.mp4", None, lambda: b"\x7fELF" + bytes(range(256)) * 100),
    ("noise.ts", None, lambda: np.random.default_rng(0).bytes(100_000)),
    ("zeros.mpg", None, lambda: bytes(100_000)),
    ("ones.avi", None, lambda: b"\xff" * 100_000),
    ("one_byte.mp4", None, lambda: b"\0"),
    ("empty.mp4", None, lambda: b""),
    ("pretends.mp4", None, lambda: b"\0\0\0\x18ftypisom" + bytes(100)),
    ("pixels.mp4", None, lambda: _png_bomb(60_000)),
    ("bomb_60000.png", None, lambda: _png_bomb(60_000)),
    ("bomb_13000.png", None, lambda: _png_bomb(13_000)),
    ("video.png", "h264.mp4", bytes),
    ("mp4_called.webm", "h264.mp4", bytes),
    ("mp4_called.avi", "h264.mp4", bytes),
    ("webm_called.mp4", "vp9.webm", bytes),
    ("ts_called.mp4", "mpeg2.ts", bytes),
    ("avi_called.mkv", "mpeg4.avi", bytes),
]


def _text(words: str) -> Callable[[Path], object]:
    return lambda path: path.write_text(words.replace("HERE", str(path.parent)).replace("SELF", path.name))


_M3U8 = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{}\n#EXT-X-ENDLIST\n"
_MASTER = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{}\n"
_DASH = (
    '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" profiles="x"><Period>'
    '<AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>sound/h264.mp4</BaseURL>'
    "</Representation></AdaptationSet></Period></MPD>"
)

REFERENCES: list[tuple[str, Callable[[Path], object]]] = [
    ("list_of_a_file.mp4", _text(_M3U8.format("sound/h264.mp4"))),
    ("list_of_a_file.ts", _text(_M3U8.format("HERE/sound/h264.mp4"))),
    ("list_of_a_url.mp4", _text(_M3U8.format("http://127.0.0.1:9/secret.mp4"))),
    ("list_of_passwords.mp4", _text(_M3U8.format("file:///etc/passwd"))),
    ("list_of_itself.mp4", _text(_MASTER.format("SELF"))),
    ("script_of_a_file.mp4", _text("ffconcat version 1.0\nfile sound/h264.mp4\n")),
    ("script_of_itself.mkv", _text("ffconcat version 1.0\nfile SELF\n")),
    ("script_of_100000.avi", _text("ffconcat version 1.0\n" + "file sound/h264.mp4\n" * 100_000)),
    ("dash.mp4", _text(_DASH)),
    ("session.mp4", _text("v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 33\n")),
    ("stream.asf", _text("[Reference]\nRef1=http://127.0.0.1:9/x.asf\n")),
    ("pictures_%03d.mp4", _text("no picture")),
    ("concat:sound.mp4", _text("concat:sound/h264.mp4|sound/h264.mp4")),
]


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        here = os.open(path.parent, os.O_RDONLY)
        try:
            one.bind(f"/proc/self/fd/{here}/{path.name}")  # the name of a socket has 107 bytes at most
        finally:
            os.close(here)


def _unreadable(path: Path) -> None:
    path.write_bytes(bytes(100))
    path.chmod(0)


SPECIAL: list[tuple[str, Callable[[Path], object]]] = [
    ("folder.mp4", Path.mkdir),
    ("pipe.mp4", os.mkfifo),
    ("pipe.png", os.mkfifo),
    ("to_a_pipe.mp4", lambda path: (os.mkfifo(path.with_name("target")), path.symlink_to("target"))),
    ("zeros_for_ever.mp4", lambda path: path.symlink_to("/dev/zero")),
    ("standard_input.mp4", lambda path: path.symlink_to("/dev/stdin")),
    ("memory.mp4", lambda path: path.symlink_to("/proc/self/mem")),
    ("socket.mp4", _socket),
    ("to_nothing.mp4", lambda path: path.symlink_to("nothing")),
    ("to_itself.mp4", lambda path: path.symlink_to(path.name)),
    ("unreadable.mp4", _unreadable),
    ("missing.mp4", lambda path: None),
]
