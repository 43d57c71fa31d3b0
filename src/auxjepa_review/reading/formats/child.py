"""Child process that reads one file and writes JSON (:func:`auxjepa_review.reading.limits.read_confined`).

A hostile file can end this process, but not the review. Usage: python -m auxjepa_review.reading.formats.child KIND FILE
BOUNDS
"""

from __future__ import annotations

import dataclasses
import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from auxjepa.processes.child import open_answers


def main() -> None:
    """Read the file within bounds, and write its content, or the reason of the refusal, to standard output.

    Output of libraries goes to standard error instead.
    """
    kind, path, bounds = sys.argv[1], Path(sys.argv[2]), json.loads(sys.argv[3])
    answers = open_answers()
    reader = import_module(f"auxjepa_review.reading.formats.{kind}")
    _set_limits(bounds)
    json.dump(_read(reader, path, kind, bounds), answers)
    answers.flush()


def _read(reader: Any, path: Path, kind: str, bounds: dict[str, int]) -> dict[str, Any]:
    try:
        raw = reader.read(path, bounds["pages"]) if kind == "pdf" else reader.read(path.read_bytes())
    except MemoryError:
        return {"refused": f"needs more than {bounds['memory'] >> 20} MiB of memory to be read"}
    except ImportError as error:
        return {"refused": f"needs {error.name}: pip install 'auxjepa[review]'"}
    except RecursionError:
        return {"refused": "nested too deeply"}
    except (ValueError, OSError, ArithmeticError, LookupError) as error:
        return {"refused": " ".join(str(error).split())[:200] or type(error).__name__}
    if (length := sum(map(len, raw.pages))) > bounds["characters"]:
        return {"refused": f"holds {length} characters, at most {bounds['characters']} are read"}
    return dataclasses.asdict(raw)


def _set_limits(bounds: dict[str, int]) -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits; the parent's timeout still holds
        return
    for what, most in ((resource.RLIMIT_AS, bounds["memory"]), (resource.RLIMIT_CPU, bounds["cpu_seconds"])):
        hard = resource.getrlimit(what)[1]
        soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (soft, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # it writes to a pipe only


if __name__ == "__main__":
    main()
