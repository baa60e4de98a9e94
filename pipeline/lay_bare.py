"""Lay bare: all that a finished file can say to a reader, as plain text, however it is packed, marked up or escaped.

A night's files say mostly the same: pieces are given as bytes first, each once, so that what was found clean is not read again.
"""

from __future__ import annotations

import codecs
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from html import unescape
from typing import NamedTuple
from urllib.parse import unquote

from pipeline.spelling import BREAK

_DEEPEST = 4
"""Archives inside archives: a workbook embedded in a document; deeper, the bytes are read as they are."""
_BATCH = 4_000_000
"""Characters made plain at once."""
# A cell, a shared string, a paragraph: within one, texts in several runs are read as one; between two, they are not.
_GROUP = re.compile(r"</?(?:\w+:)?(?:si|is|c|v|f|row|p|text|lpstr|lpwstr|tr|td|th|li|dt|dd|div|h[1-6]|title|caption|option|script)"
                    r"(?=[\s/>])")
_END_OF_PIECE = re.compile(rb"</(?:si|row|w:p|tr|c:v)>")
"""Some ends of groups, in whose middle no tag is open."""
_SAYS_NOTHING = re.compile(
    rb'<c r="[A-Z]{1,3}+[0-9]{1,7}+"(?: s="[0-9]{1,5}+")?+(?: t="[sbn]")?+'
    rb"(?:/>|>(?:<f>(?:[A-Z(),:$+*/]{1,9}+[0-9]{0,7}+(?![0-9])){1,99}+</f>)?+<v>[0-9.]{1,8}+</v></c>)")
"""Cells that are blank, point at a shared string or hold a short number, a formula of bare references too: neither name nor number."""
_TAG = re.compile(r"<[^<>|]*>")
_GAP = "\x02"
"""Where a tag stood."""
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
_HEADER_CODE = re.compile(r'&(?:[A-Z]|[0-9]+|"[^"]*")')
"""Excel's codes in a page header stand against the word that follows: &CTổng hợp."""
_RUN = re.compile(rb"(?:[\t\n\r -~]++|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf][\x80-\xbf])++")
_NEXT_FIELD = re.compile(r"(?<=[a-zà-ỹ])(?=[A-ZĐ])")
"""A database keeps the texts of a row without anything between."""
_GLUED_HASH = re.compile(rb"[0-9a-f]{32,}")
_SHORTEST = 4
"""Bytes of a name."""
_HEAD = 8192
"""A NUL byte within so many tells bytes that are no text: of those only runs that may be text are read."""


class Part(NamedTuple):
    """One member of a file ("" for a file that is no archive), and by what its bytes are known again."""

    name: str
    data: bytes
    mark: int = 0


def open_parts(data: bytes, skip: Container[int] = (), above: str = "", depth: int = 0) -> Iterator[Part]:
    """Yield every member of an archive and of archives inside it, member names and comments too; else the bytes themselves.

    Members whose mark is in `skip` come without their bytes.
    """
    if not data.startswith(b"PK") or depth == _DEEPEST:
        yield Part(above, data)
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield Part(f"{above}(chú thích)", b"|".join([archive.comment, *(one.comment for one in archive.infolist())]))
            for one in archive.infolist():
                name, packed = above + one.filename, _packed(data, one)
                mark = hash(packed) ^ one.compress_type
                if mark in skip:
                    yield Part(name, b"", mark)
                    continue
                inner = zlib.decompress(packed, -15, one.file_size) if one.compress_type == zipfile.ZIP_DEFLATED else archive.read(one)
                if inner.startswith(b"PK"):
                    yield from open_parts(inner, skip, f"{name}/", depth + 1)
                else:
                    yield Part(name, inner, mark)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error, struct.error):
        yield Part(above, data)


def _packed(data: bytes, member: zipfile.ZipInfo) -> bytes:
    name, extra = struct.unpack_from("<HH", data, member.header_offset + 26)
    start = member.header_offset + 30 + name + extra
    return data[start:start + member.compress_size]


class Pieces(NamedTuple):
    """A part's bytes cut where no reader reads on, each piece once."""

    marked_up: bool
    pieces: set[bytes]
    is_text: bool = True

    def groups(self, pieces: Iterable[bytes]) -> set[str]:
        """Return some of the pieces as texts that a reader reads as one, each once, still marked up and escaped."""
        if self.marked_up:
            return set(_GROUP.split(b"</si>".join(pieces).decode("utf-8", "replace").replace(BREAK, " / ")))
        text = b",".join(pieces).decode("utf-8", "replace").replace(BREAK, " / ")
        return set(text.split(",")) | (set() if self.is_text else set(_NEXT_FIELD.sub(",", text).split(",")))


def cut(data: bytes) -> Pieces:
    """Cut a part into pieces: UTF-8, or as its byte order mark says; of what is no text only what could be some."""
    data = data.removeprefix(codecs.BOM_UTF8)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        data = data.decode("utf-16", "replace").encode("utf-8", "replace")
    if data[:200].lstrip().startswith(b"<"):
        if b"<sheetData" in data:
            data = _SAYS_NOTHING.sub(b"", data)
        return Pieces(True, set(_END_OF_PIECE.split(data)))
    if b"\0" not in data[:_HEAD]:
        return cut_fields(data)
    runs = b",".join([run for run in _RUN.findall(data) if len(run) >= _SHORTEST])
    return cut_fields(_GLUED_HASH.sub(b",", runs))._replace(is_text=False)


def cut_fields(data: bytes) -> Pieces:
    """Cut plain text where one field or quotation ends."""
    return Pieces(False, set(data.replace(b'"', b",").replace(b"\0", b",").split(b",")))


def texts_of(data: bytes) -> Iterator[str]:
    """Yield all texts of a part, a few million characters at a time."""
    cutting = cut(data)
    return spell_out(cutting.groups(cutting.pieces))


def spell_out(groups: Collection[str]) -> Iterator[str]:
    """Yield texts, a few million characters at a time, in which every reading of every group stands between breaks."""
    batch: list[str] = []
    size = 0
    for group in groups:
        batch.append(group)
        size += len(group)
        if size > _BATCH:
            yield BREAK.join(_readings(batch))
            batch, size = [], 0
    if batch:
        yield BREAK.join(_readings(batch))


def _readings(groups: Sequence[str]) -> Iterator[str]:
    """Yield the groups without their tags, with a space for each tag, what stands in the tags themselves, and what is escaped."""
    text = BREAK.join(groups)
    texts: Collection[str] = groups
    if "<" in text:
        yield _unescaped(BREAK.join(set(_TAG.findall(text))))
        texts = {group.strip(_GAP) for group in _TAG.sub(_GAP, text.replace(_GAP, " ")).split(BREAK)}
        yield _unescaped(BREAK.join(group for group in texts if _GAP in group).replace(_GAP, " "))
    plain = BREAK.join(texts).replace(_GAP, "")
    yield _unescaped(plain)
    if "Header>" in text or "Footer>" in text:
        headers = BREAK.join(group for group in groups if "Header>" in group or "Footer>" in group)
        yield _HEADER_CODE.sub(" ", unescape(_TAG.sub("", headers)))
    if "\\u" in text:
        escaped = BREAK.join(group for group in groups if "\\u" in group)
        yield _ESCAPED.sub(lambda match: chr(int(match[1], 16)), escaped)
    if "%" in text:
        yield unquote(BREAK.join(group for group in groups if "%" in group and _PERCENT.search(group)))


def _unescaped(text: str) -> str:
    return unescape(text) if "&" in text else text
