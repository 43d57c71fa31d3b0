"""Video files for the checks: the same that the tests of the data use."""

from __future__ import annotations

from data.conftest import videos  # noqa: F401
