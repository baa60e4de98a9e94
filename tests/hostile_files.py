"""Kinds of bad input before any XML is read: files that are something else, torn files, forged archives, bombs."""

from __future__ import annotations

import random
import struct
import zipfile
import zlib

from hostile import PEOPLE, RELATIONS, STRINGS, STYLES, WORKBOOK, Maker, add, changed, kind, pack, patched, unpack, with_part, without

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
MIB = 1 << 20


def constant(data: bytes) -> Maker:
    return lambda _: data


def stream(name: str) -> bytes:
    return OLE + "Root Entry".encode("utf-16-le") + bytes(44) + name.encode("utf-16-le") + bytes(600)


for what, data in {
    "csv": "STT,Họ và tên\r\n1,Nguyễn Văn A\r\n".encode(), "csv_utf16": "STT\tHọ và tên\r\n".encode("utf-16"),
    "html": b"<html><body><table><tr><td>1</td></tr></table></body></html>", "html_fragment": b"\xef\xbb\xbf  <TABLE><TR><TD>1",
    "mhtml": b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n", "pdf": b"%PDF-1.7\n%\xe2\xe3\n", "rtf": b"{\\rtf1 a}",
    "xml_2003": b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?><Workbook/>', "xml": b'<?xml version="1.0"?><a/>',
    "rar": b"Rar!\x1a\x07\x01\x00" + bytes(40), "gzip": b"\x1f\x8b\x08" + bytes(20), "png": b"\x89PNG\r\n\x1a\n" + bytes(20),
    "jpeg": b"\xff\xd8\xff\xe0" + bytes(20), "program": b"MZ" + bytes(90), "xls": stream("Workbook"), "xls_5": stream("Book"),
    "doc": stream("WordDocument"), "ole_unknown": OLE, "empty_zip": b"PK\x05\x06" + bytes(18), "noise": random.Random(5).randbytes(4000),
}.items():
    add("file_unsupported", what, constant(data))
for what, part in {"docx": "word/document.xml", "pptx": "ppt/presentation.xml", "xlsb": "xl/workbook.bin", "ods": "content.xml",
                   "zip": "a.txt"}.items():
    add("file_unsupported", what, constant(pack({"[Content_Types].xml": b"<Types/>", part: b"x"})))

add("file_protected", "password", constant(stream("EncryptedPackage")))
add("file_protected", "zip_password", patched(PEOPLE, 8, b"\x01\x00", 6))
add("file_truncated", "empty", constant(b""))
add("file_truncated", "zeros", constant(bytes(20_000)))
add("file_truncated", "half", lambda good: good[:len(good) // 2])
add("file_truncated", "nine_tenths", lambda good: good[:len(good) * 9 // 10])
add("file_truncated", "end_missing", lambda good: good[:-10])
add("file_truncated", "tail_still_zero", lambda good: good[:len(good) // 2] + bytes(len(good) - len(good) // 2))


@kind("file_damaged")
def sector_zeroed(good: bytes) -> bytes:
    at = len(good) // 3
    return good[:at] + bytes(512) + good[at + 512:]


@kind("file_damaged")
def bit_rot_in_strings(good: bytes) -> bytes:
    """Flip one bit of a letter in stored, well-formed XML: only the checksum knows."""
    data = bytearray(pack(unpack(good), zipfile.ZIP_STORED))
    data[data.index("Hướng".encode()) + 8] ^= 1
    return bytes(data)


@kind("file_damaged")
def first_bytes_lost(good: bytes) -> bytes:
    return bytes(4) + good[4:]


add("file_damaged", "checksum_forged", patched(PEOPLE, 16, b"\x01\x02\x03\x04", 14))
add("file_damaged", "declared_too_long", patched(PEOPLE, 24, struct.pack("<I", 900_000), 22))
add("file_damaged", "directory_garbage", lambda good: good[:good.index(b"PK\x01\x02")] + b"xxxx" + good[good.index(b"PK\x01\x02") + 4:])
add("file_damaged", "sheet_part_missing", without(PEOPLE))
add("file_damaged", "strings_missing", without(STRINGS))
add("file_damaged", "workbook_missing", without(WORKBOOK))
add("file_damaged", "relations_missing", without(RELATIONS))

add("file_suspicious", "part_twice", lambda good: pack([*unpack(good).items(), (PEOPLE, b"<worksheet/>")]))
add("file_suspicious", "part_twice_by_case", lambda good: pack([*unpack(good).items(), (PEOPLE.upper(), b"<worksheet/>")]))
add("file_suspicious", "part_twice_by_slash", lambda good: pack([*unpack(good).items(), (PEOPLE.replace("/", "\\"), b"<worksheet/>")]))
add("file_suspicious", "name_climbs_out", with_part("xl/../../../evil.xml", b"<a/>"))
add("file_suspicious", "name_absolute", with_part("/etc/evil.xml", b"<a/>"))
add("file_suspicious", "name_of_drive", with_part("c:/evil.xml", b"<a/>"))
add("file_suspicious", "bytes_before", lambda good: b"PK\x03\x04" + bytes(60) + good)
add("file_suspicious", "zip_in_comment", lambda good: pack(unpack(good), comment=pack({"xl/workbook.xml": b"<workbook/>"})))
add("file_suspicious", "odd_compression", patched(PEOPLE, 10, b"\x0c\x00", 8))
add("file_suspicious", "two_names", patched(PEOPLE, 46, b"xl/worksheets/sheet9"))
add("file_suspicious", "declared_too_short", patched(PEOPLE, 24, struct.pack("<I", 1000), 22))


@kind("file_suspicious")
def overlapping_parts(good: bytes) -> bytes:
    """Let one part's entry claim the bytes of the next as well."""
    data = bytearray(pack(unpack(good), zipfile.ZIP_STORED))
    entry = bytes(data).index(b"PK\x01\x02")
    size = struct.unpack_from("<I", data, entry + 20)[0] + 200
    struct.pack_into("<II", data, entry + 20, size, size)
    return bytes(data)


@kind("file_too_large")
def ratio_bomb(good: bytes) -> bytes:
    """Unfold 40 kB into 40 MB."""
    return pack({**unpack(good), PEOPLE: b"<worksheet>" + b" " * (40 * MIB) + b"</worksheet>"}, level=9)


@kind("file_suspicious")
def bomb_declared_small(good: bytes) -> bytes:
    """Unfold 40 MB from a part that declares 100 bytes."""
    data = bytearray(ratio_bomb(good))
    entry = bytes(data).index(PEOPLE.encode(), bytes(data).index(b"PK\x01\x02")) - 46
    local = struct.unpack_from("<I", data, entry + 42)[0]
    struct.pack_into("<I", data, entry + 24, 100)
    struct.pack_into("<I", data, local + 22, 100)
    return bytes(data)


add("file_too_large", "part_declared_huge", patched(PEOPLE, 24, struct.pack("<I", 3_000 * MIB), 22))
add("file_too_large", "many_entries", lambda good: pack([*unpack(good).items(), *((f"x/{at}.xml", b"") for at in range(2100))]))
add("file_too_large", "many_formats", changed(STYLES, lambda part: part.replace(b"<xf ", b'<xf numFmtId="0"/>' * 70_001 + b"<xf ", 1)))


@kind("file_too_large")
def total_declared_huge(good: bytes) -> bytes:
    """Declare 100 MB in each of three parts; nothing is unfolded to find out."""
    data = bytearray(pack({**unpack(good), **{f"x/{at}.xml": b"a" * 400_000 for at in range(3)}}, zipfile.ZIP_STORED))
    for at in range(3):
        entry = bytes(data).index(f"x/{at}.xml".encode(), bytes(data).index(b"PK\x01\x02")) - 46
        struct.pack_into("<I", data, entry + 24, 100 * MIB)
    return bytes(data)


add("harmless", "stored", lambda good: pack(unpack(good), zipfile.ZIP_STORED))
add("harmless", "big_picture", with_part("xl/media/image1.png", zlib.compress(bytes(100)) + bytes(20 * MIB)))
add("harmless", "unknown_part", with_part("customXml/item1.xml", b"<a/>"))
add("harmless", "printer_settings", with_part("xl/printerSettings/printerSettings1.bin", bytes(2000)))
add("harmless", "order_of_parts", lambda good: pack(dict(reversed(unpack(good).items()))))
add("harmless", "comment_of_archive", lambda good: pack(unpack(good), comment=b"Danh sach"))
