"""The first files of a command in a folder, which are removed if the command is refused."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from auxjepa.config import ConfigError


class Start:
    """The start of a command in a folder: until it is kept, an error removes the files that the command has written.

    A refused command therefore doesn't change the folder, and the corrected command can use it.

    Args:
        folder: folder that the command writes to; it may not exist yet.
        names: names of the files and folders that the command writes there. Existing ones are never removed.
    """

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self._new = [folder / name for name in names if not os.path.lexists(folder / name)]
        self._made = [path for path in (folder, *folder.parents) if not path.exists()]

    @contextlib.contextmanager
    def withdrawn_on_error(self) -> Iterator[None]:
        """Remove the written files if the block raises, but not if it is interrupted: the command can then resume."""
        try:
            yield
        except Exception:
            self._withdraw()
            raise

    def keep(self) -> None:
        """Keep all files from now on."""
        self._new, self._made = [], []

    def _withdraw(self) -> None:
        for path in self._new:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                with contextlib.suppress(OSError):
                    path.unlink()
        with contextlib.suppress(OSError):  # one of them contains other files
            for path in self._made:
                path.rmdir()


def existing_parent(path: Path) -> Path:
    """Return the path if it exists, else the nearest parent folder that exists."""
    return next((each for each in (path.absolute(), *path.absolute().parents) if each.exists()), Path("/"))


def check_folder(path: Path, flag: str) -> None:
    """Check that a command can write into a folder, which may not exist yet. Nothing is created.

    Args:
        path: path of the folder.
        flag: flag with this path, for the message.

    Raises:
        ConfigError: if it is a file, has a file as a parent, or can't be written to.
    """
    _check(path, flag)
    above = existing_parent(path)
    if not above.is_dir():
        where = "" if above == path.absolute() else f": {above}"
        raise ConfigError(f"{flag} {path}{where} is a file: name a folder")
    if not os.access(above, os.W_OK | os.X_OK):
        raise ConfigError(f"{flag} {path}: no permission to write into {above}")


def check_file(path: Path | None, flag: str) -> None:
    """Check that a command can write a file. Nothing is created.

    Args:
        path: path of the file; None if the command writes none.
        flag: flag with this path, for the message.

    Raises:
        ConfigError: if it is a folder, or can't be written.
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
