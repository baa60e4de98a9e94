"""Workbooks spoilt by chance, from the file to the findings: what is read is right or found fault with, and nothing stops the night.

How many mutations is THNCD_MUTATIONS (a hundred of the archive and as many of the content unless told otherwise).
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import hostile
import pytest
from hostile import PEOPLE
from intake import CUTOFF, PERIOD, Row, Taken, act, hamlet_book, loan, person, settings_for, take_in, write_units
from journey import rows_of
from mutations import Mutation, mutate_archive, mutate_content
from nights import TODAY

from pipeline.choose import REFUSING
from pipeline.finding import Finding
from pipeline.night import spend
from pipeline.units import Unit

MUTATIONS = int(os.environ.get("THNCD_MUTATIONS", "100"))
HAMLETS, CONTROLS, PEOPLE_EACH = 50, 3, 3
COMMUNE = Unit("HD", "commune", "Xã", "Hợp Đức", "TY")
UNITS = tuple(Unit(f"HD-{at:02}", "hamlet", "Thôn", f"Số {at}", COMMUNE.unit_id) for at in range(HAMLETS + CONTROLS))
LOANS, OUTREACH = "xl/worksheets/sheet5.xml", "xl/worksheets/sheet6.xml"
Mutate = Callable[[bytes, random.Random], Mutation]
Figures = dict[str, dict[str, str]]


@dataclass
class Field:
    """Published hamlets, of which all but the last few are to be spoilt."""

    root: Path
    figures: Figures

    def copy(self, root: Path) -> Field:
        shutil.copytree(self.root, root)
        return Field(root, self.figures)


def rich_book(at: int) -> dict[str, list[Row]]:
    """Return rows for every list of a hamlet."""
    people = [person(PEOPLE_EACH * at + one, helper="Trưởng thôn", note="đã gặp") for one in range(PEOPLE_EACH)]
    people[2] |= {"end_date": CUTOFF, "end_reason": "Chuyển đi nơi khác"}
    return {"people": people, "support": [act(one, amount=300_000) for one in people[:2]], "loans": [loan(people[0]), loan(people[1])],
            "outreach": [{"date": CUTOFF, "channel": "Mạng xã hội", "sessions": 2, "participants": 30}]}


def figures_in(root: Path) -> Figures:
    found: Figures = {}
    for row in rows_of(root / "outputs" / PERIOD / "statistics.csv"):
        if row["level"] == "hamlet":
            found.setdefault(row["unit_id"], {})[row["indicator"]] = row["value"]
    return found


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    root = tmp_path_factory.mktemp("field")
    write_units(root / "inputs", [Unit("TY", "district", "Huyện", "Tân Yên"), COMMUNE, *UNITS])
    for at, unit in enumerate(UNITS):
        book = hamlet_book(unit, COMMUNE, at)
        book.rows = rich_book(at)
        book.write(root / "inputs" / f"{unit.unit_id}.xlsx")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.collect.time", SimpleNamespace(sleep=lambda seconds: None))
        assert spend(settings_for(root / "inputs"), TODAY, isolated=False).exit_code == 0
        yield Field(root, figures_in(root))


def spoil(field: Field, mutate: Mutate, first: int) -> dict[str, str]:
    """Spoil every hamlet's workbook but the last few; return what was done, by file."""
    done = {}
    for at, unit in enumerate(UNITS[:HAMLETS]):
        path = field.root / "inputs" / f"{unit.unit_id}.xlsx"
        what, data = mutate(path.read_bytes(), random.Random(f"{mutate.__name__} {first + at}"))
        path.write_bytes(data)
        done[path.name] = f"mutation {first + at}: {what}"
    return done


def run(field: Field, isolated: bool) -> tuple[Figures, dict[str, list[Finding]]]:
    """Run all over again; return every hamlet's figures and the findings by file."""
    told = spend(settings_for(field.root / "inputs"), TODAY, full=True, isolated=isolated)
    assert told.outcome is not None
    found: dict[str, list[Finding]] = {}
    for finding in told.outcome.findings:
        found.setdefault(finding.file, []).append(finding)
    return figures_in(field.root), found


@pytest.mark.parametrize("first", range(0, MUTATIONS, HAMLETS))
def test_a_spoilt_archive_is_read_as_it_was_or_refused_and_then_the_last_accepted_version_stands(
        field: Field, tmp_path: Path, first: int) -> None:
    spoilt = field.copy(tmp_path / "spoilt")
    done = spoil(spoilt, mutate_archive, first)
    figures, found = run(spoilt, isolated=False)
    for name, what in done.items():
        codes = {finding.code for finding in found.get(name, ())}
        assert figures[Path(name).stem] == field.figures[Path(name).stem], what
        assert codes == set() or (codes & REFUSING and "last_accepted" in codes), what
        assert "reader_failed" not in codes, what
    assert {unit.unit_id: figures[unit.unit_id] for unit in UNITS[HAMLETS:]}.items() <= field.figures.items()


@pytest.mark.parametrize("first", range(0, MUTATIONS, HAMLETS))
def test_spoilt_content_brings_findings_and_no_error_and_harms_no_other_workbook(field: Field, tmp_path: Path, first: int) -> None:
    spoilt = field.copy(tmp_path / "spoilt")
    done = spoil(spoilt, mutate_content, first)
    figures, found = run(spoilt, isolated=True)
    names = {str(row[key]) for at in range(HAMLETS) for row in rich_book(at)["people"] for key in ("full_name", "citizen_id")}
    tally = Counter[str]()
    for name, what in done.items():
        codes = {finding.code for finding in found.get(name, ())}
        assert not [finding for finding in found.get(name, ()) if "lỗi bên trong" in finding.message], what
        if codes & REFUSING:
            assert figures[Path(name).stem] == field.figures[Path(name).stem], what
            assert "last_accepted" in codes, what
        tally["refused" if codes & REFUSING else "found fault with" if codes else "read"] += 1
    told = [finding.message + finding.fix for findings in found.values() for finding in findings]
    assert not [message for message in told if any(name in message for name in names)]
    assert {unit.unit_id: figures[unit.unit_id] for unit in UNITS[HAMLETS:]}.items() <= field.figures.items()
    assert json.loads((spoilt.root / "outputs" / PERIOD / "run.json").read_text(encoding="utf-8"))["exit_code"] in (0, 1)
    print(dict(tally))  # noqa: T201 - a long run by hand wants to be told of


# What must be seen, whatever else chance brings.


def typed(part: str, address: str, xml: bytes) -> hostile.Maker:
    """Return a maker that puts a cell of its own XML in the place of one."""
    cell = re.compile(rb'<c r="%b"[^>]*?(?:/>|>.*?</c>)' % address.encode(), re.DOTALL)
    style = re.compile(rb'<c r="%b"( s="[0-9]+")?' % address.encode())

    def change(content: bytes) -> bytes:
        found = style.search(content)
        assert found
        return cell.sub(lambda _: b'<c r="%b"%b%b</c>' % (address.encode(), found[1] or b"", xml), content, count=1)

    return hostile.changed(part, change)


def value(text: bytes) -> bytes:
    return b"><v>" + text + b"</v>"


def text(text: bytes) -> bytes:
    return b' t="inlineStr"><is><t>' + text + b"</t></is>"


H, V, D, AMOUNT, PARTICIPANTS = (PEOPLE, "H5"), (PEOPLE, "V5"), (PEOPLE, "F5"), (LOANS, "D5"), (OUTREACH, "G5")
"""Release date, review date and identity number of the first person; amount of the first loan; participants of the first session."""
SEEN: dict[str, tuple[tuple[str, str], bytes, str]] = {
    "no number in a date": (H, value(b"NaN"), "cell_error"),
    "infinity in a date": (H, value(b"INF"), "cell_error"),
    "more than any number in a date": (H, value(b"1e999"), "date_unreadable"),
    "a date before all dates": (H, value(b"-1"), "date_unreadable"),
    "a time in a date": (H, value(b"0.5"), "date_unreadable"),
    "an identity number in a date": (H, value(b"1085000123"), "date_unreadable"),
    "the day after the last": (H, value(b"2958466"), "date_unreadable"),
    "the last day": (H, value(b"2958465"), "date_impossible"),
    "the year 1906": (H, value(b"2500"), "date_impossible"),
    "a date that reads no number": (H, value(b"abc"), "cell_error"),
    "a date of the ISO kind that is none": (V, b' t="d"><v>2024-13-45</v>', "date_unreadable"),
    "an error that is no error": (H, b' t="e"><v>#KHONG!</v>', "cell_error"),
    "more than any number in an identity": (D, value(b"1e999"), "citizen_id_unreadable"),
    "less than nothing in an identity": (D, value(b"-85000123"), "citizen_id_unreadable"),
    "more than any number in an amount": (AMOUNT, value(b"1e999"), "amount_missing"),
    "a number that sums cannot bear": (AMOUNT, value(b"1e308"), "amount_missing"),
    "less than nothing lent": (AMOUNT, text(b"-5000000"), "amount_missing"),
    "more than any number of people": (PARTICIPANTS, value(b"1e999"), "number_unreadable"),
    "more digits than Excel keeps": (PARTICIPANTS, value(b"1e15"), "number_unreadable"),
    "less than nobody": (PARTICIPANTS, value(b"-5"), "number_negative"),
    "half a person": (PARTICIPANTS, value(b"0.5"), "number_not_whole"),
    "a number of letters": (PARTICIPANTS, text(b"1e999"), "number_unreadable"),
    "a string beyond the last": (H, b' t="s"><v>99999</v>', "file_unreadable"),
    "a string that is no number": (H, b' t="s"><v>abc</v>', "file_damaged"),
    "a comment in a value": (H, value(b"45<!-- -->171"), "file_damaged"),
    "control characters": (H, text(b"a\x01b"), "file_damaged"),
    "no character": (H, text(b"a\x00b"), "file_suspicious"),
}
"""What is typed where, and what must be said of that file."""


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Taken:
    root = tmp_path_factory.mktemp("seen")
    write_units(root / "inputs", [Unit("TY", "district", "Huyện", "Tân Yên"), COMMUNE, *UNITS])
    for at, (unit, (place, xml, _)) in enumerate(zip(UNITS, SEEN.values(), strict=False)):
        book, path = hamlet_book(unit, COMMUNE, at), root / "inputs" / f"{unit.unit_id}.xlsx"
        book.rows = rich_book(at)
        book.write(path)
        path.write_bytes(typed(*place, xml)(path.read_bytes()))
    return take_in(root / "inputs")


@pytest.mark.parametrize("name", SEEN)
def test_a_value_that_nobody_can_mean_is_named(seen: Taken, name: str) -> None:
    at = list(SEEN).index(name)
    (_, address), _, code = SEEN[name]
    found = {finding.code: finding for finding in seen.of(UNITS[at].unit_id)}
    assert code in found
    assert code in REFUSING or found[code].cell == address


def test_strings_that_only_look_odd_are_read(tmp_path: Path) -> None:
    """Texts beginning like a formula, very long, decomposed or invisible: the person counts, and nothing is wrong."""
    odd = [b"=1+1", b"+84", b"@SUM(A1)", b"-5", b"a" * 32_767, "\u202egnort".encode(), "e\u0301\u200b".encode(), b"_x0041_", b"a&#10;b",
           b"NaN"]
    write_units(tmp_path / "inputs", [Unit("TY", "district", "Huyện", "Tân Yên"), COMMUNE, *UNITS])
    for at, (unit, one) in enumerate(zip(UNITS, odd, strict=False)):
        path = tmp_path / "inputs" / f"{unit.unit_id}.xlsx"
        hamlet_book(unit, COMMUNE, at).write(path)
        path.write_bytes(typed(PEOPLE, "Z5", text(one))(typed(PEOPLE, "N5", text(one))(path.read_bytes())))
    taken = take_in(tmp_path / "inputs")
    assert [finding for finding in taken.findings if finding.code != "unit_not_reported"] == []
    assert len(taken.collected.tables["people"]["source_row"]) == len(odd)
