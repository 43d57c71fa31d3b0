"""``auxjepa study watch``: shows a running study in the browser."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from auxjepa.cli.flags import UsageError, parse
from auxjepa.config import Typed


class Watch(Typed):
    """Show a study in the browser while it runs: its report, on this machine only. Nothing is written."""

    folder: Path = Field(description="study folder")
    port: int = Field(default=0, ge=0, le=65_535, description="port on 127.0.0.1; a free one when 0")
    every: float = Field(default=10.0, ge=1, le=86_400, description="seconds between two refreshes of the page")


def main(argv: list[str]) -> None:
    """Run the command until it is interrupted."""
    args = parse(Watch, argv, "auxjepa study watch", ("folder",))
    from auxjepa.cli.report import STUDY
    from auxjepa.console import printable
    from auxjepa.report.live_server import LiveServer

    if not args.folder.is_dir():
        raise FileNotFoundError(f"{args.folder}: no such study folder")
    if not any((args.folder / name).exists() for name in STUDY):
        raise UsageError(f"{args.folder}: no study here (expected {', '.join(STUDY[:-1])} or {STUDY[-1]})")
    with LiveServer(args.folder, args.port, args.every) as server:
        print(printable(f"{server.address} shows {args.folder} (Ctrl-C stops)"), flush=True)
        try:
            server.serve_forever(poll_interval=0.2)
        except KeyboardInterrupt:
            print("\nstopped; the study is unchanged", flush=True)
