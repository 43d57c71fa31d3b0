"""Extension of griffe: shows Sphinx roles in docstrings, such as :func:`name`, as code on the reference pages."""

from __future__ import annotations

import re
from typing import Any

import griffe

ROLE = re.compile(r":(?:attr|class|data|func|meth|mod|obj):`~?([^`]+)`")


class Roles(griffe.Extension):
    """Replaces every role in a docstring by its name in backticks."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrite the docstring of a module, class, function or attribute."""
        if obj.docstring:
            obj.docstring.value = ROLE.sub(r"`\1`", obj.docstring.value)
