"""The form as frozen values: sheets, columns, code lists, indicators, printed tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from pipeline.text import fold


@dataclass(frozen=True)
class Code:
    """One item of a drop-down: `code` in the tables, `label` on paper."""

    list: str
    code: str
    label: str
    aliases: tuple[str, ...]
    order: int


@dataclass(frozen=True)
class Column:
    """One column of a sheet, or one line of Thông tin."""

    sheet: str
    key: str
    header: str
    type: str
    list: str
    required: bool
    required_if: str
    aliases: tuple[str, ...]
    width: int
    help: str
    example: str


@dataclass(frozen=True)
class Sheet:
    """One sheet of the standard workbook."""

    key: str
    name: str
    profiles: tuple[str, ...]
    grain: str
    required: bool
    title: str
    hint: str
    columns: tuple[Column, ...]

    @cached_property
    def by_key(self) -> dict[str, Column]:
        """Return the columns by key."""
        return {column.key: column for column in self.columns}

    @cached_property
    def by_header(self) -> dict[str, str]:
        """Return the column key of every folded header and alias."""
        return {fold(name): column.key for column in self.columns for name in (column.header, *column.aliases)}


@dataclass(frozen=True)
class Indicator:
    """One figure: its definition is DESIGN §4."""

    key: str
    label: str
    unit: str
    group: str
    parent: str
    relation: str
    born: str
    additive: bool
    definition: str


@dataclass(frozen=True)
class TableColumn:
    """One column of a printed table; `header` parts are joined by " > " from the top."""

    table: str
    indicator: str
    header: tuple[str, ...]
    unit: str


@dataclass(frozen=True)
class Form:
    """The whole form."""

    sheets: tuple[Sheet, ...]
    lists: dict[str, tuple[Code, ...]]
    indicators: tuple[Indicator, ...]
    tables: dict[str, tuple[TableColumn, ...]] = field(default_factory=dict)

    @cached_property
    def sheet(self) -> dict[str, Sheet]:
        """Return the sheets by key."""
        return {sheet.key: sheet for sheet in self.sheets}

    @cached_property
    def indicator(self) -> dict[str, Indicator]:
        """Return the indicators by key."""
        return {indicator.key: indicator for indicator in self.indicators}

    def data_sheets(self, profile: str) -> tuple[Sheet, ...]:
        """Return the sheets of a profile ("hamlet" or "commune") that hold rows."""
        return tuple(s for s in self.sheets if profile in s.profiles and s.columns and s.key != "info")

    def codes(self, list_name: str) -> tuple[str, ...]:
        """Return the codes of a list in their order."""
        return tuple(code.code for code in self.lists[list_name])

    def partitions(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield (parent, children) of every breakdown whose children sum to the parent."""
        groups: dict[tuple[str, str], list[str]] = {}
        for indicator in self.indicators:
            if indicator.relation == "chia_ra":
                groups.setdefault((indicator.parent, indicator.group), []).append(indicator.key)
        for (parent, _), children in groups.items():
            yield parent, tuple(children)

    def parts(self) -> Iterator[tuple[str, str]]:
        """Yield (parent, part) of every "trong đó" figure."""
        for indicator in self.indicators:
            if indicator.relation == "trong_do":
                yield indicator.parent, indicator.key
