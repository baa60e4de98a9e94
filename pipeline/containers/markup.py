"""Markup: XML gone through once, in one way: no entities of its own, no half elements, names without their namespaces."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NoReturn
from xml.parsers import expat

from pipeline.refusal import refuse

Start = Callable[[str, dict[str, str]], None]


def parse(shown: str, part: bytes | str, start: Start, end: Callable[[str], None] | None = None,
          text: Callable[[str], None] | None = None) -> None:
    """Call back for every element of a part (messages call it `shown`). Raises Refused.

    Elements and attributes go by their local names, as producers differ in prefixes; of two alike on one element the last counts.
    """
    parser = expat.ParserCreate("utf-8") if isinstance(part, str) else expat.ParserCreate()
    parser.buffer_text = True
    keys: dict[tuple[str, ...], tuple[str, ...]] = {}

    def begin(tag: str, attributes: dict[str, str]) -> None:
        full = tuple(attributes)
        short = keys.get(full)
        if short is None:
            short = keys[full] = tuple(map(_local, full))
        start(_local(tag), attributes if short == full else dict(zip(short, attributes.values(), strict=True)))

    def refuse_entities(*_: object) -> NoReturn:
        refuse("file_suspicious", what=f"{shown} tự khai thực thể XML")

    parser.StartElementHandler = begin
    parser.StartDoctypeDeclHandler = refuse_entities
    if end:
        parser.EndElementHandler = lambda tag: end(_local(tag))
    if text:
        parser.CharacterDataHandler = text
    try:
        parser.Parse(part, True)
    except (expat.ExpatError, ValueError):  # a value that is no number ends it too
        refuse("file_damaged", what=f"{shown} không trọn vẹn")


def _local(name: str) -> str:
    return name.rsplit(":", 1)[-1] if ":" in name else name


def whole(attributes: Mapping[str, str], name: str, default: int = 0, most: int = 1 << 20) -> int:
    """Return an attribute as a whole number between 0 and `most`; the default where there is none or it is no number."""
    value = attributes.get(name, "").strip()
    return min(int(value), most) if value.isdecimal() and len(value) < 12 else default
