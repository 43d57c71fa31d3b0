"""``python -m speed [NAME …]``: every speed benchmark of this folder, or those named, one process each."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def main(argv: list[str]) -> int:
    """Run them in alphabetic order; returns how many failed."""
    known = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_"))
    unknown = [name for name in argv if name not in known]
    if unknown:
        print(f"no benchmark {unknown[0]!r} (known: {', '.join(known)})", file=sys.stderr)
        return 2
    failed = 0
    for name in argv or known:
        print(f"\n== {name}", flush=True)
        failed += subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
