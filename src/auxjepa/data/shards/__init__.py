"""Videos and pictures in WebDataset tar shards, on this machine, over HTTP or in S3, read without extraction.

How shards are addressed, downloaded, indexed, scanned, read and written belongs here. How a video is decoded belongs to
:mod:`auxjepa.data.media`, and manifests of folders belong to :mod:`auxjepa.data.manifest`.
"""

from __future__ import annotations

from auxjepa.data.shards.errors import ShardError
from auxjepa.data.shards.local_files import local_file
from auxjepa.data.shards.scan import open_shards
from auxjepa.data.shards.shardset import ShardSet, index_shards
from auxjepa.data.shards.urls import expand
from auxjepa.data.shards.writer import Example, write_shards

__all__ = ["Example", "ShardError", "ShardSet", "expand", "index_shards", "local_file", "open_shards", "write_shards"]
