"""Checks that names from annotations, shards and manifests stay within their root."""

from __future__ import annotations

from pathlib import Path, PurePosixPath, PureWindowsPath

from auxjepa.data.errors import UnsafePathError


def inside(root: Path, name: str, *, links: bool = False) -> Path:
    """Return the path of ``name`` below ``root``.

    Args:
        root: the folder that the name must stay in.
        name: relative, with forward slashes.
        links: whether links may lead out of the root. Links within it are always allowed, and the root itself may be a
            link.

    Raises:
        UnsafePathError: when the name is empty or absolute, steps up with ``..``, holds a NUL, or leads out of the root
            through a link.
    """
    why = unsafe(name)
    if why:
        raise UnsafePathError(root / "?", f"the name {name!r} {why}: names must stay within {root}")
    path = root / name
    if links:
        return path
    try:
        within = path.resolve().is_relative_to(root.resolve())
    except RuntimeError:
        raise UnsafePathError(path, "goes through a link that leads to itself") from None
    if not within:
        raise UnsafePathError(path, f"leads out of {root} through a link; --follow-links allows it")
    return path


def unsafe(name: str) -> str | None:
    """Return what makes a name unsafe, or None."""
    if not name or name in (".", "./"):
        return "is empty"
    if "\0" in name:
        return "holds a NUL byte"
    if PurePosixPath(name).is_absolute() or PureWindowsPath(name).drive or name.startswith("\\"):
        return "is an absolute path"
    if ".." in name.replace("\\", "/").split("/"):
        return "steps up with '..'"
    return None
