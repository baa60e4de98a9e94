"""Invent people: names with all diacritics, and identity numbers that no real person can have."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta

from pipeline.text import fold

RESERVED_PREFIX = "000"
"""No province has this code, so no real identity number begins with it (domain §3.6)."""
FAMILIES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Ngô", "Dương", "Lý", "Đinh", "Đoàn",
            "Trịnh", "Lương", "Mai", "Tạ", "Phùng", "Chu")
MIDDLES = {
    "M": ("Văn", "Đức", "Hữu", "Quang", "Minh", "Xuân", "Đình", "Ngọc", "Thanh", "Quốc", "Trọng", "Mạnh", "Duy", "Bá"),
    "F": ("Thị", "Thị Thu", "Thị Ngọc", "Thị Thanh", "Thị Minh", "Thị Bích", "Thị Kim", "Thị Hồng", "Thùy", "Thu"),
}
GIVENS = {
    "M": ("An", "Bảo", "Bình", "Chiến", "Cường", "Dũng", "Duy", "Đạt", "Đông", "Đức", "Giang", "Hải", "Hiếu", "Hòa", "Hoàng",
          "Hưng", "Huy", "Khánh", "Kiên", "Lâm", "Long", "Lực", "Mạnh", "Nam", "Nghĩa", "Phong", "Phúc", "Quân", "Quý",
          "Sơn", "Tài", "Tâm", "Thái", "Thắng", "Thành", "Thịnh", "Tiến", "Toàn", "Trường", "Tuấn", "Tùng", "Việt", "Vinh"),
    "F": ("Ánh", "Bình", "Chi", "Cúc", "Dung", "Duyên", "Hà", "Hạnh", "Hằng", "Hiền", "Hoa", "Huệ", "Hương", "Lan", "Liên",
          "Linh", "Loan", "Mai", "Nga", "Ngân", "Nhung", "Oanh", "Phượng", "Quyên", "Thảo", "Thơm", "Thủy", "Trang", "Tuyết",
          "Vân", "Yến"),
}
SAMPLE_MIDDLES = {"M": ("Mẫu", "Văn Mẫu"), "F": ("Thị Mẫu",)}
"""“Mẫu” means sample: names that nobody takes for a neighbour's."""


@dataclass(frozen=True)
class Identity:
    """Who an invented person is; the identity number may be missing."""

    full_name: str
    sex: str
    birth: date
    year_only: bool
    citizen_id: str

    @property
    def birth_as_typed(self) -> date | int:
        """Return the birth date, or the year alone where only the year is known."""
        return self.birth.year if self.year_only else self.birth


class People:
    """A source of people who never meet twice: each name and birth year, and each number, is given out once."""

    def __init__(self, rng: random.Random, middles: dict[str, tuple[str, ...]] = MIDDLES) -> None:
        self._rng = rng
        self._middles = middles
        self._numbers: set[str] = set()
        self._known: set[tuple[str, int]] = set()
        self._names: set[str] = set()

    def invent(self, released: date, sex: str = "", name: str = "", with_id: bool | None = None) -> Identity:
        """Return a new person aged 19 to 66 when released; `name` asks for a namesake of another age."""
        rng = self._rng
        sex = sex or rng.choices("MF", (88, 12))[0]
        while True:
            full_name = name or self._new_name(sex)
            birth = released - timedelta(days=rng.randint(19 * 366, 66 * 365))
            key = (fold(full_name), birth.year)
            if key not in self._known:
                break
        self._known.add(key)
        self._names.add(full_name)
        has_id = rng.random() < 0.95 if with_id is None else with_id
        return Identity(full_name, sex, birth, rng.random() < 0.1, self._new_number(sex, birth) if has_id else "")

    def _new_name(self, sex: str) -> str:
        """Return a family, middle and given name, an unused one as long as those are easy to find."""
        name = ""
        for _ in range(5):
            name = " ".join(self._rng.choice(part) for part in (FAMILIES, self._middles[sex], GIVENS[sex]))
            if name not in self._names:
                break
        return name

    def _new_number(self, sex: str, birth: date) -> str:
        while True:
            number = identity_number(sex, birth, self._rng.randrange(1_000_000))
            if number not in self._numbers:
                self._numbers.add(number)
                return number


def identity_number(sex: str, birth: date, serial: int) -> str:
    """Return 12 digits: the reserved prefix, century and sex, two digits of the birth year, six of a serial."""
    century_and_sex = (0 if birth.year < 2000 else 2) + (sex == "F")
    return f"{RESERVED_PREFIX}{century_and_sex}{birth.year % 100:02d}{serial:06d}"
