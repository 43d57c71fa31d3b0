"""Generate the pages and pictures in ``docs``: ``python -m docs.build`` runs every ``build_*.py`` below this folder.

``python -m docs.build map sets`` runs only ``build_map.py`` and ``build_sets.py``.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def scripts() -> dict[str, Path]:
    """Return the path of every build script by its short name, ``map`` for ``build_map.py``."""
    paths = sorted((ROOT / "docs").rglob("build_*.py"))
    return {path.stem.removeprefix("build_"): path for path in paths}


def main(names: Sequence[str]) -> int:
    """Run the scripts one after the other.

    Args:
        names: short names of scripts; all scripts if empty.

    Returns:
        the number of scripts that failed, or 2 if a name is unknown.
    """
    paths = scripts()
    unknown = [name for name in names if name not in paths]
    if unknown:
        print(f"no build script {unknown[0]!r} (choose from: {', '.join(paths)})", file=sys.stderr)
        return 2
    failures = 0
    for name in names or paths:
        module = ".".join(paths[name].relative_to(ROOT).with_suffix("").parts)
        print(module, flush=True)
        failures += subprocess.run([sys.executable, "-m", module], cwd=ROOT, check=False).returncode != 0
    return failures


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
