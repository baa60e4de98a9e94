"""The order of a Vietnamese dictionary, and of people by given name."""

from __future__ import annotations

import random
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.demo.people import FAMILIES, GIVENS, MIDDLES
from pipeline.sorting import ALPHABET, dictionary_order, name_order

TONED = "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệfghiìỉĩíịjklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvwxyỳỷỹýỵz"
WORDS = st.text(alphabet=TONED + TONED.upper() + " -'19öñ", max_size=8)
NAMES = st.builds(lambda *parts: " ".join(parts), st.sampled_from(FAMILIES), st.sampled_from(MIDDLES["M"]), st.sampled_from(GIVENS["F"]))


def shuffled(texts: list[str]) -> list[str]:
    return random.Random(7).sample(texts, len(texts))


def test_single_letters_sort_as_the_alphabet() -> None:
    assert len(ALPHABET) == 33
    assert sorted(shuffled(list(ALPHABET)), key=dictionary_order) == list(ALPHABET)
    assert sorted(shuffled(list(ALPHABET)), key=name_order) == list(ALPHABET)


def test_letters_with_tones_sort_by_letter_then_tone_then_case() -> None:
    both = [letter for small in TONED for letter in (small, small.upper())]
    assert sorted(shuffled(both), key=dictionary_order) == both


@pytest.mark.parametrize("order", [
    ["ma", "mà", "mả", "mã", "má", "mạ", "man", "măn", "mân", "me"],
    ["Hoa", "Hoa Cúc", "Hoa Lan", "Hoà Bình", "Hoá"],
    ["da", "đa", "e", "ê", "ga"],
    ["Ấp", "Ấp 2", "Ấp 10", "Ấp 10 A", "Ấp Đông", "Xóm 1"],
    ["ca", "cá", "cách", "cạch", "can", "cha", "chả"],
    ["an ninh", "An ninh", "An Ninh", "an toàn"],
    ["o", "ö", "ô"],
    ["tiên", "tiền", "tiễn", "tiến", "tiện", "tiêng", "tiếng"],
    ["hoà", "hòa", "Hòa", "hỏa"],
    ["", "01", "1", "2", "a"],
])
def test_texts_sort_as_in_a_dictionary(order: list[str]) -> None:
    assert sorted(shuffled(order), key=dictionary_order) == order


def test_people_sort_by_given_name_then_family_then_middle() -> None:
    order = ["Lê An", "Nguyễn An", "Nguyễn Bá An", "Nguyễn Văn An", "Ánh", "Lê Ánh", "Trần Ân", "Bình", "Bính", "Dũng", "Đức",
             "Vàng A H'Mông", "Hoa", "Hoà", "Vàng A Mông"]
    assert sorted(shuffled(order), key=name_order) == order
    assert sorted(["An Nguyễn", "Nguyễn An", ""], key=name_order) == ["", "Nguyễn An", "An Nguyễn"]


@given(st.lists(WORDS | st.text(max_size=5), max_size=12))
def test_each_order_is_total(texts: list[str]) -> None:
    for key in (dictionary_order, name_order):
        ordered = sorted(texts, key=key)
        assert [key(text) for text in ordered] == sorted(key(text) for text in reversed(texts))
        for one, other in pairwise(ordered):
            assert (key(one) == key(other)) == (unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other))
            assert not key(other) < key(one)


@given(WORDS)
def test_composition_does_not_matter(text: str) -> None:
    for key in (dictionary_order, name_order):
        assert key(unicodedata.normalize("NFD", text)) == key(unicodedata.normalize("NFC", text))


@given(st.lists(NAMES, min_size=2, max_size=20))
def test_a_list_of_names_runs_through_the_given_names_first(names: list[str]) -> None:
    ordered = sorted(names, key=name_order)
    given_names = [dictionary_order(name.split()[-1]) for name in ordered]
    assert given_names == sorted(given_names)


def test_a_number_of_any_length_is_compared() -> None:
    assert dictionary_order("9" * 5000) < dictionary_order("1" + "0" * 5000)
