"""Codes as pandas categories: the shape in which Great Expectations judges them fastest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from pipeline.tidy.columns import Array


def as_category(positions: Array, names: Sequence[str]) -> pd.Categorical[Any]:
    """Return positions in `names` as a categorical column; -1 is null."""
    return pd.Categorical.from_codes(positions, categories=pd.Index(list(names), dtype=object))


def as_mark(flags: Array, word: str = "yes") -> pd.Categorical[Any]:
    """Return flags as the one category `word`, null where not set."""
    return as_category(flags.astype("int8") - 1, (word,))
