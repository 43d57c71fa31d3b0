"""Run the speed scripts of this folder, or the named ones, each in a separate process: ``python -m speed [NAME …]``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def main(argv: list[str]) -> int:
    """Run the scripts in alphabetic order, and return the number of failed ones.

    Args:
        argv: names of the scripts; all if empty.
    """
    scripts = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_"))
    unknown = [name for name in argv if name not in scripts]
    if unknown:
        print(f"no speed script is called {unknown[0]!r} (available: {', '.join(scripts)})", file=sys.stderr)
        return 2
    failed = 0
    for name in argv or scripts:
        print(f"\n== {name}", flush=True)
        failed += subprocess.run([sys.executable, "-m", f"speed.{name}"], check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
