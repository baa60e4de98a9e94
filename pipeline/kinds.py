"""Kinds: say what a file is that calls itself a workbook and is none."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NoReturn

from pipeline.refusal import refuse

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAGIC = ((b"%PDF", "PDF"), (b"{\\rtf", "Word (RTF)"), (b"Rar!", "RAR"), (b"7z\xbc\xaf", "7-Zip"), (b"\x1f\x8b", "GZIP"),
          (b"\x89PNG", "ảnh PNG"), (b"\xff\xd8\xff", "ảnh JPEG"), (b"GIF8", "ảnh GIF"), (b"BM", "ảnh BMP"), (b"MZ", "chương trình"),
          (b"MIME-Version", "trang web MHTML"), (b"\x09\x08", "Excel cũ (.xls)"), (b"PK\x05\x06", "ZIP trống"))
_HTML = re.compile(rb"<(?:!doctype html|html|head|body|table|meta|style|script)\b", re.IGNORECASE)
_PARTS = (("xl/workbook.bin", "Excel nhị phân (.xlsb)"), ("word/", "Word"), ("ppt/", "PowerPoint"), ("content.xml", "OpenDocument (.ods)"),
          ("index/document.iwa", "Numbers"))
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


def name_kind(data: bytes, parts: Iterable[str] = ()) -> NoReturn:
    """Refuse a file that is no workbook of Office Open XML, naming its kind by its first bytes or its parts' names."""
    names = set(parts)
    if names:
        _name_archive(names)
    if not data.strip(b"\0"):
        refuse("file_truncated")  # disk space set aside for a copy that never came
    if data.startswith(_OLE):
        _name_ole(data)
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            refuse("file_unsupported", kind=kind)
    if b"xl/workbook.xml" in data:
        refuse("file_damaged", what="phần đầu tệp hỏng")
    refuse("file_unsupported", kind=_name_text(data))


def _name_archive(names: set[str]) -> NoReturn:
    for part, kind in _PARTS:
        if any(name == part or (part.endswith("/") and name.startswith(part)) for name in names):
            refuse("file_unsupported", kind=kind)
    if any(name.startswith("xl/") for name in names):
        refuse("file_damaged", what="thiếu workbook.xml")
    refuse("file_unsupported", kind="ZIP")


def _name_ole(data: bytes) -> NoReturn:
    """Tell an encrypted workbook from the old formats by the names of its streams."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        refuse("file_protected")
    for stream, kind in (("Workbook", "Excel 97-2003 (.xls)"), ("Book", "Excel 5.0 (.xls)"), ("WordDocument", "Word 97-2003 (.doc)"),
                         ("PowerPoint Document", "PowerPoint 97-2003 (.ppt)")):
        if stream.encode("utf-16-le") in data:
            refuse("file_unsupported", kind=kind)
    refuse("file_unsupported", kind="Office 97-2003")


def _name_text(data: bytes) -> str:
    """Name text by its first lines."""
    encoding = next((name for bom, name in _BOMS if data.startswith(bom)), "utf-8")
    head = data[:4096].decode(encoding, "ignore").lstrip("\ufeff \t\r\n").encode()
    if b"urn:schemas-microsoft-com:office:spreadsheet" in head or b"<?mso-application" in head:
        return "Excel 2003 XML"
    if _HTML.search(head):
        return "trang web HTML"
    if head.startswith(b"<?xml"):
        return "XML"
    odd = sum(byte < 32 and byte not in (9, 10, 13) for byte in head)
    return "văn bản (CSV, TXT)" if head and odd * 50 < len(head) else "không rõ"
