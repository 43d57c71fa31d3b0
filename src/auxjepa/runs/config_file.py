"""``config.yaml`` of a run folder: a line with the content hash, then the configuration of the run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from auxjepa.config import ConfigError, RunConfig, read_yaml, to_yaml
from auxjepa.files import write_text
from auxjepa.sealed import first_line

FILE = "config.yaml"
_HASH_LINE = "# content hash "


@dataclass(frozen=True)
class ConfigFile:
    """The content of the file.

    Args:
        config: the configuration; None if it can't be read.
        written_hash: the hash in the first line; '' without one.
        damage: what is wrong with the file; '' if nothing is.
    """

    config: RunConfig | None
    written_hash: str
    damage: str

    def names(self, content_hash: str) -> bool:
        """Check whether the content or the first line of the file has this hash."""
        return content_hash in (self.written_hash, self.config.content_hash() if self.config else None)


def write_config(folder: Path, config: RunConfig) -> None:
    """Write ``config.yaml`` of a run."""
    write_text(folder / FILE, f"{_HASH_LINE}{config.content_hash()}\n{to_yaml(config)}", durable=True)


def read_config(folder: Path) -> ConfigFile | None:
    """Read ``config.yaml`` of a run folder; return None if there is none."""
    path = folder / FILE
    if not path.exists():
        return None
    written_hash = ""
    try:
        with path.open(encoding="utf-8") as file:
            first = file.readline(1000).strip()
        written_hash = first.removeprefix(_HASH_LINE) if first.startswith(_HASH_LINE) else ""
        config = RunConfig.model_validate(read_yaml(path))
    except ValidationError as error:
        return ConfigFile(None, written_hash, f"damaged, or of another version of auxjepa ({first_line(error)})")
    except ConfigError as error:
        return ConfigFile(None, written_hash, str(error).removeprefix(f"{path}: "))
    except (OSError, ValueError) as error:
        return ConfigFile(None, written_hash, " ".join(str(error).split())[:200])
    damaged = bool(written_hash) and written_hash != config.content_hash()
    damage = "damaged or edited: its content doesn't have the hash in its first line" if damaged else ""
    return ConfigFile(config, written_hash, damage)
