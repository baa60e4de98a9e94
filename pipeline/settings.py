"""Settings: the command line over pipeline.toml over the defaults."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.fault import SettingsFault

if TYPE_CHECKING:
    from pipeline.tell import MailSettings

SETTINGS_FILE = "pipeline.toml"
PRESETS = ("nd09", "day5", "month_end")
POLICIES = ("after_probation", "from_release")
POLICY_LABELS = {"after_probation": "tính từ ngày hết thời gian thử thách", "from_release": "tính từ ngày được tha"}
ORGANISATIONS = ("women", "youth", "veterans", "elderly", "farmers", "front", "other")
_HOME = Path(__file__).parent


@dataclass(frozen=True)
class Settings:
    """Everything a run can be told."""

    inputs: Path = Path("inputs")
    outputs: Path = Path("outputs")
    state: Path = Path(".pipeline")
    expectations: Path = Path("expectations")
    period: str = ""
    cutoff: date | None = None
    previous_cutoff: date | None = None
    cutoff_preset: str = "nd09"
    conditional_release_policy: str = "after_probation"
    mass_orgs: tuple[str, ...] = ("women", "youth", "veterans", "elderly")
    mail: MailSettings | None = None
    """Section [mail]: who is told of each run; None tells nobody."""
    workers: int = 0
    """Worker processes; 0 means one per processor."""

    @property
    def expectations_folder(self) -> Path:
        """Return the working folder's expectations where it has them, else those that came with the program."""
        shipped = (_HOME.parent / "expectations", _HOME / "expectations")
        return next((p for p in (self.expectations, *shipped) if (p / "messages.csv").is_file()), shipped[0])


def load_settings(folder: Path, given: Mapping[str, Any]) -> Settings:
    """Read pipeline.toml in `folder` and lay the command line's values over it.

    Raises SettingsFault for an unknown name or a value of the wrong kind.
    """
    values = _read_file(folder / SETTINGS_FILE)
    values.update({key: value for key, value in given.items() if value is not None})
    known = {field.name for field in fields(Settings)}
    unknown = sorted(set(values) - known)
    if unknown:
        raise SettingsFault(f"{SETTINGS_FILE}: không hiểu mục “{unknown[0]}”. Các mục dùng được: {', '.join(sorted(known))}.")
    try:
        return check(replace(Settings(), **{key: _convert(key, value) for key, value in values.items()}))
    except (TypeError, ValueError) as error:
        raise SettingsFault(f"Cài đặt chưa đúng: {error}.") from error


def _read_file(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsFault(f"Không đọc được {path.name}: {error}.") from error


def _convert(key: str, value: Any) -> Any:
    if key in ("inputs", "outputs", "state", "expectations"):
        return Path(value)
    if key in ("cutoff", "previous_cutoff"):
        return _convert_date(key, value)
    if key == "mass_orgs":
        return tuple(value)
    return _convert_mail(value) if key == "mail" else value


def _convert_mail(value: Any) -> MailSettings | None:
    from pipeline.tell import load_mail  # an office without mail does not pay for the mail library

    if not isinstance(value, dict):
        raise SettingsFault("[mail] phải là một mục gồm host, sender, recipients.")
    return load_mail(value)


def _convert_date(key: str, value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise SettingsFault(f"{key} phải là ngày theo dạng năm-tháng-ngày, ví dụ 2024-05-06.") from error


def check(settings: Settings) -> Settings:
    """Return the settings, or raise SettingsFault for what cannot be."""
    if settings.period and not re.fullmatch(r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])", str(settings.period)):
        raise SettingsFault("Kỳ báo cáo phải theo dạng năm-tháng, ví dụ 2024-05.")
    if settings.cutoff_preset not in PRESETS:
        raise SettingsFault(f"cutoff_preset phải là một trong: {', '.join(PRESETS)}.")
    if settings.conditional_release_policy not in POLICIES:
        raise SettingsFault(f"conditional_release_policy phải là một trong: {', '.join(POLICIES)}.")
    wrong = sorted(set(settings.mass_orgs) - set(ORGANISATIONS))
    if wrong or not settings.mass_orgs:
        raise SettingsFault(f"mass_orgs gồm các tổ chức trong: {', '.join(ORGANISATIONS)}.")
    if type(settings.workers) is not int or settings.workers < 0:
        raise SettingsFault("workers phải là số nguyên, 0 là mỗi bộ xử lý một tiến trình.")
    if settings.cutoff and settings.previous_cutoff and settings.previous_cutoff >= settings.cutoff:
        raise SettingsFault("Ngày chốt kỳ trước phải trước ngày chốt kỳ này.")
    return settings
