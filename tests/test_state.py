"""The state folder: closed to others, one key for good."""

from __future__ import annotations

import json
import stat
from datetime import date
from pathlib import Path

import pytest

from pipeline.fault import Fault
from pipeline.state import load_key, open_state, published_cutoffs


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_folder_is_open_to_its_owner_alone(tmp_path: Path) -> None:
    assert mode(open_state(tmp_path / "a" / "state")) == 0o700


def test_a_folder_that_was_open_to_all_is_closed(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir(mode=0o755)
    assert mode(open_state(tmp_path / "state")) == 0o700


def test_the_key_is_secret_long_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    key = load_key(tmp_path)
    assert (len(key), len(set(key)) > 8, mode(tmp_path / "key")) == (32, True, 0o600)


def test_the_key_stays_the_same(tmp_path: Path) -> None:
    assert load_key(tmp_path) == load_key(tmp_path)


def test_two_offices_have_two_keys(tmp_path: Path) -> None:
    assert load_key(tmp_path / "one") != load_key(tmp_path / "other")


def test_a_key_copied_back_from_a_backup_is_closed_again(tmp_path: Path) -> None:
    key = load_key(tmp_path)
    (tmp_path / "key").chmod(0o644)
    assert (load_key(tmp_path), mode(tmp_path / "key")) == (key, 0o600)


@pytest.mark.parametrize("damage", [b"", b"short", bytes(33)])
def test_a_damaged_key_is_a_fault_and_is_left_as_it_is(tmp_path: Path, damage: bytes) -> None:
    load_key(tmp_path)
    (tmp_path / "key").write_bytes(damage)
    with pytest.raises(Fault, match="bị hỏng"):
        load_key(tmp_path)
    assert (tmp_path / "key").read_bytes() == damage


def test_a_key_that_is_a_folder_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "key").mkdir()
    with pytest.raises(Fault, match="Không đọc được tệp khóa"):
        load_key(tmp_path)


def test_a_state_folder_that_cannot_be_made_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file stands here", encoding="utf-8")
    with pytest.raises(Fault, match="state"):
        open_state(tmp_path / "state")


def test_the_cut_offs_of_published_periods_are_known_and_damaged_ones_are_not(tmp_path: Path) -> None:
    whole = json.dumps({"cutoff": "2026-04-14"})
    for period, text in {"2026-04": whole, "2026-03": "{", "2026-02": "[]", "2026-01": "{}", "notes": whole}.items():
        (tmp_path / period).mkdir()
        (tmp_path / period / "run.json").write_text(text, encoding="utf-8")
    assert published_cutoffs(tmp_path) == {"2026-04": date(2026, 4, 14)}
