"""Decode: bytes of a text file -> text, whatever encoding Vietnamese software wrote them in."""

from __future__ import annotations

import codecs
import unicodedata

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_SAMPLE = 1 << 16
_OF_OLD = ("cp1258", "cp1252")
_TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
_LETTERS = {unicodedata.normalize("NFC", base + tone) for base in "aăâeêioôơuưy" for tone in _TONES}
_VIETNAMESE = frozenset({letter for lower in _LETTERS | {"đ"} for letter in (lower, lower.upper())} | set("\u00a0–—‘’“”…•€₫"))
"""What the high bytes of true Windows-1258 text give. TCVN3 and VNI text gives other signs, and stays as its fonts show it."""


def decode(data: bytes, declared: str = "") -> str | None:
    """Return a file's text; None when it is not text. Never fails: a byte that fits nowhere becomes U+FFFD.

    By byte order mark, by the zeros of UTF-16, as UTF-8 where that fits, as `declared` (a page's charset), else as one of the
    two Windows code pages of Vietnam's past.
    """
    text = _decode(data, declared)
    head = text[:_SAMPLE]
    odd = sum(letter < " " and letter not in "\t\r\n\f\x1a" for letter in head)
    return text if head.strip() and odd * 50 < len(head) else None


def _decode(data: bytes, declared: str) -> str:
    for mark, name in _BOMS:
        if data.startswith(mark):
            return data[len(mark):].decode(name, "replace")
    wide = _wide(data[:_SAMPLE])
    if wide:
        return data.decode(wide, "replace")
    data = data.rstrip(b"\0")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    text = data.decode("utf-8", "replace")
    lost = text.count("\ufffd")
    if lost * 20 < len(data) - len(text):  # UTF-8 in which a few bytes have rotted
        return text
    name = _known(declared)
    return data.decode(name, "replace") if name else _decode_old(data)


def _wide(head: bytes) -> str:
    """Return which UTF-16 a text without a mark is in: every other byte of markup, digits and blanks is zero."""
    half = len(head) // 2
    low, high = head[1::2].count(0), head[::2].count(0)
    if half and low * 4 >= half and high * 50 <= half:
        return "utf-16-le"
    return "utf-16-be" if half and high * 4 >= half and low * 50 <= half else ""


def _known(declared: str) -> str:
    """Return a declared encoding where it names one that reads bytes one by one."""
    try:
        name = codecs.lookup(declared.strip()).name if declared else ""
    except (LookupError, ValueError):
        return ""
    name = {"iso8859-1": "cp1252", "ascii": "cp1252"}.get(name, name)  # as browsers and Excel take them
    return name if name.startswith(("cp125", "iso8859", "koi8")) and name not in _OF_OLD else ""


def _decode_old(data: bytes) -> str:
    try:
        text = unicodedata.normalize("NFC", data.decode("cp1258"))
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
    signs = [letter for letter in text if letter > "\x7f"]
    strange = sum(letter not in _VIETNAMESE for letter in signs)
    return text if strange * 50 <= len(signs) else data.decode("cp1252", "replace")
