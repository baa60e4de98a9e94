"""The tripwire: it finds whoever is in what was written, says where and not whom, and stops no night for a word of our own."""

from __future__ import annotations

import decimal
import io
import json
import os
import random
import sqlite3
import stat
import subprocess
import sys
import time
import unicodedata
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pyarrow as pa
import pytest
import xlsxwriter
from pyarrow import feather

from pipeline.alive import is_alive
from pipeline.allowed import allowed_texts, own_texts
from pipeline.demo.people import FAMILIES, GIVENS, MIDDLES
from pipeline.fault import TripwireFault
from pipeline.secrets_file import PREFIX, Secrets, append_secrets, read_secrets, secrets_folder
from pipeline.tripwire import NAME_OF_FILE, Hit, Tripwire, refuse
from pipeline.units import Unit

EXPECTATIONS = Path(__file__).parent.parent / "expectations"
NAME, NUMBER, OLD_NUMBER = "Nguyễn Đức Thịnh", "000085123456", "012845679"
WIRE = Tripwire(Secrets([NAME, "Hoa", "Lê Lan", "Chu Hòa Bình", "H’Hen Niê"], [NUMBER, OLD_NUMBER]),
                ["Xã Chu Hòa Bình", "Thôn Hòa Bình"])


def trips(text: str | bytes, name: str = "a.txt") -> bool:
    return WIRE.scan_bytes(name, text.encode() if isinstance(text, str) else text) == [Hit(name, "")]


def packed(**members: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "/"), text)
    return made.getvalue()


@pytest.mark.parametrize("text", [
    NAME, f"ghi chú: {NAME}.", NAME.upper(), f"x,{NAME},y", f"“{NAME}”", f"({NAME})", f"{NAME}85", "Nguyễn  Đức\u00a0Thịnh",
    "Nguyễn\nĐức Thịnh", "Nguyễn_Đức_Thịnh", "Nguyễn-Đức-Thịnh", "Nguyễn Đ\u200bức Thịnh", "Nguyễn Ðức Thịnh", "nguyen duc thinh",
    "NGUYEN-DUC-THINH", "Lê Lan", "H'Hen Niê", "h&#39;hen niê", "Nguyễn Đức Th&#7883;nh", quote(NAME), json.dumps(NAME)])
def test_a_name_is_found_however_it_is_written(text: str) -> None:
    assert trips(text)
    assert trips(unicodedata.normalize("NFD", text))


@pytest.mark.parametrize("text", [
    NUMBER, f"CCCD:{NUMBER}", f"<v>{NUMBER}</v>", "0000 8512 3456", "000.085.123.456", "000-085-123456", "2026-05-14 000085123456 5",
    OLD_NUMBER, "012 845 679"])
def test_an_identity_number_is_found_whole_or_in_groups(text: str) -> None:
    assert trips(text)


def test_a_number_that_lost_its_zeros_in_a_number_cell_is_found() -> None:
    assert Tripwire(Secrets([], ["031085123456"])).scan_bytes("a.xml", b"<v>31085123456</v>")
    assert Tripwire(Secrets([], ["31085123456"])).scan_bytes("a.xml", b"<t>031085123456</t>")


@pytest.mark.parametrize("text", [
    "", "Nguyễn Đức", "Đức Thịnh", "Nguyễn Đức Thịnhx", "xNguyễn Đức Thịnh", "Nguyễn, Đức Thịnh", "Nguyễn: Đức Thịnh", "Hoa", "le lan",
    "Xã Chu Hòa Bình", "chu hòa bình", "chu-hoa-binh", "Nguyễn Dức Thịnh", f"1{NUMBER}", f"{NUMBER}7", "00008512345", "0000, 85123456",
    f"aa{NUMBER}bb{'0' * 24}"])
def test_what_is_nobody_s_does_not_trip(text: str) -> None:
    assert not trips(text)


@pytest.mark.parametrize("typed", ["000000000000", "111111111", "121212121212", "150000000", "12345", "chưa có", ""])
def test_what_is_nobody_s_number_is_not_looked_for(typed: str) -> None:
    assert Tripwire(Secrets([], [typed])).watched == 0


def test_without_anybody_nothing_trips() -> None:
    assert Tripwire(Secrets([], [])).scan_bytes("a.txt", NAME.encode()) == []


def test_a_remark_behind_a_name_does_not_hide_it() -> None:
    assert Tripwire(Secrets([f"Ông: {NAME} (đã chết)"])).scan_bytes("a.txt", NAME.encode())


@pytest.mark.parametrize("xml", [
    "<sst><si><t>{}</t></si></sst>", "<c t='inlineStr'><is><t>{}</t></is></c>", "<x><!-- {} --></x>", "<x><![CDATA[{}]]></x>",
    "<dataValidation prompt=\"{}\"/>", "<oddHeader>&amp;C{}</oddHeader>", "<definedName name='{}'>1</definedName>", "<f>\"{}\"</f>"])
def test_a_name_is_found_anywhere_in_markup(xml: str) -> None:
    assert trips(xml.format(NAME))


def test_a_name_in_several_runs_is_read_as_one() -> None:
    assert trips("<si><r><t>Nguyễn </t></r><r><rPr><b/></rPr><t>Đức Thịnh</t></r></si>")
    assert trips("<w:p><w:r><w:t>Ngu</w:t></w:r><w:r><w:t>yễn Đức</w:t></w:r><w:r><w:t> Thịnh</w:t></w:r></w:p>")
    assert trips("<td>Nguyễn<br>Đức <b>Thịnh</b></td>")
    assert trips("<si><r><t>000085</t></r><r><t>123456</t></r></si>")


def test_neighbouring_cells_are_not_read_as_one() -> None:
    assert not trips("<si><t>Nguyễn</t></si><si><t>Đức Thịnh</t></si>")
    assert not trips("<c><v>000085</v></c><c><v>123456</v></c>")
    assert not trips("<tr><td>Nguyễn</td><td>Đức Thịnh</td></tr>")
    assert not trips("Nguyễn,Đức Thịnh\r\n", "a.csv")


def test_every_part_of_a_workbook_is_looked_into(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "thong-ke.xlsx") as book:
        book.set_properties({"author": "Trần Văn Một"})
        book.set_custom_property("Người lập", "Trần Văn Hai")
        sheet, hidden = book.add_worksheet("Tổng hợp"), book.add_worksheet("Danh mục")
        sheet.write_string(0, 0, "Tổng số")
        sheet.write_comment(0, 0, "Trần Văn Ba")
        sheet.set_header("&CTrần Văn Bốn")
        hidden.write_string(0, 0, "Trần Văn Năm")
        hidden.very_hidden()
    names = ["Một", "Hai", "Ba", "Bốn", "Năm"]
    found = [Tripwire(Secrets([f"Trần Văn {name}"])).scan_folder(tmp_path) for name in names]
    assert [[(hit.file, hit.part) for hit in hits] for hits in found] == [[("thong-ke.xlsx", part)] for part in (
        "docProps/core.xml", "docProps/custom.xml", "xl/comments1.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml")]


def test_archives_inside_archives_are_opened() -> None:
    inner = packed(xl__sharedStrings="<si><t>Nguyễn Đức Thịnh</t></si>")
    outer = io.BytesIO()
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("word/embeddings/book.xlsx", inner)
    assert WIRE.scan_bytes("bao-cao.docx", outer.getvalue()) == [Hit("bao-cao.docx", "word/embeddings/book.xlsx/xl/sharedStrings")]


def test_other_encodings_and_broken_archives_are_read_as_they_are() -> None:
    assert trips(NAME.encode("utf-16"))
    assert trips(b"\xef\xbb\xbf" + NAME.encode())
    assert trips(b"PK\x03\x04 broken " + NAME.encode())
    assert trips(b"\x00\xff\x10SQLite\x00" + NAME.encode() + b"\x00\xfe")


def test_a_name_in_a_file_s_name_is_reported_without_saying_it(tmp_path: Path) -> None:
    (tmp_path / "X001" / NAME).mkdir(parents=True)
    (tmp_path / "X001" / NAME / "a.txt").write_text(NUMBER)
    assert WIRE.scan_folder(tmp_path) == [Hit("X001/…", NAME_OF_FILE), Hit("X001/…/a.txt", "")]
    assert WIRE.scan_bytes("a.xlsx", packed(**{f"{NAME}.xml": ""})) == [Hit("a.xlsx", "(tên phần) 2")]


def test_a_text_seen_clean_does_not_hide_the_next_and_every_hit_file_is_named(tmp_path: Path) -> None:
    for at in range(4):
        (tmp_path / f"{at}.csv").write_text(f"Tổng số,{NAME if at % 2 else 'Thôn Đông'}\r\n", encoding="utf-8")
    assert WIRE.scan_folder(tmp_path) == WIRE.scan_folder(tmp_path) == [Hit("1.csv", ""), Hit("3.csv", "")]


def test_a_name_across_the_blocks_of_a_large_log_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.tripwire._BLOCK", 1 << 13)
    for start in ((1 << 13) - 9, (1 << 14) - 9):
        (tmp_path / "pipeline.log").write_bytes(b"." * start + NAME.encode() + b"." * (1 << 13))
        assert WIRE.scan_folder(tmp_path) == [Hit("pipeline.log", "")]


def table(**columns: Any) -> pa.Table:
    return pa.table(columns)


@pytest.mark.parametrize("compression", ["uncompressed", "lz4", "zstd"])
@pytest.mark.parametrize("made", [
    table(who=pa.array(["Lan", NAME, None]).dictionary_encode()), table(who=["Lan", NAME]), table(**{NAME: [1, 2]}),
    table(at=[1]).replace_schema_metadata({"made by": NAME}), table(at=[1]).replace_schema_metadata({NUMBER: "x"}),
    pa.table([[1]], pa.schema([pa.field("at", pa.int64(), metadata={"note": NAME})])), table(id=[1, 212845679, 3]),
    table(id=pa.array([1, 31085123456], pa.uint64())), table(id=[None, 31085123456.0]), table(id=[NUMBER.encode()]),
    table(id=pa.array(np.array([5, 31085123456]), mask=np.array([False, True]))), table(id=[[1], [31085123456, 2]]),
    table(who=[{"name": NAME, "born": 1}]), table(who=pa.array([[("a", NAME)]], pa.map_(pa.string(), pa.string()))),
    table(who=pa.array([NAME], pa.large_string())), table(who=pa.array([NAME], pa.string_view())),
    table(who=pa.chunked_array([pa.array(["Lan"]).dictionary_encode(), pa.array([NAME]).dictionary_encode()])),
    table(id=pa.array([decimal.Decimal(31085123456)])), table(at=list(range(200_000)), who=["Lan"] * 199_999 + [NAME])], ids=str)
def test_whoever_is_in_a_typed_table_is_found(tmp_path: Path, made: pa.Table, compression: str) -> None:
    feather.write_feather(made, tmp_path / "people.arrow", compression=compression)
    assert Tripwire(Secrets([NAME], [NUMBER, "212845679", "031085123456"])).scan_folder(tmp_path) == [Hit("people.arrow", "")]


def typed_people(rng: np.random.Generator, size: int) -> pa.Table:
    """Return what the state folder keeps of people: days, keys, codes, amounts."""
    keys = {name: pa.array(rng.integers(0, 2**64, size, np.uint64)) for name in ("id_key", "name_key")}
    days = {name: pa.array(rng.integers(-15_000, 22_000, size)) for name in ("birth", "release_date", "return_date", "end_date")}
    codes = {name: pa.DictionaryArray.from_arrays(rng.integers(0, 3, size, np.int8), ["SERVED", "AMNESTY", "CONDITIONAL"])
             for name in ("release_type", "end_reason")}
    amounts = {"amount": pa.array(rng.integers(1, 9_000, size) * 100_000.0), "row": pa.array(rng.integers(5, 205, size, np.int32))}
    return table(**keys, **days, **codes, **amounts, helper=pa.array(rng.integers(0, 2, size).astype(bool)))


def test_tables_of_the_state_folder_take_no_time_and_trip_nobody(tmp_path: Path) -> None:
    rng = np.random.default_rng(11)
    for at, compression in enumerate(["uncompressed", "lz4"]):
        feather.write_feather(typed_people(rng, 150_000), tmp_path / f"{at}.arrow", compression=compression)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) > 14 << 20
    wire = Tripwire(Secrets([NAME, "Chấp Hành"], [*(f"0{number:011d}" for number in rng.integers(10**9, 10**11, 50_000).tolist()),
                                                  *(f"{number}" for number in rng.integers(10**8, 10**9, 50_000).tolist())]))
    wire.scan_folder(tmp_path)  # the first time the library is loaded
    began = time.process_time()
    assert wire.scan_folder(tmp_path) == []
    assert time.process_time() - began < 1


def test_a_torn_table_is_read_as_it_is(tmp_path: Path) -> None:
    feather.write_feather(table(who=[NAME]), tmp_path / "people.arrow", compression="uncompressed")
    whole = (tmp_path / "people.arrow").read_bytes()
    for torn in (whole[:-30], whole[:20] + whole[28:], b"ARROW1\0" + NAME.encode()):
        (tmp_path / "people.arrow").write_bytes(torn)
        assert WIRE.scan_folder(tmp_path) == [Hit("people.arrow", "")]


def test_a_database_is_read_as_it_is(tmp_path: Path) -> None:
    base = sqlite3.connect(tmp_path / "ledger.sqlite")
    base.execute("pragma journal_mode=wal")
    base.execute("create table facts (at integer, text text)")
    base.executemany("insert into facts values (?, ?)", ((at, json.dumps({"unit": f"X{at}", "day": "2026-05-14"})) for at in range(30_000)))
    base.commit()
    assert WIRE.scan_folder(tmp_path) == []
    began = time.process_time()
    assert Tripwire(Secrets([NAME])).scan_folder(tmp_path) == []
    assert time.process_time() - began < 2
    base.execute("insert into facts values (1, ?)", (json.dumps({"who": NAME}, ensure_ascii=False),))
    base.commit()
    assert WIRE.scan_folder(tmp_path) == [Hit("ledger.sqlite", ""), Hit("ledger.sqlite-wal", "")]
    base.close()
    assert WIRE.scan_folder(tmp_path) == [Hit("ledger.sqlite", "")]


def database(path: Path, *rows: tuple[object, object]) -> None:
    with closing(sqlite3.connect(path)) as base:
        base.execute("create table facts (one, two)")
        base.executemany("insert into facts values (?, ?)", rows)
        base.commit()


@pytest.mark.parametrize("row", [(NAME, "và con"), ("con của", NAME), (NUMBER, "ab" * 32), (212845679, 1), ("7", NUMBER),
                                 (NAME.encode(), None)])
def test_neighbouring_columns_of_a_database_hide_nobody(tmp_path: Path, row: tuple[object, object]) -> None:
    database(tmp_path / "ledger.sqlite", ("x", "y"), row)
    assert Tripwire(Secrets([NAME], [NUMBER, "212845679"])).scan_folder(tmp_path) == [Hit("ledger.sqlite", "")]


def test_neighbouring_columns_of_a_database_make_up_nobody(tmp_path: Path) -> None:
    database(tmp_path / "ledger.sqlite", ("0000", "85123456"), ("Nguyễn ", "Đức Thịnh"))
    (tmp_path / "ledger.sqlite-journal").write_bytes(b"\0name.xlsx" + b"a" * 32 + NUMBER.encode() + b"b" * 32 + b"X001")
    assert WIRE.scan_folder(tmp_path) == []


def test_looking_does_not_drop_the_locks_of_who_writes(tmp_path: Path) -> None:
    database(tmp_path / "ledger.sqlite", ("x", "y"))
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite", isolation_level=None)) as base:
        base.execute("begin immediate")
        assert WIRE.scan_folder(tmp_path) == []
        script = f"import sqlite3; sqlite3.connect({str(tmp_path / 'ledger.sqlite')!r}, timeout=0).execute('begin immediate')"
        other = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
        assert "database is locked" in other.stderr


def test_a_torn_database_is_read_as_it_is(tmp_path: Path) -> None:
    database(tmp_path / "ledger.sqlite", (NAME, "X001"))
    torn = (tmp_path / "ledger.sqlite").read_bytes()
    (tmp_path / "ledger.sqlite").write_bytes(torn[:100] + bytes(60) + torn[160:])
    assert WIRE.scan_folder(tmp_path) == [Hit("ledger.sqlite", "")]


def test_large_bytes_that_are_no_text_take_no_time(tmp_path: Path) -> None:
    (tmp_path / "noise").write_bytes(b"\0" + random.Random(3).randbytes(8 << 20) + b"\0" + NAME.encode() + b"\0")
    began = time.process_time()
    assert WIRE.scan_folder(tmp_path) == [Hit("noise", "")]
    assert time.process_time() - began < 8


def test_a_file_to_leave_out_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text(NAME, encoding="utf-8")
    assert WIRE.scan_folder(tmp_path, skip={"lock"}) == []


def test_a_hit_stops_publication_and_the_message_says_where_and_not_whom() -> None:
    refuse([])
    with pytest.raises(TripwireFault, match=r"thong-ke\.xlsx › xl/comments1\.xml; a\.csv; 0; 1; 2 và 3 chỗ khác") as told:
        refuse([Hit("X001/thong-ke.xlsx", "xl/comments1.xml"), Hit("a.csv", ""), *(Hit(f"{at}", "") for at in range(6))])
    assert told.value.exit_code == 4
    assert NAME not in str(told.value)


def test_words_of_the_program_the_catalogue_units_and_files_are_allowed() -> None:
    units = [Unit("X1", "commune", "Xã", "Hoàng Mai"), Unit("X1-01", "hamlet", "Thôn", "Mai Thị Lựu")]
    allowed = list(allowed_texts(EXPECTATIONS, units, ["hoang-mai/Trần Thị Sổ.xlsx"]))
    called = ["Hoàng Mai", "Mai Thị Lựu", "Trần Thị Sổ", "Đoàn Thanh Niên", "Đã Nộp"]
    wire = Tripwire(Secrets(called), allowed)
    assert wire.watched == 0
    for text in ("Xã Hoàng Mai", "X1-01-mai-thi-luu", "hoang-mai/Trần Thị Sổ.xlsx", "Đoàn Thanh niên", "ĐÃ NỘP"):
        assert wire.scan_bytes("a.txt", text.encode()) == []


def test_a_name_that_only_without_its_marks_is_a_phrase_of_ours_trips_with_them() -> None:
    wire = Tripwire(Secrets(["Vũ Thị Hạnh An"]), ["vụ thi hành án"])
    assert wire.scan_bytes("a.txt", "Vụ thi hành án, vu thi hanh an".encode()) == []
    assert wire.scan_bytes("a.txt", "Vũ Thị Hạnh An".encode())


def test_invented_people_are_no_words_of_the_program() -> None:
    import pipeline

    texts = own_texts(Path(pipeline.__file__).parent)
    assert not [text for text in texts if "Thị Mẫu" in text]


def test_secrets_travel_in_a_folder_of_their_own_that_ends_with_the_run(tmp_path: Path) -> None:
    with secrets_folder(tmp_path) as folder:
        append_secrets(folder / "1.txt", [NAME, None, f"{NAME} ", "một\nhai", "x" * 300], [NUMBER, 31085123456.0, 12.5])
        append_secrets(folder / "1.txt", ["Lê Lan"], [])
        append_secrets(folder / "2.txt", [], [NUMBER])
        append_secrets(folder / "3.txt", [None, ""], [])
        if os.name == "posix":
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
            assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
        assert len(list(folder.iterdir())) == 2
        found = read_secrets(folder)
    assert (found.names, found.numbers) == ({NAME, "Lê Lan", "một hai"}, {NUMBER, "31085123456", "12.5"})
    assert list(tmp_path.iterdir()) == []


def interrupt_within(place: Path) -> None:
    with secrets_folder(place) as folder:
        append_secrets(folder / "1.txt", [NAME], [])
        raise KeyboardInterrupt


def test_secrets_go_when_the_run_fails_and_those_of_a_killed_run_at_the_next(tmp_path: Path) -> None:
    dead, alive = tmp_path / f"{PREFIX}{2**22 + 1}-x", tmp_path / f"{PREFIX}{os.getpid()}-x"
    dead.mkdir()
    alive.mkdir()
    with pytest.raises(KeyboardInterrupt):
        interrupt_within(tmp_path)
    assert list(tmp_path.iterdir()) == [alive]


def test_a_process_that_runs_is_told_from_one_that_does_not() -> None:
    assert is_alive(os.getpid())
    assert sys.platform == "win32" or is_alive(1)
    assert not is_alive(2**22 + 1)


def test_twenty_thousand_names_over_many_workbooks_take_seconds_and_trip_none(tmp_path: Path) -> None:
    rng = random.Random(5)
    parts = (FAMILIES, MIDDLES["F"], GIVENS["F"], GIVENS["M"])
    names = {" ".join(map(rng.choice, parts)) for _ in range(20_000)}
    rows = "".join(f"<si><t>{text}</t></si>" for text in ("Tổng số", "Có việc làm", "Hội Liên hiệp Phụ nữ", "Thôn Vũ Đình Cả"))
    for at in range(60):
        cells = "".join(f'<c r="B{row}"><v>{row * at}</v></c>' for row in range(900))
        (tmp_path / f"{at}.xlsx").write_bytes(packed(xl__sharedStrings=rows, xl__sheet1=cells))
    began = time.process_time()
    wire = Tripwire(Secrets(names, (f"000{rng.randrange(10**9):09d}" for _ in range(20_000))))
    assert wire.scan_folder(tmp_path) == []
    assert time.process_time() - began < 5
