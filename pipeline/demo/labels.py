"""Say codes the way staff choose them: by the Vietnamese labels of the drop-downs."""

from __future__ import annotations

from functools import lru_cache

from pipeline.form import load_form


@lru_cache(maxsize=1024)
def label(list_name: str, code: str) -> str:
    """Return the drop-down label of a code.

    Raises KeyError for a code that the list does not have.
    """
    return {item.code: item.label for item in load_form().lists[list_name]}[code]
