"""Lay bare: all that a finished file can say to a reader, as plain text, however it is packed, marked up or escaped."""

from __future__ import annotations

import codecs
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from html import unescape
from typing import NamedTuple
from urllib.parse import unquote

BREAK = "|"
"""Stands between texts that a reader does not read on from one to the next."""
_DEEPEST = 4
"""Archives inside archives: a workbook embedded in a document; deeper, the bytes are read as they are."""
_BATCH = 4_000_000
"""Characters made plain at once."""
# A cell, a shared string, a paragraph: within one, texts in several runs are read as one; between two, they are not.
_GROUP = re.compile(r"</?(?:\w+:)?(?:si|is|c|v|f|row|p|text|lpstr|lpwstr|tr|td|th|li|dt|dd|div|h[1-6]|title|caption|option|script)"
                    r"(?=[\s/>])")
_TAG = re.compile(r"<[^<>|]*>")
_FIELD = re.compile(r'[",\x00]+')
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
_HEADER_CODE = re.compile(r'&(?:[A-Z]|[0-9]+|"[^"]*")')
"""Excel's codes in a page header stand against the word that follows: &CTổng hợp."""
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class Part(NamedTuple):
    """One member of a file ("" for a file that is no archive) and its bytes."""

    name: str
    data: bytes


def open_parts(data: bytes, above: str = "", depth: int = 0) -> Iterator[Part]:
    """Yield every member of an archive and of archives inside it, member names and comments too; else the bytes themselves."""
    if not data.startswith(b"PK") or depth == _DEEPEST:
        yield Part(above, data)
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield Part(f"{above}(chú thích)", b"|".join([archive.comment, *(one.comment for one in archive.infolist())]))
            for one in archive.infolist():
                inner = archive.read(one)
                if inner.startswith(b"PK"):
                    yield from open_parts(inner, f"{above}{one.filename}/", depth + 1)
                else:
                    yield Part(above + one.filename, inner)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError):
        yield Part(above, data)


def decode(data: bytes) -> str:
    """Return text: by its byte order mark, else UTF-8; what is no text leaves replacement characters."""
    encoding = next((name for mark, name in _BOMS if data.startswith(mark)), "utf-8")
    return data.decode(encoding, "replace")


def split_groups(text: str) -> set[str]:
    """Return a part's pieces that a reader reads as one, each once, still marked up and escaped."""
    marked_up = text[:200].lstrip().startswith("<")
    return set((_GROUP if marked_up else _FIELD).split(text.replace(BREAK, " / ")))


def spell_out(groups: Iterable[str]) -> Iterator[str]:
    """Yield texts, a few million characters at a time, in which every reading of every group stands between breaks."""
    batch: list[str] = []
    size = 0
    for group in groups:
        batch.append(group)
        size += len(group)
        if size > _BATCH:
            yield _read(BREAK.join(batch))
            batch, size = [], 0
    if batch:
        yield _read(BREAK.join(batch))


def _read(text: str) -> str:
    """Return the text with its tags left out, with a space for each, and what stands in the tags themselves."""
    views = [text]
    if "<" in text:
        views = [_TAG.sub("", text), _TAG.sub(" ", text), BREAK.join(_TAG.findall(text))]
    if "\\u" in text:
        views.append(_ESCAPED.sub(lambda match: chr(int(match[1], 16)), text))
    if "&" in text:
        views = [unescape(view) for view in views]
        views += [_HEADER_CODE.sub(" ", view) for view in views[:1] if "Header>" in text or "Footer>" in text]
    if _PERCENT.search(text):
        views.append(unquote(text))
    return BREAK.join(views)
