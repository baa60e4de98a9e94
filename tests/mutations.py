"""Good workbooks spoilt by chance: the archive's bytes, the XML of its parts, the values of its cells. Same dice, same mutations."""

from __future__ import annotations

import io
import random
import re
import struct
import zipfile
from collections.abc import Callable
from typing import NamedTuple

from hostile import STRINGS, pack, unpack

SHEETS = tuple(f"xl/worksheets/sheet{at}.xml" for at in range(2, 7))
"""Thông tin and the four lists of a hamlet's workbook."""
CELL = re.compile(rb'<c r="[A-Z]+[0-9]+"[^>]*?(?:/>|>.*?</c>)', re.DOTALL)
NUMBER = re.compile(rb'(<c r="[A-Z]+[0-9]+"(?: s="[0-9]+")?><v>)([^<]*)(</v>)')
INDEX = re.compile(rb'( t="s"><v>)([0-9]+)(</v>)')
TEXT = re.compile(rb"(<si><t[^>]*>)([^<]*)(</t>)")
NUMBERS = (b"NaN", b"INF", b"-INF", b"1e999", b"-1e999", b"1e308", b"-1", b"-45000", b"0", b"0.5", b"1e22", b"99999999999", b"2958465",
           b"2958466", b"45000.99", b"4.5e4", b" 45000 ", b"45,000", b"0x10", b"abc", b"", b"1 2", b"+45000", b"1985", b"61", b"1e-320",
           b"45000<!-- x -->", b"<![CDATA[45000]]>", b"<?x?>45000", b"&#52;5000", b"45000</v><v>45001", b"1e15", b"60000000000", b"-0",
           b"45000\n", b"true", "４５０００".encode(), b"1_000")
INDEXES = (b"-1", b"99999", b"4294967296", b"abc", b"1.0", b"", b" 3 ", b"1e2", b"0x1", b"<![CDATA[3]]>", b"3<!-- -->",
           b"18446744073709551616")
TEXTS = (b"=1+1", b"=cmd|'/C calc'!A0", b"+84", b"-5", b"@SUM(A1)", b"&#1;", b"\x01", b"a&#11;b", b"&#0;", b"\x00", b"a" * 33_000, b"",
         b"   ", b"&amp;lt;", b"&unknown;", b"&#xD800;", b"&#x10FFFF;", "e\u0301".encode(), "\u202egnort".encode(), "\u200b".encode(),
         b"NaN", b"null", b"TRUE", b"31/02/2024", b"0/0/0000", b"99/99/9999", b"1" * 400, b"_x0041_", b"_x0000_", b"a&#10;b", b"<b>x</b>",
         b"<![CDATA[x]]>", b"x<!-- y -->z", b"\xff\xfe", b"'", b"#REF!", b"1e999", b"-1e999", b"x" * 300_000)
ODD = (b"<", b">", b"/", b'"', b"</sheetData>", b"<row>", b"</row>", b"</c>", b"<c>", b"<v>", b"&", b"]]>", b"<!--", b"<?", b"\x00",
       b"\xff")

Change = Callable[[bytes, random.Random], bytes]


class Mutation(NamedTuple):
    """A spoilt workbook, and what was done to it."""

    what: str
    data: bytes


def mutate_archive(good: bytes, dice: random.Random) -> Mutation:
    """Spoil the archive without making anything new that is right: whatever is read of it afterwards must be as it was."""
    change = dice.choice(ARCHIVE)
    return Mutation(change.__name__, change(good, dice))


def mutate_content(good: bytes, dice: random.Random) -> Mutation:
    """Spoil one to three parts and pack them again, so that every checksum is right."""
    parts, done = unpack(good), []
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        change, names = dice.choice(CONTENT)
        name = dice.choice(names)
        parts[name] = change(parts[name], dice)
        done.append(f"{change.__name__} in {name.rsplit('/', 1)[-1]}")
    return Mutation(", ".join(done), pack(parts))


# The archive.


def flip_a_bit(good: bytes, dice: random.Random) -> bytes:
    data = bytearray(good)
    data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    return bytes(data)


def flip_a_bit_of_the_directory(good: bytes, dice: random.Random) -> bytes:
    data = bytearray(good)
    data[dice.randrange(good.index(b"PK\x01\x02"), len(data))] ^= 1 << dice.randrange(8)
    return bytes(data)


def flip_a_bit_of_a_header(good: bytes, dice: random.Random) -> bytes:
    data, at = bytearray(good), dice.choice([match.start() for match in re.finditer(rb"PK\x03\x04", good)])
    data[min(at + dice.randrange(60), len(data) - 1)] ^= 1 << dice.randrange(8)
    return bytes(data)


def flip_a_bit_stored(good: bytes, dice: random.Random) -> bytes:
    return flip_a_bit(pack(unpack(good), zipfile.ZIP_STORED), dice)


def overwrite(good: bytes, dice: random.Random) -> bytes:
    at, size = dice.randrange(len(good)), dice.choice((1, 4, 64, 512))
    return good[:at] + dice.randbytes(size) + good[at + size:]


def truncate(good: bytes, dice: random.Random) -> bytes:
    return good[:dice.randrange(len(good))]


def zero_a_sector(good: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(good)) // 512 * 512
    return good[:at] + bytes(min(512, len(good) - at)) + good[at + 512:]


def drop_bytes(good: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(good))
    return good[:at] + good[at + dice.choice((1, 7, 512)):]


def repeat_bytes(good: bytes, dice: random.Random) -> bytes:
    at, size = dice.randrange(len(good)), dice.choice((1, 7, 512))
    return good[:at] + good[at:at + size] + good[at:]


def swap_two_halves(good: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(good))
    return good[at:] + good[:at]


def shuffle_entries(good: bytes, dice: random.Random) -> bytes:
    parts = list(unpack(good).items())
    dice.shuffle(parts)
    return pack(parts, dice.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED)))


def duplicate_an_entry(good: bytes, dice: random.Random) -> bytes:
    parts = list(unpack(good).items())
    return pack([*parts, dice.choice(parts)])


def forge_a_size(good: bytes, dice: random.Random) -> bytes:
    data = bytearray(good)
    at = dice.choice([match.start() for match in re.finditer(rb"PK\x01\x02", good)])
    struct.pack_into("<I", data, at + dice.choice((16, 20, 24, 42)), dice.choice((0, 1, 100, 2**31, 2**32 - 1, dice.randrange(2**32))))
    return bytes(data)


def append_another(good: bytes, _: random.Random) -> bytes:
    return good + good


def comment_it(good: bytes, dice: random.Random) -> bytes:
    with zipfile.ZipFile(target := io.BytesIO(good), "a") as archive:
        archive.comment = dice.randbytes(dice.randrange(60))
    return target.getvalue()


ARCHIVE = (flip_a_bit, flip_a_bit, flip_a_bit_of_the_directory, flip_a_bit_of_a_header, flip_a_bit_stored, flip_a_bit_stored, overwrite,
           truncate, zero_a_sector, drop_bytes, repeat_bytes, swap_two_halves, shuffle_entries, duplicate_an_entry, forge_a_size,
           append_another, comment_it)


# The content.


def _once(pattern: re.Pattern[bytes], part: bytes, dice: random.Random, change: Callable[[re.Match[bytes]], bytes]) -> bytes:
    """Change one match of a pattern."""
    found = list(pattern.finditer(part))
    if not found:
        return part
    match = dice.choice(found)
    return part[:match.start()] + change(match) + part[match.end():]


def change_a_number(part: bytes, dice: random.Random) -> bytes:
    return _once(NUMBER, part, dice, lambda match: match[1] + dice.choice(NUMBERS) + match[3])


def change_an_index(part: bytes, dice: random.Random) -> bytes:
    return _once(INDEX, part, dice, lambda match: match[1] + dice.choice(INDEXES) + match[3])


def change_a_text(part: bytes, dice: random.Random) -> bytes:
    return _once(TEXT, part, dice, lambda match: match[1] + dice.choice(TEXTS) + match[3])


def type_a_text(part: bytes, dice: random.Random) -> bytes:
    text = dice.choice(TEXTS)
    return _once(CELL, part, dice, lambda match: b'<c r="%b" t="inlineStr"><is><t>%b</t></is></c>' % (_address(match[0]), text))


def type_a_number(part: bytes, dice: random.Random) -> bytes:
    return _once(CELL, part, dice, lambda match: b'<c r="%b"><v>%b</v></c>' % (_address(match[0]), dice.choice(NUMBERS)))


def type_a_date(part: bytes, dice: random.Random) -> bytes:
    day = dice.choice((b"2024-05-06", b"2024-05-06T00:00:00", b"0000-00-00", b"99999-01-01", b"2024-13-45", b"", b"today", b"-2024-01-01"))
    return _once(CELL, part, dice, lambda match: b'<c r="%b" t="d"><v>%b</v></c>' % (_address(match[0]), day))


def change_a_type(part: bytes, dice: random.Random) -> bytes:
    kind = dice.choice((b"", b' t="s"', b' t="n"', b' t="str"', b' t="b"', b' t="e"', b' t="inlineStr"', b' t="d"', b' t="x"', b" t='s'"))
    return _once(re.compile(rb'(<c r="[A-Z]+[0-9]+"(?: s="[0-9]+")?)(?: t="\w+")?>'), part, dice, lambda match: match[1] + kind + b">")


def move_a_cell(part: bytes, dice: random.Random) -> bytes:
    to = dice.choice((b"A1", b"C5", b"C6", b"H5", b"J5", b"ZZ5", b"XFD9", b"XFE1", b"C0", b"5C", b"", b"C1048577", b"c5", b"$C$5",
                      b"C5:C6"))
    return _once(CELL, part, dice, lambda match: re.sub(rb'r="[^"]*"', b'r="%b"' % to, match[0], count=1))


def move_a_row(part: bytes, dice: random.Random) -> bytes:
    to = dice.choice((b"1", b"5", b"6", b"900", b"0", b"-1", b"1048577", b"abc", b""))
    return _once(re.compile(rb'<row r="[0-9]+"'), part, dice, lambda match: b'<row r="%b"' % to)


def drop_references(part: bytes, dice: random.Random) -> bytes:
    return re.sub(rb'<c r="[A-Z]+[0-9]+"', b"<c", part) if dice.random() < 0.5 else _once(CELL, part, dice, lambda match: match[0].replace(
        b' r="%b"' % _address(match[0]), b""))


def repeat_a_cell(part: bytes, dice: random.Random) -> bytes:
    return _once(CELL, part, dice, lambda match: match[0] + dice.choice(CELL.findall(part)))


def repeat_a_row(part: bytes, dice: random.Random) -> bytes:
    return _once(re.compile(rb"<row .*?</row>", re.DOTALL), part, dice, lambda match: match[0] * 2)


def swap_two_rows(part: bytes, dice: random.Random) -> bytes:
    rows = re.findall(rb"<row .*?</row>", part, re.DOTALL)
    if len(rows) < 2:
        return part
    one, other = dice.sample(rows, 2)
    return part.replace(one, b"\0").replace(other, one).replace(b"\0", other)


def drop_a_tag(part: bytes, dice: random.Random) -> bytes:
    return _once(re.compile(rb"</?(?:row|c|v|t|is|si|sst|sheetData|worksheet)\b[^>]*>"), part, dice, lambda _: b"")


def rename_a_tag(part: bytes, dice: random.Random) -> bytes:
    name = dice.choice((b"x", b"f", b"v", b"t", b"x:c"))
    return _once(re.compile(rb"<(row|c|v|t|is|si|sheetData)\b"), part, dice, lambda _: b"<" + name)


def add_a_formula(part: bytes, dice: random.Random) -> bytes:
    formula = dice.choice((b"<f>1+1</f>", b"<f/>", b'<f t="shared" si="0"/>', b'<f>HYPERLINK("http://127.0.0.1")</f>',
                           b"<f>cmd|'/C calc'!A0</f>"))
    return _once(re.compile(rb"<v>"), part, dice, lambda match: formula + match[0])


def requote(part: bytes, dice: random.Random) -> bytes:
    return _once(CELL, part, dice, lambda match: match[0].replace(b'"', b"'"))


def space_out(part: bytes, dice: random.Random) -> bytes:
    return _once(CELL, part, dice, lambda match: match[0].replace(b'="', b' = "').replace(b"<v>", b"<v >").replace(b"</c>", b"</c\n>"))


def put_something_odd(part: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(part))
    return part[:at] + dice.choice(ODD) + part[at:]


def change_a_byte(part: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(part))
    return part[:at] + dice.randbytes(1) + part[at + 1:]


def cut(part: bytes, dice: random.Random) -> bytes:
    return part[:dice.randrange(len(part))]


def cut_out(part: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(part))
    return part[:at] + part[at + dice.randrange(200):]


def forge_a_count(part: bytes, dice: random.Random) -> bytes:
    count = dice.choice((b"0", b"1", b"-1", b"99999999", b"4000000000", b"18446744073709551615", b"abc", b""))
    return re.sub(rb'uniqueCount="[0-9]+"', b'uniqueCount="%b"' % count, part)


def drop_a_string(part: bytes, dice: random.Random) -> bytes:
    return _once(re.compile(rb"<si>.*?</si>", re.DOTALL), part, dice, lambda _: b"")


def enrich_a_string(part: bytes, dice: random.Random) -> bytes:
    return _once(re.compile(rb"<si><t[^>]*>([^<]*)</t></si>"), part, dice, lambda match: (
        b"<si><r><rPr><b/></rPr><t>%b</t></r><r><t/></r><rPh><t>x</t></rPh></si>" % match[1]))


def _address(cell: bytes) -> bytes:
    found = re.search(rb'r="([^"]*)"', cell)
    return found[1] if found else b"A1"


STRUCTURE = ("xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml", "[Content_Types].xml", "_rels/.rels", "docProps/custom.xml")
CONTENT: tuple[tuple[Change, tuple[str, ...]], ...] = (
    *((change, SHEETS) for change in (
        change_a_number, change_a_number, change_a_number, change_an_index, change_an_index, type_a_text, type_a_number, type_a_date,
        change_a_type, change_a_type, move_a_cell, move_a_row, drop_references, repeat_a_cell, repeat_a_row, swap_two_rows, drop_a_tag,
        rename_a_tag, add_a_formula, requote, space_out, put_something_odd, put_something_odd, change_a_byte, cut, cut_out)),
    *((change, (STRINGS,)) for change in (
        change_a_text, change_a_text, change_a_text, drop_a_tag, put_something_odd, change_a_byte, cut, cut_out, forge_a_count,
        drop_a_string, enrich_a_string)),
    *((change, STRUCTURE) for change in (put_something_odd, change_a_byte, cut_out)),
)
