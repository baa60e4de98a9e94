"""Settings: the command line over pipeline.toml over the defaults."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from pipeline.fault import SettingsFault
from pipeline.settings import SETTINGS_FILE, Settings, load_settings


def written(folder: Path, text: str) -> Path:
    (folder / SETTINGS_FILE).write_text(text, encoding="utf-8")
    return folder


def test_without_a_file_the_defaults_stand(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, {})
    assert settings == Settings()
    assert (settings.inputs, settings.outputs, settings.state) == (Path("inputs"), Path("outputs"), Path(".pipeline"))
    assert (settings.cutoff_preset, settings.conditional_release_policy) == ("nd09", "after_probation")
    assert settings.mass_orgs == ("women", "youth", "veterans", "elderly")
    assert (settings.period, settings.cutoff, settings.previous_cutoff) == ("", None, None)


def test_the_file_lies_over_the_defaults(tmp_path: Path) -> None:
    text = ('inputs = "so"\nperiod = "2024-05"\ncutoff = 2024-05-06\nprevious_cutoff = "2024-04-06"\ncutoff_preset = "day5"\n'
            'conditional_release_policy = "from_release"\nmass_orgs = ["women", "farmers"]\nworkers = 2\n')
    settings = load_settings(written(tmp_path, text), {})
    assert settings == Settings(Path("so"), period="2024-05", cutoff=date(2024, 5, 6), previous_cutoff=date(2024, 4, 6),
                                cutoff_preset="day5", conditional_release_policy="from_release", mass_orgs=("women", "farmers"),
                                workers=2)


def test_the_command_line_lies_over_the_file(tmp_path: Path) -> None:
    folder = written(tmp_path, 'period = "2024-05"\ncutoff_preset = "day5"\n')
    settings = load_settings(folder, {"period": "2024-06", "cutoff_preset": None})
    assert (settings.period, settings.cutoff_preset) == ("2024-06", "day5")


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    (tmp_path / SETTINGS_FILE).write_text('period = "2024-05"\n', encoding="utf-8-sig")
    assert load_settings(tmp_path, {}).period == "2024-05"


def test_a_time_of_day_in_a_cutoff_is_dropped(tmp_path: Path) -> None:
    assert load_settings(tmp_path, {"cutoff": datetime(2024, 5, 6, 9)}).cutoff == date(2024, 5, 6)


@pytest.mark.parametrize(("text", "said"), [
    ('cut_off = "2024-05-06"', "không hiểu mục “cut_off”"),
    ('period = "05/2024"', "Kỳ báo cáo phải theo dạng năm-tháng"),
    ('period = "2024-13"', "Kỳ báo cáo phải theo dạng năm-tháng"),
    ("period = 202405", "Kỳ báo cáo phải theo dạng năm-tháng"),
    ('cutoff = "06/05/2024"', "cutoff phải là ngày theo dạng năm-tháng-ngày"),
    ('previous_cutoff = "tháng trước"', "previous_cutoff phải là ngày"),
    ('cutoff_preset = "day15"', "cutoff_preset phải là một trong: nd09, day5, month_end"),
    ('conditional_release_policy = "never"', "conditional_release_policy phải là một trong"),
    ('mass_orgs = ["police"]', "mass_orgs gồm các tổ chức trong"),
    ("mass_orgs = []", "mass_orgs gồm các tổ chức trong"),
    ('mass_orgs = "women"', "mass_orgs gồm các tổ chức trong"),
    ("workers = -1", "workers phải là số nguyên"),
    ('workers = "4"', "workers phải là số nguyên"),
    ("inputs = 5", "Cài đặt chưa đúng"),
    ("cutoff = 2024-05-06\nprevious_cutoff = 2024-05-06", "Ngày chốt kỳ trước phải trước"),
    ("period = ", "Không đọc được pipeline.toml"),
])
def test_a_setting_that_cannot_be_is_a_fault(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsFault) as caught:
        load_settings(written(tmp_path, text), {})
    assert said in str(caught.value)


def test_expectations_are_the_working_folders_where_it_has_them(tmp_path: Path) -> None:
    shipped = Settings(expectations=tmp_path / "none").expectations_folder
    assert (shipped / "messages.csv").is_file()
    own = tmp_path / "expectations"
    own.mkdir()
    assert Settings(expectations=own).expectations_folder == shipped
    (own / "messages.csv").write_text("", encoding="utf-8")
    assert Settings(expectations=own).expectations_folder == own
