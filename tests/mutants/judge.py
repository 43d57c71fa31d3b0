"""What reading a file does, found out in a process of its own with a limit of time and memory.

``python -m mutants.judge`` reads paths from its standard input, one a line as JSON, and answers each with a line.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

SECONDS = 20
MEMORY = 256 << 20
"""Bytes more than that count as too many for a small file."""
ADDRESS_SPACE = 6 << 30
"""Bytes above which an allocation fails: high enough for what is asked for to show in the memory that is measured."""


@dataclass(frozen=True)
class Verdict:
    """What happened.

    Args:
        checked, quick, read: of ``probe(check=True)``, of ``probe()``, and of reading frames: "sound", or the class of
            the error that was raised. reason: its words. seconds: for all of it. memory: bytes, at most, above those
            of a process that does nothing. frames: hash of each frame's pixels. died: how the process ended, if badly.
    """

    checked: str = ""
    quick: str = ""
    read: str = ""
    reason: str = ""
    seconds: float = 0.0
    memory: int = 0
    frames: tuple[int, ...] = ()
    died: str = ""

    @property
    def bug(self) -> str:
        """What must never happen, in a word; else nothing."""
        wrong = [one for one in (self.checked, self.quick, self.read) if one.startswith("bug ")]
        return self.died or (wrong[0] if wrong else "")


def outcome(verdict: Verdict, sound: tuple[int, ...] | None) -> str:
    """What became of a mutant of a file with these frames (None where it was made of none).

    "reported": as an error, by the check. "same frames": all of the original's, and no others. "other frames": none of
    this, so that damage went unnoticed. Else what must never happen: "hang", "crash …", "memory", "bug …".
    """
    if verdict.bug or verdict.memory > MEMORY:
        return verdict.bug or "memory"
    if verdict.checked != "sound":
        return "reported"
    return "same frames" if verdict.frames == sound else "other frames"


def judge(paths: Iterable[Path]) -> list[Verdict]:
    """A verdict for each path, in order."""
    here = Path(__file__).parent
    asked = "".join(json.dumps(str(path)) + "\n" for path in paths)
    command = [sys.executable, "-m", f"{here.name}.judge"]
    done = subprocess.run(command, input=asked, stdout=subprocess.PIPE, text=True, cwd=here.parent, check=True)
    return [
        Verdict(**{**json.loads(line), "frames": tuple(json.loads(line)["frames"])})
        for line in done.stdout.splitlines()
    ]


def _examine(path: Path) -> Verdict:
    import zlib

    from auxjepa.data.errors import VideoError
    from auxjepa.data.media.open import open_media, probe_media

    found: dict[str, object] = {}

    def attempt(name: str, act: object) -> None:
        try:
            act()  # type: ignore[operator]
            found[name] = "sound"
        except VideoError as error:
            found[name] = type(error).__name__
            found.setdefault("reason", error.reason)
            if "\n" in str(error):
                found[name] = "bug: more than one line"
        except BaseException as error:
            found[name] = f"bug {type(error).__name__}"
            found.setdefault("reason", str(error))

    def read() -> None:
        with open_media(path) as media:
            total = media.info.frames
            some = media.read([total - 1, 0, total // 2], size=32)
            assert some.shape == (3, 32, 32, 3)
            found["frames"] = [zlib.crc32(media.read([n]).tobytes()) for n in range(min(total, 64))]

    attempt("checked", lambda: probe_media(path, check=True))
    attempt("quick", lambda: probe_media(path))
    attempt("read", read)
    return Verdict(**found)  # type: ignore[arg-type]


def _fork(path: Path | None) -> tuple[Verdict, int]:
    """The verdict of a child, and the most memory it had."""
    receive, send = os.pipe()
    begin = time.monotonic()
    child = os.fork()
    if not child:
        os.close(receive)
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
        with contextlib.suppress(BaseException), os.fdopen(send, "w") as out:
            json.dump(asdict(Verdict() if path is None else _examine(path)), out)
        os._exit(0)
    os.close(send)
    with os.fdopen(receive) as answer:
        ready = select.select([answer], [], [], SECONDS)[0]
        if not ready:
            os.kill(child, signal.SIGKILL)
        text = answer.read()
    _, status, usage = os.wait4(child, 0)
    died = "" if text else "hang" if not ready else f"crash ({os.waitstatus_to_exitcode(status)})"
    content = json.loads(text) if text else asdict(Verdict())
    content |= {"seconds": time.monotonic() - begin, "died": died}
    return Verdict(**content), usage.ru_maxrss * 1024


def _main() -> None:

    sys.stdin.reconfigure(errors="surrogateescape")  # type: ignore[union-attr]
    paths = [Path(json.loads(line)) for line in sys.stdin]
    _, idle = _fork(None)
    for path in paths:
        verdict, most = _fork(path)
        print(json.dumps(asdict(verdict) | {"memory": max(0, most - idle)}), flush=True)


if __name__ == "__main__":
    _main()
