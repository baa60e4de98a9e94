"""Columns typed in old fonts: told from Unicode, converted letter by letter, or left alone when doubtful."""

from __future__ import annotations

import csv
import random
import shutil
import subprocess
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.demo.people import FAMILIES, GIVENS, MIDDLES
from pipeline.legacy import Verdict, capital_font, convert, decide, font_encoding
from pipeline.syllables import legal_syllables, read_charset
from pipeline.text import clean

HOME = Path(__file__).parent.parent
TABLES: Any = ("tcvn3", "vni")
FONTS = {"tcvn3": ".VnTime", "vni": "VNI-Times", "unicode": "Times New Roman"}
LETTERS = {unicodedata.normalize("NFC", base + tone) for base in "aăâeêioôơuưy" for tone in ("", *"\u0300\u0301\u0303\u0309\u0323")}
TONED = {letter for letter in LETTERS if letter not in "aeiouy"} | {"đ"}
TCVN3_SIGNATURE = "¡¢£¤¥¦§¨©ª«¬\u00ad®µ¶·¸¹»¼½¾ÆÇËÎÏÐÑÖ×ØÜÞßäåæçëîïñöø÷ûüþ"
VNI_SIGNATURE = "ÄÅÆËÎÏÑÖØÛÜäåæëîïñöøûü"
TCVN3_CODES = [*range(0xA1, 0xAF), *range(0xB5, 0xBA), *range(0xBB, 0xBF), *range(0xC6, 0xCD), *range(0xCE, 0xD9),
               *range(0xDC, 0xE0), *range(0xE1, 0xF0), *range(0xF1, 0xFF)]
GOOD = ["Nguyễn Văn Đức", "Trần Thị Hằng", "Phạm Hữu Tuyết", "Đặng Xuân Trường", "Hoàng Thị Mỹ Lệ", "Đỗ Trọng Nghĩa"]
"""Enough of a column to tell it by."""
OTHERS = ["Vàng A H'Mông", "Y-Biên Niê", "K'Đăm", "Krông Đắk", "Siu Hrê", "Rơ Mah Plơi", "An", "Lê Mai An"]
PARTS = [FAMILIES, *([one for group in groups.values() for one in group] for groups in (MIDDLES, GIVENS))]
NAMES = st.builds(lambda *parts: " ".join(parts), *map(st.sampled_from, PARTS)) | st.sampled_from(OTHERS)


@cache
def table(encoding: str) -> dict[str, str]:
    return {bytes.fromhex(row["bytes"]).decode("latin-1"): row["letter"] for row in read_charset(f"{encoding}.csv")}


def typed(text: str, encoding: str) -> str:
    """Return text as an old font's keyboard puts it into a cell."""
    glyphs = {letter: glyph for glyph, letter in table(encoding).items()} if encoding in TABLES else {}
    return "".join(glyphs.get(letter, letter) for letter in text)


def with_small_glyphs(text: str) -> str:
    """Return capitals as TCVN3 text in a common font has them: the codes of small toned letters among capitals."""
    glyphs = {letter: glyph for glyph, letter in table("tcvn3").items()}
    return "".join(glyphs[letter] if len(glyphs.get(letter, letter)) == 1 and letter in glyphs
                   else glyphs.get(letter.lower(), letter) for letter in text)


def invented(count: int, seed: int = 1) -> list[str]:
    rng = random.Random(seed)
    return [" ".join((rng.choice(FAMILIES), rng.choice(MIDDLES[sex]), rng.choice(GIVENS[sex])))
            for sex in rng.choices("MF", k=count)]


def headers() -> list[str]:
    with (HOME / "pipeline" / "form" / "columns.csv").open(encoding="utf-8-sig", newline="") as file:
        return [row["header"] for row in csv.DictReader(file)]


def test_tcvn3_has_the_74_letters_of_the_standard_and_the_60_pairs_that_converters_write() -> None:
    single = [glyph for glyph in table("tcvn3") if len(glyph) == 1]
    assert sorted(map(ord, single)) == TCVN3_CODES
    assert len(single) == 74
    assert set(table("tcvn3").values()) == TONED | {letter.upper() for letter in TONED}
    assert len(table("tcvn3")) == len(set(table("tcvn3").values())) == 134
    for capital, small in (glyph for glyph in table("tcvn3") if len(glyph) == 2):
        letter = table("tcvn3")[capital + small]
        assert letter.lower() == table("tcvn3")[small]
        assert unicodedata.normalize("NFD", table("tcvn3").get(capital, capital))[0] == unicodedata.normalize("NFD", letter)[0]


def test_vni_has_one_sequence_for_each_of_the_134_letters() -> None:
    assert set(table("vni").values()) == TONED | {letter.upper() for letter in TONED}
    assert len(table("vni")) == len(set(table("vni").values())) == 134
    assert [table("vni")[glyphs] for glyphs in ("aú", "AÚ", "î", "Î", "ñ", "ô", "ö", "æ", "ò", "ó", "ì", "í", "ôø", "aë", "yõ")] == \
        ["ẳ", "Ẳ", "ỵ", "Ỵ", "đ", "ơ", "ư", "ỉ", "ị", "ĩ", "ì", "í", "ờ", "ặ", "ỹ"]
    for glyphs, letter in table("vni").items():
        assert table("vni")[glyphs.lower()] == letter.lower()


@pytest.mark.skipif(not shutil.which("iconv"), reason="no iconv here")
def test_tcvn3_agrees_with_the_machine_s_own_table_of_the_standard() -> None:
    told = subprocess.run(["iconv", "-f", "TCVN5712-1", "-t", "UTF-8"], input=bytes([*TCVN3_CODES, 32]), capture_output=True)
    if told.returncode:
        pytest.skip("iconv knows no TCVN5712-1")
    letters = unicodedata.normalize("NFC", told.stdout.decode()).strip()
    assert letters == "".join(table("tcvn3")[chr(code)] for code in TCVN3_CODES)


def test_the_signature_is_every_glyph_that_unicode_vietnamese_has_not() -> None:
    western = {letter for letter in LETTERS | {one.upper() for one in LETTERS} if "\u00bf" < letter < "\u0100"}
    for encoding, signature in (("tcvn3", TCVN3_SIGNATURE), ("vni", VNI_SIGNATURE)):
        assert {glyph for glyphs in table(encoding) for glyph in glyphs if not glyph.isascii()} - western == set(signature)


@pytest.mark.parametrize("encoding", TABLES)
def test_every_letter_goes_there_and_back(encoding: Any) -> None:
    for glyphs, letter in table(encoding).items():
        assert convert(glyphs, encoding) == letter
        assert typed(letter, encoding) == glyphs


@pytest.mark.parametrize("encoding", TABLES)
def test_every_legal_syllable_goes_there_and_back(encoding: Any) -> None:
    for word in legal_syllables() - {"àm"}:  # in TCVN3 written as the sign of a micrometre
        assert convert(typed(word, encoding), encoding) == word
        # "Oò" of "Oòng" is the pair for "Ò": no name begins so.
        if not unicodedata.normalize("NFD", word).startswith("oo"):
            assert convert(typed(word.capitalize(), encoding), encoding) == word.capitalize()
            assert convert(typed(word.upper(), encoding), encoding) == word.upper()


@pytest.mark.parametrize(("old", "encoding", "new"), [
    ("Céng hßa x· héi chñ nghÜa ViÖt Nam", "tcvn3", "Cộng hòa xã hội chủ nghĩa Việt Nam"),
    ("§éc lËp - Tù do - H¹nh phóc", "tcvn3", "Độc lập - Tự do - Hạnh phúc"),
    ("NguyÔn V¨n Tr\u00adêng", "tcvn3", "Nguyễn Văn Trường"),
    ("Aµ ¢Ê ¥í ¦íc", "tcvn3", "À Ấ Ớ Ước"),
    ("COÄNG HOØA XAÕ HOÄI CHUÛ NGHÓA VIEÄT NAM", "vni", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
    ("Ñoäc laäp - Töï do - Haïnh phuùc", "vni", "Độc lập - Tự do - Hạnh phúc"),
    ("Nguyeãn Thò Thuûy, Lî, khaúng khiu", "vni", "Nguyễn Thị Thủy, Lỵ, khẳng khiu"),
    ("Aùnh, Ôùt, AÙnh", "vni", "Ánh, Ớt, Ánh"),
])
def test_phrases_that_everybody_knows(old: str, encoding: Any, new: str) -> None:
    assert convert(old, encoding) == new
    assert decide([old] * 3).encoding == encoding


@pytest.mark.parametrize(("old", "new"), [
    ("TRéM C¾P", "TRỘM CẮP"), ("B¸O GI¸ THIÕT BÞ", "BÁO GIÁ THIẾT BỊ"), ("L£ THÞ Hµ", "LÊ THỊ HÀ"), ("Hµ NéI", "HÀ NỘI"),
    ("tØnh §¾k L¾k", "tỉnh Đắk Lắk"), ("Vµng A H'M«ng", "Vàng A H'Mông"), ("K'§¨m", "K'Đăm"), ("Y-Biªn", "Y-Biên"),
    ("UBND x· TRéM", "UBND xã TRỘM"), ("Q§-TTg", "QĐ-TTg"), ("Lª ¸nh", "Lê ánh"),
    ("Vò V¡N VINH", "VŨ VĂN VINH"), ("UBND Hµ", "UBND Hà"), ("H§ND x·", "HĐND xã"), ("CA Hµ", "CA Hà"), ("ViÖtNam", "ViệtNam"),
])
def test_small_letters_of_words_in_capitals_are_raised(old: str, new: str) -> None:
    assert convert(old, "tcvn3") == new


def test_a_capitals_font_raises_the_whole_cell() -> None:
    assert convert("nguyÔn v¨n an", "tcvn3", capitals=True) == "NGUYỄN VĂN AN"
    assert convert("nam", "tcvn3", capitals=True) == "NAM"
    assert [capital_font(font) for font in (".VnTimeH", ".VnTifani HeavyH", ".VNARIALH", ".VnTime", "VNI-H", "Arial H")] == \
        [True, True, True, False, False, False]


@pytest.mark.parametrize("text", ["Nguyễn V¨n An", "Đ¨m", "ưa", unicodedata.normalize("NFD", "hà"), "plain", ""])
@pytest.mark.parametrize("encoding", [*TABLES, "unicode", "doubtful"])
def test_unicode_vietnamese_and_plain_text_are_never_converted(text: str, encoding: Any) -> None:
    assert convert(text, encoding) == text


@pytest.mark.parametrize("encoding", ["unicode", "doubtful"])
def test_nothing_is_converted_where_no_old_font_was_decided(encoding: Any) -> None:
    assert convert("NguyÔn", encoding) == "NguyÔn"


@pytest.mark.parametrize("text", ["5 µS/cm", "12µm", "3 × 4", "3×4", "10÷15", "1½", "7 × 2"])
def test_signs_beside_figures_stay(text: str) -> None:
    assert convert(text, "tcvn3") == text


@pytest.mark.parametrize(("font", "encoding"), [(".VnTime", "tcvn3"), (".VNARIALH", "tcvn3"), (" .vnTimeH", "tcvn3"),
                                                ("VNI-Times", "vni"), ("vni-helve", "vni"), ("Times New Roman", "unicode"),
                                                ("Vnote", "unicode"), ("", "unicode")])
def test_a_font_s_name_speaks_for_an_encoding(font: str, encoding: str) -> None:
    assert font_encoding(font) == encoding


@pytest.mark.parametrize("encoding", TABLES)
def test_headers_and_names_come_back(encoding: Any) -> None:
    for column in (headers(), invented(300), GOOD, OTHERS * 3 + GOOD, [name.upper() for name in invented(50)], invented(3)):
        old = [typed(text, encoding) for text in column]
        verdict = decide(old)
        assert verdict.encoding == encoding
        assert [convert(text, encoding) for text in old] == column
        assert verdict.cells == sum(before != after for before, after in zip(old, column, strict=True)) > 0


def test_capitals_in_small_glyphs_come_back() -> None:
    column = [name.upper() for name in invented(200)]
    old = [with_small_glyphs(name) for name in column]
    assert decide(old).encoding == "tcvn3"
    assert [convert(text, "tcvn3") for text in old] == column


@pytest.mark.parametrize("share", [1, 2, 3, 6, 9, 10, 11])
def test_a_mixture_is_doubtful(share: int) -> None:
    names = GOOD * 2
    def mixed(first: str, second: str) -> Verdict:
        return decide([typed(name, first if at < share else second) for at, name in enumerate(names)])
    assert mixed("tcvn3", "vni").encoding == "doubtful"
    few = "unicode" if share < 3 else "doubtful"
    assert mixed("tcvn3", "unicode").encoding == mixed("vni", "unicode").encoding == few


def test_a_cell_that_mixes_is_a_mixture_too() -> None:
    assert decide(["Nguyễn V¨n §øc"] * 3 + [typed(name, "tcvn3") for name in GOOD]) == Verdict("doubtful", 9)


def test_one_unicode_cell_in_an_old_font_s_column_is_a_mixture_even_without_modern_letters() -> None:
    assert decide([*(typed(name, "tcvn3") for name in GOOD), "Hà"]).encoding == "doubtful"
    assert decide([*(typed(name, "vni") for name in GOOD), "Lý Bá"]).encoding == "doubtful"


@pytest.mark.parametrize("fonts", [(), ("tcvn3",), ("vni",), ("unicode",)])
def test_a_tie_is_doubtful_until_the_font_decides(fonts: tuple[str, ...]) -> None:
    # chæ, næ: "chổ", "nổ" in TCVN3, "chỉ", "nỉ" in VNI.
    texts = ["chæ næ"] * 6
    expected = fonts[0] if fonts and fonts[0] != "unicode" else "doubtful"
    assert decide(texts, [FONTS[font] for font in fonts] * 6) == Verdict(expected, 6)


@pytest.mark.parametrize("encoding", TABLES)
def test_a_column_too_short_to_tell_needs_its_font(encoding: str) -> None:
    short = [typed(text, encoding) for text in ("Nữ", "Nam", "Nữ")]
    assert decide(short) == Verdict("doubtful", 2)
    assert decide(short, [FONTS["unicode"]] * 3) == Verdict("doubtful", 2)
    assert decide(short, [FONTS[encoding]] * 3) == Verdict(encoding, 2)  # type: ignore[arg-type]
    assert decide(short * 9) == Verdict(encoding, 18)  # type: ignore[arg-type]


def test_a_font_may_lie() -> None:
    old = [typed(name, "tcvn3") for name in GOOD]
    assert decide(old, [FONTS["vni"]] * len(old)) == decide(old, [FONTS["unicode"]] * len(old)) == Verdict("tcvn3", len(old))
    assert decide(GOOD, [FONTS["tcvn3"]] * len(GOOD)) == Verdict()
    assert decide(["Có", "Không", "Có"], [FONTS["tcvn3"]] * 3) == Verdict()
    assert decide(["A1", "01/01/2024"], [FONTS["tcvn3"]] * 2) == Verdict()


def test_a_few_old_cells_in_a_column_of_another_make_no_verdict_without_their_font() -> None:
    column = ["Nam"] * 48 + ["N÷", "N÷"]
    assert decide(column) == Verdict()
    assert decide(column, [FONTS["unicode"]] * 48 + [FONTS["tcvn3"]] * 2) == Verdict("tcvn3", 2)


def test_a_font_tells_names_of_other_peoples_alone() -> None:
    column = ["§¾k L¾k"] * 5
    assert decide(column) == Verdict("doubtful", 5)
    assert decide(column, [FONTS["tcvn3"]] * 5) == Verdict("tcvn3", 5)
    assert decide([*column, *(typed(name, "tcvn3") for name in GOOD)]) == Verdict("tcvn3", 11)


@pytest.mark.parametrize("column", [
    ["µS"] * 30, ["12 µS/cm", "3 µm", "5µg"] * 10, ["10÷15", "3×4", "1½", "± 5 °C", "m²"] * 8, ["Ø20", "Ø 16"] * 20,
    ["Samsung®", "Müller", "Noël"] * 10,
    ["© 2024", "§ 12", "5.000 ®"] * 10, ["Ðông", "Ðoàn", "Ðào"] * 10, ["Lê Văn Ðông", "Ðoàn Hà"] * 5, ["LÐ", "Nguyễn Ðức"] * 9,
    ["Hà", "Lê Bá", "Tô"] * 10, ["x", "", "-", "0"] * 10, ["Peña", "Citroën", "Åse"] * 3, ["Thôn\u00a0Đông", "«Hoa»"] * 9, [], [""],
    ["H'Mông", "K'Đăm", "Y-Biên", "Êđê"] * 3, ["commu\u00adnity", "Hợp\u00ad Đức"] * 9, ["NGUYỄN", "café", "Nghành"] * 9,
])
def test_units_signs_foreign_words_and_careless_unicode_are_unicode(column: list[str]) -> None:
    assert decide(column) == Verdict()


def test_an_abbreviation_that_may_be_a_word_is_doubtful() -> None:
    # LÐ: LĐ with Eth for Đ, or "Lé" in TCVN3.
    assert decide(["LÐ"] * 20) == Verdict("doubtful", 20)


def test_a_misspelt_word_in_a_long_column_is_no_mixture() -> None:
    old = [typed(name, "tcvn3") for name in invented(300)]
    assert decide([*old, "NguyÔnn V¨n §øc"]) == Verdict("tcvn3", decide(old).cells + 1)
    short = [typed(name, "tcvn3") for name in GOOD]
    assert decide([*short, "NguyÔnn V¨n §øc"]).encoding == "doubtful"
    assert decide([*short, "NguyÔnn V¨n §øc"], [FONTS["tcvn3"]] * 7).encoding == "tcvn3"


def test_abbreviations_and_plain_words_do_not_matter() -> None:
    column = [*(typed(name, "tcvn3") for name in GOOD), "H§ND", "C§", "®/c Nam", "Q§-UBND", "ok", "S§T 0123", "Facebook"]
    assert decide(column).encoding == "tcvn3"
    assert convert("S§T", "tcvn3") == "SĐT"


@given(st.lists(NAMES, max_size=30), st.sampled_from(TABLES))
def test_a_column_of_names_comes_back_as_it_was(names: list[str], encoding: Any) -> None:
    names = names + GOOD
    old = [typed(name, encoding) for name in names]
    assert decide(old).encoding == encoding
    assert [convert(text, encoding) for text in old] == names


@given(st.lists(NAMES, max_size=8), st.sampled_from(TABLES), st.booleans())
def test_no_column_is_ever_read_by_the_wrong_table(names: list[str], encoding: Any, told: bool) -> None:
    old = [typed(name, encoding) for name in names]
    verdict = decide(old, [FONTS[encoding]] * len(old) if told else ())
    assert verdict.encoding in (encoding, "doubtful", "unicode")
    if verdict.encoding == encoding:
        assert [convert(text, encoding) for text in old] == names


@given(st.lists(NAMES, max_size=30), st.sampled_from(["NFC", "NFD"]), st.booleans(), st.sampled_from(sorted(FONTS.values())))
def test_a_unicode_column_is_always_unicode(names: list[str], form: Any, eth: bool, font: str) -> None:
    typed_names = [unicodedata.normalize(form, name) for name in names]
    if eth:
        typed_names = [name.replace("Đ", "Ð").replace("đ", "ð") for name in typed_names]
    assert decide(typed_names, [font] * len(typed_names)) == Verdict()
    assert [clean(name) for name in typed_names] == names


@given(st.lists(st.text(max_size=8), max_size=12))
def test_any_text_gets_a_verdict_and_only_converted_cells_count(texts: list[str]) -> None:
    verdict = decide(texts)
    assert 0 <= verdict.cells <= len(texts)
    assert (verdict.encoding == "unicode") <= (verdict.cells == 0)


@given(st.permutations([*(typed(name, "tcvn3") for name in GOOD), "H§ND", "Hà", "x", ""]))
def test_the_order_of_cells_does_not_matter(texts: list[str]) -> None:
    assert decide(texts) == decide(sorted(texts))
