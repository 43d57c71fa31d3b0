"""Work that kills its process; workers import it from here."""

from __future__ import annotations

import os
import signal
from pathlib import Path


def die(place: str) -> str:
    """The file's name; "unlucky" kills this process the first time it is asked for, "deadly" always."""
    path = Path(place)
    if path.name == "deadly" or (path.name == "unlucky" and not path.exists()):
        path.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return path.name
