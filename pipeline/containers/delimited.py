"""Delimited: text whose lines are rows: CSV, TSV and their kin, told from prose and program output by their structure."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from pipeline.containers.sheet import ERRORS, Grid, Look, Place, check_box, cut, level
from pipeline.raw import Cell
from pipeline.refusal import refuse

_DELIMITERS = "\t;|,"
"""Those less likely to stand in a text come first."""
_HEAD, _HEAD_ROWS = 1 << 17, 200
_TOLD = re.compile(r"sep=([^\w\s\"\x1e]|\t)\r?\n", re.IGNORECASE)
"""A first line by which a file tells Excel its delimiter; Excel does not count it as a row."""
_PROGRAM = re.compile(r"\s*(?:[\[({]\s*[\[({'\"]|[\[{]\s*[\]}\d]|OrderedDict\()")
"""How output of programs begins: lists and dictionaries of Python, JSON."""
_RUNNING = re.compile(r"[,;] [a-zà-ỹ]")
"""A comma inside a sentence."""
_END = "\x1e\x1e"


def is_program_output(text: str) -> bool:
    """Tell whether a text is how a program prints its lists: no table to anybody."""
    return _PROGRAM.match(text) is not None


def find_delimiter(text: str) -> str:
    """Return what parts a text's columns; empty when it is no table."""
    told = _TOLD.match(text)
    if told:
        return told[1]
    if is_program_output(text):
        return ""
    scores = {delimiter: _score(text, delimiter) for delimiter in _DELIMITERS}
    best = max(_DELIMITERS, key=lambda delimiter: scores[delimiter])
    return best if scores[best] > (0.0, 0) else ""


def read_delimited(text: str) -> Grid:
    """Return the one sheet of a delimited text, every cell as the text it is. Raises Refused."""
    delimiter = find_delimiter(text)
    if not delimiter:
        refuse("file_unsupported", kind="văn bản không có bảng")
    told = _TOLD.match(text)
    rows: list[list[Cell]] = []
    errors: set[Place] = set()
    for record in _records(text[told.end():] if told else text, delimiter):
        rows.append([cut(field) for field in record])
        errors |= {(len(rows), column) for column, field in enumerate(record, start=1) if field[:1] == "#" and field in ERRORS}
    for row, column in errors:
        rows[row - 1][column - 1] = ""
    return Grid.of("", True, level(rows), (), Look(errors=frozenset(errors)))


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    """Part a text into records. A quote that is never closed would swallow rows, so it is refused."""
    number, cells = 0, 0
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    last: list[str] = []
    try:
        for number, record in enumerate(csv.reader(io.StringIO(f"{text}\n{_END}", newline=""), delimiter=delimiter)):
            if number:
                yield last
            last = record
            cells += len(record)
            check_box(number, max(len(record), cells // (number + 1)))
    except csv.Error:
        refuse("file_damaged", what=f"dấu ngoặc kép không đóng, sau dòng {number}")
    if last != [_END]:
        refuse("file_damaged", what=f"dấu ngoặc kép không đóng, sau dòng {number}")


def _score(text: str, delimiter: str) -> tuple[float, int]:
    """Return how much a delimiter makes a table of a text: the share of rows as wide as most are, and that width."""
    head = text[:_HEAD]
    try:
        records = list(islice(csv.reader(io.StringIO(head, newline=""), delimiter=delimiter), _HEAD_ROWS))
    except csv.Error:
        return 0.0, 0
    if len(head) < len(text) and len(records) < _HEAD_ROWS:
        del records[-1:]
    records = [record for record in records if any(field.strip() for field in record)]
    widths = Counter(len(record) for record in records if len(record) > 1)
    if not widths or _is_prose(head, delimiter):
        return 0.0, 0
    width, rows = max(widths.items(), key=lambda item: (item[1] * item[0], item[0]))
    if len(records) == 1:
        return (1.0, width) if (width > 2 or delimiter == "\t") and max(map(len, records[0])) < 60 else (0.0, 0)
    parted = widths.total()
    alike = rows > 1 and rows >= 0.4 * parted and 2 * parted >= len(records)  # titles stand alone, rows may end early
    return (rows / len(records), width) if alike else (0.0, 0)


def _is_prose(head: str, delimiter: str) -> bool:
    return delimiter in ",;" and 2 * len(_RUNNING.findall(head)) > head.count(",") + head.count(";")
