"""Names of units as people write them, against the register."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.unit_names import UnitNames, first_found, unit_key
from pipeline.units import Unit, build_register

DAY = date(2026, 5, 14)
REGISTER = build_register([
    Unit("HD", "commune", "Xã", "Hợp Đức"), Unit("CM", "commune", "Phường", "Chí Minh"),
    Unit("HD-01", "hamlet", "Thôn", "Đông 1", "HD"), Unit("HD-02", "hamlet", "Thôn", "Động 1", "HD"),
    Unit("HD-03", "hamlet", "Thôn", "Hạ", "HD"), Unit("HD-04", "hamlet", "Thôn", "Tân Hợp", "HD"),
    Unit("HD-05", "hamlet", "Thôn", "1", "HD"), Unit("HD-06", "hamlet", "Tổ dân phố", "số 1", "HD"),
    Unit("CM-01", "hamlet", "Tổ dân phố", "3", "CM"), Unit("CM-02", "hamlet", "Thôn", "Hạ", "CM"),
    Unit("CM-03", "hamlet", "Khu phố", "Mới", "CM", None, date(2025, 12, 31)),
])
HAMLETS = UnitNames(REGISTER, DAY)


@pytest.mark.parametrize(("written", "kind", "name"), [
    ("Thôn Đông I", "thon", "dong 1"), ("thôn đông 01", "thon", "dong 1"), ("T. Đông 1", "thon", "dong 1"), ("TDP3", "to dan pho", "3"),
    ("Tổ dân phố số 03", "to dan pho", "3"), ("KP 2A", "khu pho", "2 a"), ("Đông 1", "", "dong 1"), ("Thôn Đông V", "thon", "dong v"),
    ("Xã Hợp Đức", "xa", "hop duc"), ("", "", ""), ("Thôn", "", "thon"),
])
def test_a_name_has_one_key_however_it_is_written(written: str, kind: str, name: str) -> None:
    assert unit_key(written) == (kind, name)


@pytest.mark.parametrize(("written", "commune", "unit_id"), [
    ("Thôn Đông I", "HD", "HD-01"), ("thôn  ĐÔNG 01", "HD", "HD-01"), ("Thôn Động 1", "HD", "HD-02"), ("Đông 1", "", "HD-01"),
    ("Tân Hợp", "", "HD-04"), ("thon tan hop", "HD", "HD-04"), ("Thôn 1", "HD", "HD-05"), ("TDP 01", "HD", "HD-06"), ("TDP3", "", "CM-01"),
    ("Hạ", "HD", "HD-03"), ("Hạ", "CM", "CM-02"),
])
def test_a_name_is_found_in_its_commune(written: str, commune: str, unit_id: str) -> None:
    found = HAMLETS.find(written, commune).unit
    assert found is not None
    assert found.unit_id == unit_id


@pytest.mark.parametrize(("written", "commune"), [
    ("Thôn Dong 1", "HD"),  # without tones it may be either
    ("Hạ", ""),  # in two communes
    ("1", "HD"),  # a hamlet and a street group
    ("Thôn 3", "CM"),  # another kind of unit
    ("Khu phố Mới", "CM"),  # ended
    ("Thôn Nam", "HD"), ("", "HD"),
])
def test_nobody_guesses(written: str, commune: str) -> None:
    assert HAMLETS.find(written, commune).unit is None


def test_the_nearest_two_are_named() -> None:
    assert [unit.unit_id for unit in HAMLETS.find("Thôn Tân Hợi", "HD").near][:1] == ["HD-04"]


def test_communes_are_found_the_same_way() -> None:
    communes = UnitNames(REGISTER, DAY, "commune")
    assert first_found(["DANH SÁCH", "XÃ HỢP ĐỨC"], communes) == REGISTER.find("HD", DAY)
    assert first_found(["P. Chí Minh"], communes) == REGISTER.find("CM", DAY)
    assert first_found(["DANH SÁCH"], communes) is None
