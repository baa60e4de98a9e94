"""Every kind of bad input gets its answer, within bounds; no good workbook is accused; nothing brings an exception."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import time
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import hostile
import hostile_files  # noqa: F401 - registers its kinds
import hostile_sheets  # noqa: F401
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from intake import FORM, commune_book, hamlet_book
from openpyxl import load_workbook
from python_calamine import CalamineError, CalamineWorkbook
from write_samples import commune_book as commune_figures
from write_samples import rollup_book

from pipeline import archive, blank, parts, scan
from pipeline.details import MAX_FLAGS
from pipeline.form import FORM_VERSION
from pipeline.guard import Inspection, Refusal, examine, inspect
from pipeline.units import Unit
from pipeline.write.commune_book import write_commune_book
from pipeline.write.rollup_book import write_rollup_book

HOME = Path(__file__).parent.parent
COMMUNE = Unit("HD", "commune", "Xã", "Hợp Đức", "TY")
DROP_DOWNS = {sheet.name: {f"dm_{column.list}" for column in sheet.columns if column.type == "code"} for sheet in FORM.sheets}
SECONDS = 5.0
LIMITED = """
import json, sys, time
from pathlib import Path
from pipeline.limits import limit_worker
from pipeline.guard import Refusal, examine, inspect, take
limit_worker(768)
folder, drop_downs = Path(sys.argv[1]), {key: set(names) for key, names in json.loads(sys.argv[2]).items()}
(folder / "copies").mkdir()
for number, path in enumerate(sorted(folder.glob("*.bin"))):
    since = time.perf_counter()
    both = examine(path, folder / "copies", 2 * number, drop_downs)
    copy = take(path, folder / "copies", 2 * number + 1)
    if isinstance(copy, Refusal):
        told = [copy.code] if both == copy else ["differs"]
    else:
        seen = inspect(copy.path, drop_downs)
        flags = [f"flags:{cell.kind}" for cell in seen.cells] + [f"note:{one}" for one in seen.notes]
        told = [seen.refusal.code] if seen.refusal else flags
        if both[1] != seen or (both[0].sha256, both[0].size) != (copy.sha256, copy.size) or both[0].path.exists() == bool(seen.refusal):
            told = ["differs"]
    print(json.dumps([path.stem, told, time.perf_counter() - since]))
"""


@cache
def good_workbook() -> bytes:
    with TemporaryDirectory() as folder:
        hamlet_book(Unit("HD-01", "hamlet", "Thôn", "Cầu", "HD"), COMMUNE, 1).write(Path(folder) / "good.xlsx")
        return (Path(folder) / "good.xlsx").read_bytes()


@pytest.fixture(scope="module")
def good() -> bytes:
    return good_workbook()


@pytest.fixture(scope="module")
def answers(good: bytes, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[list[str], float]]:
    """Return what a worker with the limits says of every kind: codes, and seconds."""
    folder = tmp_path_factory.mktemp("hostile")
    for one, data in hostile.corpus(good):
        (folder / f"{one.name}.bin").write_bytes(data)
    lists = json.dumps({key: sorted(names) for key, names in DROP_DOWNS.items()})
    told = subprocess.run([sys.executable, "-c", LIMITED, str(folder), lists],
                          cwd=HOME, capture_output=True, text=True, timeout=120, check=True, env={**os.environ, "PYTHONPATH": str(HOME)})
    return {name: (codes, seconds) for name, codes, seconds in map(json.loads, told.stdout.splitlines())}


def test_there_are_sixty_kinds_and_more_and_no_name_stands_twice() -> None:
    names = [one.name for one in hostile.KINDS]
    assert len(set(names)) == len(names)
    assert sum(one.outcome != "harmless" for one in hostile.KINDS) >= 100


@pytest.mark.parametrize("one", hostile.KINDS, ids=lambda one: one.name)
def test_every_kind_gets_its_answer_within_bounds(one: hostile.Kind, answers: dict[str, tuple[list[str], float]]) -> None:
    codes, seconds = answers[one.name]
    assert one.outcome in codes if one.outcome != "harmless" else codes == []
    assert seconds < SECONDS


def people(data: bytes) -> list[list[Any]]:
    """Return Danh sách as a reader sees it: keys, headers and the first person, without the note."""
    with CalamineWorkbook.from_filelike(BytesIO(data)) as book:
        rows = book.get_sheet_by_name("Danh sách").to_python(skip_empty_area=False)
    return [row[:25] for row in rows[:5]]


def cells(path: Path) -> list[Any]:
    """Return all that a reader gets from a workbook, sheet by sheet; what it says of a sheet that it cannot read."""
    found: list[Any] = []
    with CalamineWorkbook.from_path(path) as book:
        for one in book.sheets_metadata:
            try:
                sheet = book.get_sheet_by_name(one.name)
                found.append((one.name, str(one.visible), sheet.merged_cell_ranges, sheet.to_python(skip_empty_area=False)))
            except CalamineError as error:
                found.append((one.name, str(error)))
    return found


@pytest.mark.parametrize("one", [one for one in hostile.KINDS if not one.outcome.startswith("file_")], ids=lambda one: one.name)
def test_a_reader_gets_the_same_cells_from_the_copy_as_from_the_file(one: hostile.Kind, good: bytes, tmp_path: Path) -> None:
    (tmp_path / "book.xlsx").write_bytes(one.make(good))
    both = examine(tmp_path / "book.xlsx", tmp_path, 1, DROP_DOWNS)
    assert isinstance(both, tuple)
    if both[1].refusal is None:
        assert repr(cells(both[0].path)) == repr(cells(tmp_path / "book.xlsx"))  # a NaN equals nothing


@pytest.mark.parametrize("one", [one for one in hostile.KINDS if one.outcome == "harmless"], ids=lambda one: one.name)
def test_what_only_looks_bad_is_read_right(one: hostile.Kind, good: bytes) -> None:
    assert people(good)[4][2]
    assert people(one.make(good)) == people(good)


def clean(path: Path) -> Inspection:
    seen = inspect(path, DROP_DOWNS)
    with TemporaryDirectory() as folder:
        both = examine(path, Path(folder), 1, DROP_DOWNS)
        assert isinstance(both, tuple)
        assert both[1] == seen
        assert cells(both[0].path) == cells(path)
    assert seen.refusal is None, path.name
    assert not [one for one in seen.counts if one.kind != "formula"], path.name
    assert seen.notes == (), path.name
    return seen


def test_blank_and_filled_templates_raise_no_alarm(tmp_path: Path, good: bytes) -> None:
    (tmp_path / "hamlet.xlsx").write_bytes(good)
    commune_book(COMMUNE).write(tmp_path / "commune.xlsx")
    assert [clean(path).cells for path in sorted(tmp_path.glob("*.xlsx"))] == [(), ()]


def test_a_workbook_saved_by_another_program_raises_no_alarm(tmp_path: Path, good: bytes) -> None:
    load_workbook(BytesIO(good)).save(tmp_path / "saved.xlsx")
    assert clean(tmp_path / "saved.xlsx").cells == ()


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not here")
def test_a_workbook_saved_by_libreoffice_raises_no_alarm(tmp_path: Path, good: bytes) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "book.xlsx").write_bytes(good)
    subprocess.run(["soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless",
                    "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path), str(tmp_path / "in" / "book.xlsx")],
                   capture_output=True, timeout=120, check=True)
    assert clean(tmp_path / "book.xlsx").cells == ()


def test_the_sample_inputs_raise_no_alarm() -> None:
    books = sorted((HOME / "inputs").rglob("*.xlsx"))
    assert books
    assert [path.name for path in books if clean(path).cells] == []


def test_our_own_outputs_are_read_and_their_formulas_have_values(tmp_path: Path) -> None:
    write_commune_book(tmp_path / "thong-ke.xlsx", FORM, commune_figures(), {})
    write_rollup_book(tmp_path / "tong-hop.xlsx", FORM, rollup_book(), {})
    assert all(clean(path).cells for path in sorted(tmp_path.glob("*.xlsx")))


def test_flagged_cells_are_capped_and_all_counted(tmp_path: Path, good: bytes) -> None:
    rows = b"".join(b'<row r="%d"><c r="A%d"><f>1</f><v>1</v></c><c r="B%d" t="e"><v>#N/A</v></c></row>' % (at, at, at)
                    for at in range(300, 550))
    (tmp_path / "many.xlsx").write_bytes(hostile.row(rows)(good))
    seen = inspect(tmp_path / "many.xlsx")
    assert {(one.kind, one.number) for one in seen.counts} == {("error", 250), ("formula", 250)}
    assert [(cell.sheet, cell.kind) for cell in seen.cells] == [("Danh sách", "error")] * MAX_FLAGS
    assert (seen.cells[0].cell, seen.cells[-1].cell) == ("B300", "B499")


def test_cells_are_named_in_the_order_of_the_sheets(tmp_path: Path, good: bytes) -> None:
    parts = {name: part.replace(b"</sheetData>", b'<row r="900"><c r="D900"><f>1</f></c></row></sheetData>')
             if name.startswith("xl/worksheets/sheet") else part for name, part in reversed(hostile.unpack(good).items())}
    (tmp_path / "book.xlsx").write_bytes(hostile.pack(parts))
    names = [cell.sheet for cell in inspect(tmp_path / "book.xlsx").cells]
    assert names == [*load_workbook(BytesIO(good)).sheetnames]


def test_stray_cells_are_named(tmp_path: Path, good: bytes) -> None:
    strays = {}
    for one in hostile.KINDS:
        if one.name.startswith("stray"):
            (tmp_path / "stray.xlsx").write_bytes(one.make(good))
            refusal = inspect(tmp_path / "stray.xlsx").refusal
            assert refusal
            strays[one.name] = str(dict(refusal.values)["what"]).rsplit(": ", 1)[1]
    assert strays == {"stray_cell": "XFD1048576", "stray_row": "A1048576", "stray_column": "XFD3000", "stray_in_short_row": "XFD900000"}


def test_the_template_s_version_is_told(tmp_path: Path, good: bytes) -> None:
    version = hostile.replaced("docProps/custom.xml", FORM_VERSION.encode(), b"2019.3")(good)
    forged = hostile.replaced("docProps/custom.xml", FORM_VERSION.encode(), b"<b>Lan</b>")(good)
    told = []
    for data in (good, version, forged, hostile.without("docProps/custom.xml")(good)):
        (tmp_path / "book.xlsx").write_bytes(data)
        told.append(inspect(tmp_path / "book.xlsx").template_version)
    assert told == [FORM_VERSION, "2019.3", "", ""]


def test_no_refusal_says_what_a_person_typed(tmp_path: Path, good: bytes) -> None:
    """Sheets and parts may be called after a person: a refusal knows sheets by their place, parts by their number."""
    (tmp_path / "book.xlsx").write_bytes(good)
    first = load_workbook(tmp_path / "book.xlsx").sheetnames.index("Danh sách") + 1
    said = {}
    for one in hostile.KINDS:
        data = one.make(hostile.replaced(hostile.WORKBOOK, 'name="Danh sách"'.encode(), 'name="Lê Thị Riêng"'.encode())(good)
                        if one.name not in ("two_sheets_one_name", "two_names_by_case") else good)
        (tmp_path / "book.xlsx").write_bytes(data)
        refusal = inspect(tmp_path / "book.xlsx", DROP_DOWNS).refusal
        said[one.name] = " ".join(str(value) for _, value in refusal.values) if refusal else ""
    assert not [name for name, text in said.items() if re.search("riêng|danh|evil|a.txt|x/", text, re.IGNORECASE)]
    assert said["two_sheets_one_name"] == said["two_sheets_one_part"] == f"sheet thứ {first} và sheet thứ {first + 1}"
    assert said["rows_twice"] == f"sheet thứ {first} có dòng ghi hai lần hoặc sai thứ tự"
    assert said["two_values_beside_error"].endswith(f"sheet thứ {first}")


def test_a_part_called_after_a_person_is_told_by_its_number(tmp_path: Path, good: bytes) -> None:
    parts = hostile.unpack(good)
    (tmp_path / "book.xlsx").write_bytes(hostile.pack([*parts.items(), *[("xl/Lê Thị Riêng.xml", b"<a/>")] * 2]))
    assert inspect(tmp_path / "book.xlsx").refusal == Refusal("file_suspicious", (("what", f"phần thứ {len(parts) + 2} có hai bản"),))


def test_every_code_is_worded() -> None:
    worded = {row["code"] for path in (HOME / "expectations").glob("messages*.csv")
              for row in csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines())}
    assert {one.outcome.removeprefix("note:") for one in hostile.KINDS if not one.outcome.startswith(("flags:", "harmless"))} <= worded
    assert {"file_changing", "file_open", "reader_failed", "cell_error", "formula_without_value", "formula_in_cell"} <= worded


def test_the_guard_needs_nothing_but_the_standard_library() -> None:
    script = "import sys, pipeline.guard, pipeline.limits; print(*{name.split('.')[0] for name in sys.modules})"
    told = subprocess.run([sys.executable, "-c", script], cwd=HOME, capture_output=True, text=True, check=True)
    strangers = {name for name in told.stdout.split() if not name.startswith(("_", "pipeline"))} - set(sys.stdlib_module_names)
    assert not {"numpy", "pandas", "python_calamine", "click", "openpyxl", "hypothesis"} & strangers


FUZZ = settings(max_examples=75, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
PLACE, BYTES = st.floats(0, 1, exclude_max=True), st.binary(min_size=0, max_size=12)
ODD = st.sampled_from([
    b"<", b">", b"</sheetData>", b"<row r='1'>", b'<c r="B1"/>', b"&#0;", b"<![CDATA[", b"<!--", b"\xff", b"\0", b"9999999999",
    b'r="ZZZZ1"', b"<f>", b"</f>", b't="e"', b"xmlns:x='y'", b"-1", b"<v/>", b"<c>"])


def judged(data: bytes, folder: Path) -> Inspection:
    """Inspect, and be sure that no unforeseen exception was turned into a refusal, and that nothing seen before changes the answer."""
    path = folder / "fuzzed.xlsx"
    path.write_bytes(data)
    seen = inspect(path, DROP_DOWNS)
    assert seen.refusal is None or seen.refusal.code != "file_unreadable"
    forget_everything()
    assert inspect(path, DROP_DOWNS) == seen
    path.write_bytes(roomy_workbook())
    inspect(path, DROP_DOWNS)
    return seen


def forget_everything() -> None:
    archive._known.clear()
    blank._known.clear()
    scan._scan_known.cache_clear()
    parts._list_sheets.cache_clear()


@cache
def roomy_workbook() -> bytes:
    """Return a workbook with two hundred prepared rows, which staff get."""
    def prepare(part: bytes) -> bytes:
        row = re.search(rb'<row r="7".*?</row>', part)
        assert row
        rows = (re.sub(rb' r="([A-Z]*)7"', rb' r="\g<1>%d"' % at, row[0]) for at in range(8, 205))
        return part.replace(b"</sheetData>", b"".join(rows) + b"</sheetData>")

    return hostile.changed(hostile.PEOPLE, prepare)(good_workbook())


def with_people(good: bytes, rows: list[int], value: str = "Lê Thị Mẫu") -> bytes:
    """Return a workbook with a name in some rows of Danh sách."""
    def fill(part: bytes) -> bytes:
        for at in rows:
            part = re.sub(rb'<c r="C%d" ([^<>]*)/>' % at, rb'<c r="C%d" \1 t="inlineStr"><is><t>' % at + value.encode() + b"</t></is></c>",
                          part, count=1)
        return part

    return hostile.changed(hostile.PEOPLE, fill)(good)


@pytest.mark.parametrize("order", [[6, 60, 199], [199, 60, 6], [60, 6, 199]])
def test_rows_filled_where_others_are_blank_are_read(tmp_path: Path, order: list[int]) -> None:
    forget_everything()
    sizes = {}
    for at in order * 2:
        (tmp_path / "book.xlsx").write_bytes(with_people(roomy_workbook(), [at]))
        both = examine(tmp_path / "book.xlsx", tmp_path, at, DROP_DOWNS)
        assert isinstance(both, tuple)
        assert cells(both[0].path) == cells(tmp_path / "book.xlsx")
        sizes[at] = both[0].path.stat().st_size
    assert sizes[6] + 25_000 < sizes[60] < sizes[199] - 60_000


@pytest.mark.parametrize(("kind", "code"), [("rows_twice", "file_damaged"), ("rows_reversed", "file_damaged"), ("error_na", None),
                                            ("rows_after_the_end", "file_damaged"), ("formula", None), ("control_in_cell", "file_damaged")])
def test_what_is_wrong_above_rows_that_are_known_is_seen(tmp_path: Path, kind: str, code: str | None) -> None:
    good = roomy_workbook()
    make = next(one.make for one in hostile.KINDS if one.name == kind)
    for data in (good, make(good), good, make(with_people(good, [150])), make(with_people(good, [6, 7]))):
        (tmp_path / "book.xlsx").write_bytes(data)
        seen = inspect(tmp_path / "book.xlsx", DROP_DOWNS)
        if data is good:
            assert seen == inspect(tmp_path / "book.xlsx", DROP_DOWNS) == Inspection(template_version=FORM_VERSION)
        else:
            assert (seen.refusal.code if seen.refusal else None, bool(seen.refusal or seen.cells)) == (code, True)


def test_a_large_workbook_is_copied_as_it_is(tmp_path: Path, good: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.repack.MAX_COPY", 10_000)
    (tmp_path / "book.xlsx").write_bytes(good)
    both = examine(tmp_path / "book.xlsx", tmp_path, 1)
    assert isinstance(both, tuple)
    assert both[0].path.read_bytes() == good


def test_a_normal_workbook_costs_about_a_millisecond(tmp_path: Path) -> None:
    (tmp_path / "book.xlsx").write_bytes(with_people(roomy_workbook(), list(range(6, 36))))
    spent = []
    for _ in range(30):
        since = time.process_time()
        inspect(tmp_path / "book.xlsx", DROP_DOWNS)
        spent.append(time.process_time() - since)
    assert min(spent) < 0.004


@FUZZ
@given(st.lists(st.tuples(PLACE, st.integers(0, 40), BYTES), min_size=1, max_size=4))
def test_bytes_changed_anywhere_are_seen_or_change_nothing(tmp_path: Path, changes: list[tuple[float, int, bytes]]) -> None:
    good = good_workbook()
    data = bytearray(good)
    for place, gone, come in changes:
        at = int(place * len(data))
        data[at:at + gone] = come
    if judged(bytes(data), tmp_path).refusal is None:
        assert people(bytes(data)) == people(good)


@FUZZ
@given(st.sampled_from([hostile.PEOPLE, hostile.WORKBOOK, hostile.RELATIONS, hostile.STRINGS, hostile.STYLES]),
       st.lists(st.tuples(PLACE, st.integers(0, 40), st.one_of(ODD, BYTES)), min_size=1, max_size=4), st.booleans())
@example(hostile.PEOPLE, [(0.5, 0, b"<f>")], True)
def test_xml_changed_anywhere_brings_no_exception(tmp_path: Path, part: str, changes: list[tuple[float, int, bytes]],
                                                      closely: bool) -> None:
    """A formula brings the detailed look as well; two hundred prepared rows bring the short one."""
    parts = hostile.unpack(hostile.cell(b"<f>1+1</f><v>2</v>")(good_workbook()) if closely else roomy_workbook())
    content = bytearray(parts[part])
    for place, gone, come in changes:
        at = int(place * len(content))
        content[at:at + gone] = come
    judged(hostile.pack({**parts, part: bytes(content)}), tmp_path)
