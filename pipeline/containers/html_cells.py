"""Html cells: what one cell of a web page says beside its text: its number, its format, its font, whether it is struck through."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import isfinite
from typing import NamedTuple

from pipeline.containers.sheet import cut, from_serial, is_date_format
from pipeline.raw import Cell

Attributes = Mapping[str, str]

_CLASS = re.compile(r"(?:t[dh])?\.([\w-]+)\Z", re.IGNORECASE)
_FORMAT = re.compile(r"mso-number-format\s*:\s*(\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|[^;]*)", re.IGNORECASE)
_FONT = re.compile(r"font-family\s*:\s*[\"']?([^;,\"']+)", re.IGNORECASE)
_STRUCK = re.compile(r"text-(?:decoration|line-through)[\w-]*\s*:[^;]*line-through", re.IGNORECASE)
_HIDDEN = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*collapse)", re.IGNORECASE)
_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{4,6})\s?|(.))", re.DOTALL)
_DIGITS = re.compile(r"\s*([0-9]{1,9})")
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_LONGEST_RULES = 10_000
BREAK = "\x0b"
"""Stands for a line break until a cell's text is whole: other white space of a page is one blank."""


class Style(NamedTuple):
    """What a page's style sheet and a cell's own attributes give."""

    format: str = ""
    font: str = ""
    struck: bool = False


class PageStyles:
    """The rules of a page that matter here, by class."""

    def __init__(self, sheet: str, date1904: bool) -> None:
        self.date1904 = date1904
        self._plain = Style()
        self._classes: dict[str, Style] = {}
        self._known: dict[tuple[str, str], Style] = {}
        for block in sheet.split("}"):
            selectors, _, rules = block.partition("{")
            for selector in selectors.replace("<!--", ">").replace("*/", ">").rsplit(">", 1)[-1].split(","):
                name = _CLASS.match(selector.strip())
                if name:
                    self._classes[name[1].lower()] = _join(self._classes.get(name[1].lower(), Style()), rules)
                elif selector.strip().lower() in ("td", "th", "table", "body"):
                    self._plain = _join(self._plain, rules)

    def of(self, attributes: Attributes) -> Style:
        """Return how a cell with these attributes is shown."""
        key = attributes.get("class", ""), attributes.get("style", "")
        if key not in self._known:
            style = self._plain
            for name in key[0].split():
                told = self._classes.get(name.lower(), Style())
                style = Style(told.format or style.format, told.font or style.font, told.struck or style.struck)
            self._known[key] = _join(style, key[1])
        return self._known[key]


def _join(style: Style, rules: str) -> Style:
    """Return a style with the rules put over it."""
    if not rules or len(rules) > _LONGEST_RULES:
        return style
    shown, font = _FORMAT.search(rules), _FONT.search(rules)
    code = _ESCAPE.sub(_unescape, shown[1].strip().strip("\"'")) if shown else style.format
    return Style(code, font[1].strip() if font else style.font, style.struck or _STRUCK.search(rules) is not None)


def _unescape(match: re.Match[str]) -> str:
    point = int(match[1], 16) if match[1] else 0
    return (chr(point) if point < 0x110000 else "") if match[1] else match[2]


def cell_text(parts: list[str]) -> str:
    """Return a cell's text as a page shows it."""
    text = _BLANKS.sub(" ", "".join(parts)).strip()
    return cut("\n".join(line.strip() for line in text.split(BREAK)).strip() if BREAK in text else text)


def cell_of(text: str, attributes: Attributes, style: Style, date1904: bool) -> Cell:
    """Return a cell's value: a number, date or truth value where the page says that it is one, else its text."""
    if style.format.strip() == "@" or "x:str" in attributes:
        return text or cut(attributes.get("x:str", ""))
    if "x:bool" in attributes:
        return attributes["x:bool"].strip().upper() in ("TRUE", "1")
    if "x:num" in attributes:
        return _number(attributes["x:num"] or text, text, style.format, date1904)
    if "sdval" in attributes:
        shown = attributes.get("sdnum", "").split(";", 2)[-1]
        return text if shown == "@" else _number(attributes["sdval"], text, shown, date1904)
    return text


def _number(value: str, text: str, shown: str, date1904: bool) -> Cell:
    try:
        number = float(value)
    except ValueError:
        return text
    if not isfinite(number):
        return text
    return from_serial(number, date1904) if is_date_format(shown) else number


def is_hidden(attributes: Attributes) -> bool:
    """Tell whether a row or column is not shown."""
    return "hidden" in attributes or _HIDDEN.search(attributes.get("style", "")) is not None


def span_of(attributes: Attributes, name: str, most: int) -> int:
    """Return over how many columns or rows a cell reaches; 1 where that is no number."""
    if name not in attributes:
        return 1
    digits = _DIGITS.match(attributes[name])
    return min(max(int(digits[1]), 1), most) if digits else 1
