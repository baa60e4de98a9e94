"""Tell: what a run did, in a few lines of counts, for tom-tat.txt and for the office's mail; no unit, no file, no person."""

from __future__ import annotations

import os
import re
import smtplib
import ssl
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import TYPE_CHECKING, Any

from pipeline.fault import SettingsFault
from pipeline.finding import count_by_severity
from pipeline.log import LOG
from pipeline.statistics import STATUS_LABELS

if TYPE_CHECKING:
    from pipeline.outcome import Outcome

SUMMARY_FILE = "tom-tat.txt"
_SUBJECT = "Tái hòa nhập cộng đồng"
PASSWORD_VARIABLE = "THNCD_SMTP_PASSWORD"  # noqa: S105 - the variable's name, not what it holds
KEYRING_SERVICE = "thncd-pipeline"
PORTS = {"starttls": 587, "ssl": 465, "none": 25}
_TIMEOUT = 20
_ADDRESS = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\Z")
_SECRET = re.compile(r"pass|secret|token|pwd|mat_?khau", re.IGNORECASE)
_LOCAL = ("localhost", "127.0.0.1", "::1")
Connect = Callable[..., smtplib.SMTP]


@dataclass(frozen=True)
class MailSettings:
    """Section [mail] of pipeline.toml; there is no password in it."""

    host: str
    sender: str
    recipients: tuple[str, ...]
    security: str = "starttls"
    port: int = 0
    """0 means the usual one: 587, 465 with ssl, 25 without security."""
    user: str = ""


def load_mail(section: Mapping[str, Any]) -> MailSettings | None:
    """Read section [mail]; None when it is empty.

    Raises SettingsFault for a password in it, an unknown name, an address that is none, and a user without encryption.
    """
    if not section:
        return None
    if any(_SECRET.search(name) for name in section):
        raise SettingsFault(f"[mail]: không ghi mật khẩu vào tệp cài đặt. Hãy xóa dòng đó, đổi mật khẩu, rồi đặt mật khẩu mới vào biến "
                            f"môi trường {PASSWORD_VARIABLE} hoặc kho mật khẩu của máy (keyring).")
    known = [field.name for field in fields(MailSettings)]
    unknown = sorted(set(section) - set(known))
    if unknown:
        raise SettingsFault(f"[mail]: không hiểu mục “{unknown[0]}”. Các mục dùng được: {', '.join(known)}.")
    values = {**section, "recipients": _as_tuple(section.get("recipients", ()))}
    return _check(MailSettings(**{"host": "", "sender": "", **values}))


def _as_tuple(value: Any) -> tuple[Any, ...]:
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list | tuple) else (value,)


def _check(mail: MailSettings) -> MailSettings:
    """Return the settings, or raise SettingsFault for what cannot be."""
    if not isinstance(mail.host, str) or not re.fullmatch(r"[\w.:\-]+", mail.host):
        raise SettingsFault("[mail]: host phải là tên hoặc địa chỉ của máy chủ thư.")
    if mail.security not in PORTS:
        raise SettingsFault(f"[mail]: security phải là một trong: {', '.join(PORTS)}.")
    if type(mail.port) is not int or not 0 <= mail.port <= 65535:
        raise SettingsFault("[mail]: port phải là số từ 1 đến 65535; bỏ trống thì dùng cổng thường dùng.")
    if not mail.recipients or not all(isinstance(one, str) and _ADDRESS.match(one) for one in (mail.sender, *mail.recipients)):
        raise SettingsFault("[mail]: sender và recipients phải là địa chỉ thư, ví dụ van-thu@xa.example.")
    if mail.user and mail.security == "none" and mail.host not in _LOCAL:
        raise SettingsFault("[mail]: có user thì phải dùng starttls hoặc ssl, nếu không mật khẩu đi qua mạng mà không mã hóa.")
    return mail


def find_password(mail: MailSettings) -> str | None:
    """Return the password from the environment, else from the machine's keyring where that is installed."""
    if not mail.user:
        return None
    if password := os.environ.get(PASSWORD_VARIABLE):
        return password
    try:
        import keyring  # type: ignore[import-not-found,import-untyped,unused-ignore]

        found = keyring.get_password(KEYRING_SERVICE, mail.user)
    except Exception:  # no keyring installed, or one that is locked: it is asked, never needed
        return None
    return str(found) if found else None


def summary_text(outcome: Outcome) -> str:
    """Return what a run did: period, counts of files, rows, findings and units by status."""
    return "\n".join(_lines(outcome)) + "\n"


def _lines(outcome: Outcome) -> Iterator[str]:
    edition, rows, counts = outcome.edition, outcome.rows, count_by_severity(outcome.findings)
    yield f"TÁI HÒA NHẬP CỘNG ĐỒNG – TÓM TẮT LƯỢT CHẠY KỲ {edition.period}"
    yield f"Số liệu sau ngày {edition.previous_cutoff:%d/%m/%Y} đến hết ngày {edition.cutoff:%d/%m/%Y}."
    yield f"Số tệp đã đọc: {outcome.files}."
    if rows:
        yield (f"Số dòng đã đọc: {rows['read']}; đã tính {rows['counted']}, để riêng {rows['set_aside']}, "
               f"ngoài kỳ {rows['outside']}.")
    yield f"Phát hiện: {counts['critical']} nghiêm trọng, {counts['warning']} cần xem, {counts['info']} ghi nhận."
    statuses = Counter(receipt.status for receipt in outcome.receipts)
    told = [f"{label.lower()} {statuses[status]}" for status, label in STATUS_LABELS.items() if statuses[status]]
    if told:
        yield f"Đơn vị: {'; '.join(told)}."
    yield "Chi tiết: mở findings.csv và completeness.csv trong thư mục kết quả của kỳ."


def tell(subject: str, text: str, mail: MailSettings | None) -> bool:
    """Mail what a run did where the office has set that up; return whether it went."""
    return send(compose(subject, text), mail, find_password(mail)) if mail else False


def compose(subject: str, text: str) -> EmailMessage:
    """Return the mail about a run; whom it is from and to is said when it is sent."""
    message = EmailMessage()
    message["Subject"] = subject
    message.set_content(text)
    return message


def subject_of(outcome: Outcome) -> str:
    """Return the subject of the mail about a run; counts only."""
    critical = count_by_severity(outcome.findings)["critical"]
    missing = sum(receipt.status == "missing" for receipt in outcome.receipts)
    return f"{_SUBJECT}, kỳ {outcome.edition.period}: {critical} nghiêm trọng, {missing} chưa nộp"


def failure_mail(exit_code: int) -> tuple[str, str]:
    """Return subject and text about a run that published nothing; the reason stays on the office's machine."""
    text = (f"Lượt chạy đã dừng và không phát hành gì (mã thoát {exit_code}); kết quả cũ vẫn giữ nguyên.\n"
            "Lý do: mở máy của cơ quan, chạy lệnh “pipeline status” trong thư mục làm việc.\n")
    return f"{_SUBJECT}: KHÔNG PHÁT HÀNH, cần xem", text


def send(message: EmailMessage, mail: MailSettings, password: str | None, smtp: Connect = smtplib.SMTP,
         smtp_ssl: Connect = smtplib.SMTP_SSL) -> bool:
    """Send a mail through the office's server and return whether it went; a failure is a line in the log, nothing else."""
    try:
        _send(_address(message, mail), mail, password, smtp_ssl if mail.security == "ssl" else smtp)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        code = getattr(error, "smtp_code", "")
        LOG.warning("Chưa gửi được thư tóm tắt (%s). Kết quả không bị ảnh hưởng.", " ".join([type(error).__name__, str(code)]).strip())
        return False
    LOG.info("Đã gửi thư tóm tắt cho %d địa chỉ.", len(mail.recipients))
    return True


def _send(message: EmailMessage, mail: MailSettings, password: str | None, connect: Connect) -> None:
    more = {"context": ssl.create_default_context()} if mail.security == "ssl" else {}
    # The server is greeted as localhost: this machine's own name is nobody's business.
    with connect(mail.host, mail.port or PORTS[mail.security], local_hostname="localhost", timeout=_TIMEOUT, **more) as server:
        if mail.security == "starttls":
            server.starttls(context=ssl.create_default_context())
        if mail.user and password:
            server.login(mail.user, password)
        server.send_message(message)


def _address(message: EmailMessage, mail: MailSettings) -> EmailMessage:
    """Return a copy with sender, recipients, date and an id that does not name this machine."""
    copy = EmailMessage()
    copy["Subject"], copy["From"], copy["To"] = message["Subject"], mail.sender, ", ".join(mail.recipients)
    copy["Date"], copy["Message-ID"] = formatdate(), make_msgid(domain=mail.sender.rpartition("@")[2])
    copy["Auto-Submitted"] = "auto-generated"
    copy.set_content(message.get_content())
    return copy
