"""What a start writes into a folder, taken away again when the start is refused."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from auxjepa.config import ConfigError


class Start:
    """A start in a folder: until it is kept, an error takes away what it has written there.

    So a command that was refused leaves a folder as it was, and the corrected command can use it.

    Args:
        folder: that the start writes to; it needn't exist.
        names: of the files and folders that it writes there. What is there already is left alone.
    """

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self._new = [folder / name for name in names if not os.path.lexists(folder / name)]
        self._made = [path for path in (folder, *folder.parents) if not path.exists()]

    @contextlib.contextmanager
    def withdrawn_on_error(self) -> Iterator[None]:
        """Takes everything away when the block raises; not when it is interrupted, as the same command resumes then."""
        try:
            yield
        except Exception:
            self._withdraw()
            raise

    def keep(self) -> None:
        """From now on, everything stays."""
        self._new, self._made = [], []

    def _withdraw(self) -> None:
        for path in self._new:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                with contextlib.suppress(OSError):
                    path.unlink()
        with contextlib.suppress(OSError):  # something else is in one of them
            for path in self._made:
                path.rmdir()


def existing_parent(path: Path) -> Path:
    """The path, or the nearest folder above it that exists."""
    return next((one for one in (path.absolute(), *path.absolute().parents) if one.exists()), Path("/"))


def check_folder(path: Path, flag: str) -> None:
    """Nothing, if a command can write into a folder, which needn't exist yet. Nothing is made.

    Args:
        path: of the folder.
        flag: that named it, for the message.

    Raises:
        ConfigError: when it is a file, lies below one, or can't be written to.
    """
    _check(path, flag)
    above = existing_parent(path)
    if not above.is_dir():
        where = "" if above == path.absolute() else f": {above}"
        raise ConfigError(f"{flag} {path}{where} is a file: name a folder")
    if not os.access(above, os.W_OK | os.X_OK):
        raise ConfigError(f"{flag} {path}: no permission to write into {above}")


def check_file(path: Path | None, flag: str) -> None:
    """Nothing, if a command can write a file (None: no file is asked for). Nothing is made.

    Raises:
        ConfigError: when it is a folder, or can't be written.
    """
    if path is None:
        return
    _check(path, flag)
    if path.is_dir():
        raise ConfigError(f"{flag} {path} is a folder: name a file")
    check_folder(path.parent, flag)


def _check(path: Path, flag: str) -> None:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return
    except (ValueError, OSError) as error:  # a null byte, a name that is too long, a loop of links, no permission
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigError(f"{flag} {str(path)[:80]!r} is no usable path: {why}") from None
