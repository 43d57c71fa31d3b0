"""``config.yaml`` of a run folder: the run's configuration below a line with its content hash."""

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
    """What the file says.

    Args:
        config: None where it can't be read.
        noted: the hash in the first line, '' without one.
        damage: what is wrong with the file, '' where nothing is.
    """

    config: RunConfig | None
    noted: str
    damage: str

    def names(self, content_hash: str) -> bool:
        """Whether the file is of this run, by its content or by its first line."""
        return content_hash in (self.noted, self.config.content_hash() if self.config else None)


def write_config(folder: Path, config: RunConfig) -> None:
    """Write ``config.yaml`` of a run."""
    write_text(folder / FILE, f"{_HASH_LINE}{config.content_hash()}\n{to_yaml(config)}", durable=True)


def read_config(folder: Path) -> ConfigFile | None:
    """``config.yaml`` of a run folder; None where there is none."""
    path = folder / FILE
    if not path.exists():
        return None
    noted = ""
    try:
        with path.open(encoding="utf-8") as file:
            first = file.readline(1000).strip()
        noted = first.removeprefix(_HASH_LINE) if first.startswith(_HASH_LINE) else ""
        config = RunConfig.model_validate(read_yaml(path))
    except ValidationError as error:
        return ConfigFile(None, noted, f"damaged, or of another version of auxjepa ({first_line(error)})")
    except ConfigError as error:
        return ConfigFile(None, noted, str(error).removeprefix(f"{path}: "))
    except (OSError, ValueError) as error:
        return ConfigFile(None, noted, " ".join(str(error).split())[:200])
    if noted and noted != config.content_hash():
        return ConfigFile(config, noted, "damaged or edited: its content doesn't have the hash in its first line")
    return ConfigFile(config, noted, "")
