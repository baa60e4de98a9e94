"""Sniff: say what a file is by what it holds; its name means nothing: one in five is wrong."""

from __future__ import annotations

import re

from pipeline.archive import Archive, open_archive
from pipeline.containers.biff import is_encrypted
from pipeline.containers.biff12 import WORKBOOK as BINARY_WORKBOOK
from pipeline.containers.compound import SIGNATURE, Compound, workbook_stream
from pipeline.containers.decode import decode
from pipeline.containers.delimited import find_delimiter, is_program_output
from pipeline.containers.ods import CONTENT, MANIFEST, MIMETYPE
from pipeline.kinds import name_kind
from pipeline.parts import WORKBOOK
from pipeline.refusal import Refused

OTHER = "other:"
"""Before the Vietnamese name of a kind that is not read."""
_HEAD = 1 << 14
_PAGE = re.compile(r"<(?:!doctype\s+html|html|head|body|meta|style|table|tr|td|div|p|br|b|font|center|h[1-6]|script)\b", re.IGNORECASE)
_TABLE = re.compile(r"<table[\s>]", re.IGNORECASE)
_CELL = re.compile(r"<t[dh][\s>]", re.IGNORECASE)
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_XML_2003 = "urn:schemas-microsoft-com:office:spreadsheet"
_BOOK = re.compile(r"<(?:\w{1,20}:)?Workbook[\s>]")
_XML_KINDS = (("urn:oasis:names:tc:opendocument", "OpenDocument dạng XML (.fods)"), ("schemas.microsoft.com/office/word", "Word 2003 XML"),
              ("<svg", "ảnh SVG"))
_STRONG = (b"%PDF", b"{\\rtf", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"MIME-Version", b"PK\x05\x06")
"""Beginnings that no table of text has."""
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument."


def sniff(data: bytes) -> str:
    """Return xlsx, xls, xlsb, ods, html, xml2003, csv, protected, or "other:" and the kind's Vietnamese name. Never fails."""
    try:
        if data.startswith(b"PK\x03\x04"):
            return _sniff_archive(data)
        if data.startswith(SIGNATURE):
            return _sniff_compound(data)
        text = None if data.startswith(_STRONG) else decode_page(data)
        return _sniff_text(text) if text is not None else _named(data)
    except Refused as refused:
        return "protected" if refused.refusal.code == "file_protected" else _named(data)


def decode_page(data: bytes) -> str | None:
    """Return a file's text, believing a page's own word on its encoding; None when it is no text."""
    declared = _CHARSET.search(data, 0, _HEAD)
    return decode(data, declared[1].decode("ascii", "replace") if declared else "")


def _sniff_archive(data: bytes) -> str:
    try:
        archive = open_archive(data)
    except Refused as refused:
        if refused.refusal.code == "file_protected":
            return "protected"
        if data.startswith(_OPEN_DOCUMENT + b"spreadsheet", 38):
            return "ods"
        return "xlsx"  # torn or forged: whoever opens it says how
    if WORKBOOK in archive.entries:
        return "xlsx"
    if BINARY_WORKBOOK in archive.entries:
        return "xlsb"
    if MIMETYPE in archive.entries:
        return _sniff_open_document(archive)
    return _named(b"", archive)


def _sniff_open_document(archive: Archive) -> str:
    kind = archive.read(MIMETYPE).strip()
    if not kind.startswith(_OPEN_DOCUMENT):
        return _named(b"", archive)
    if not kind.startswith(_OPEN_DOCUMENT + b"spreadsheet"):
        return OTHER + "OpenDocument (không phải bảng tính)"
    if "encrypted-package" in archive.entries or (MANIFEST in archive.entries and b"encryption-data" in archive.read(MANIFEST)):
        return "protected"
    return "ods" if CONTENT in archive.entries else OTHER + "OpenDocument"


def _sniff_compound(data: bytes) -> str:
    try:
        names = {name.casefold() for name in Compound(data).names}
    except Refused:
        kind = _named(data)
        return kind if kind.endswith((".doc)", ".ppt)")) else "xls"  # torn: whoever opens it says how
    if "encryptedpackage" in names:
        return "protected"
    if names & {"worddocument", "powerpoint document"} or not names & {"workbook", "book"}:
        return _named(data)
    try:
        return "protected" if is_encrypted(workbook_stream(data)) else "xls"
    except Refused:
        return "xls"


def _sniff_text(text: str) -> str:
    head = text[:_HEAD].lstrip()
    if _BOOK.search(head) and _XML_2003 in head:
        return "xml2003"
    if head.startswith("<"):
        return _sniff_markup(text, head)
    if head.startswith("ID;P"):
        return OTHER + "SYLK (.slk)"
    if is_program_output(head):
        return OTHER + "dữ liệu của chương trình (JSON, Python)"
    if _TABLE.search(head) and _CELL.search(text):  # a warning of the server stands above its page
        return "html"
    return "csv" if find_delimiter(text) else OTHER + "văn bản không có bảng"


def _sniff_markup(text: str, head: str) -> str:
    if _PAGE.search(head) or _TABLE.search(head):
        return "html" if _TABLE.search(text) and _CELL.search(text) else OTHER + "trang web HTML không có bảng"
    return OTHER + next((kind for sign, kind in _XML_KINDS if sign in head), "XML")


def _named(data: bytes, archive: Archive | None = None) -> str:
    """Return the name that the guard has for the kind."""
    try:
        name_kind(data, archive.entries if archive else ())
    except Refused as refused:
        if refused.refusal.code == "file_protected":
            return "protected"
        return OTHER + str(dict(refused.refusal.values).get("kind", "không rõ"))
