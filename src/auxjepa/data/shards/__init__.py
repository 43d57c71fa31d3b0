"""Videos and pictures in WebDataset tar shards, on this machine, over HTTP or in S3, read without extraction."""

from __future__ import annotations

from auxjepa.data.shards.errors import ShardError
from auxjepa.data.shards.placed import placed
from auxjepa.data.shards.scan import open_shards
from auxjepa.data.shards.shardset import ShardSet, index_shards
from auxjepa.data.shards.urls import expand
from auxjepa.data.shards.writer import Example, write_shards

__all__ = ["Example", "ShardError", "ShardSet", "expand", "index_shards", "open_shards", "placed", "write_shards"]
