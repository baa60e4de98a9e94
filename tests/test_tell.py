"""Telling: counts and nothing else, a password from everywhere but the settings file, a failure that stops nothing."""

from __future__ import annotations

import logging
import smtplib
import socketserver
import sys
import threading
from collections.abc import Iterator, Mapping
from datetime import date
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.fault import SettingsFault
from pipeline.finding import Finding
from pipeline.outcome import Outcome
from pipeline.statistics import Edition, Receipt
from pipeline.tell import PASSWORD_VARIABLE, MailSettings, compose, find_password, load_mail, send, subject_of, summary_text

SECTION: Mapping[str, Any] = {"host": "thu.xa.example", "sender": "may@xa.example", "recipients": ["van-thu@xa.example", "b@xa.example"],
                              "user": "may"}
PASSWORD = "một-hai-ba"  # noqa: S105 - nobody's


def finding(severity: str) -> Finding:
    return Finding("x", severity, "X001", "X001-01", "an-binh/Thôn Đông.xlsx", "Danh sách", 5, "Họ và tên", "B5", "Sai.", "Sửa.")


OUTCOME = Outcome(
    Edition("2026-05", date(2026, 5, 14), date(2026, 4, 14)), Path("outputs/2026-05"),
    tuple(map(finding, ("critical", "warning", "warning"))),
    (Receipt("X001-01", "Thôn Đông", "reported"), Receipt("X001-02", "Thôn Đoài", "missing"), Receipt("X001-03", "Thôn Hạ", "missing")),
    12, {"read": 300, "counted": 250, "set_aside": 5, "outside": 45})


def letter() -> EmailMessage:
    return compose(subject_of(OUTCOME), summary_text(OUTCOME))


class Server(socketserver.ThreadingTCPServer):
    """A mail server of one room: it takes what it is given, or refuses."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, refuse: bytes = b"") -> None:
        super().__init__(("127.0.0.1", 0), Session)
        self.refuse, self.heard, self.letter = refuse, list[bytes](), b""
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()


class Session(socketserver.StreamRequestHandler):
    """One conversation."""

    server: Server

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        for line in iter(self.rfile.readline, b""):
            self.server.heard.append(line.strip())
            word = line[:4].upper()
            if self.server.refuse and line.upper().startswith(self.server.refuse):
                self.wfile.write(b"550 no\r\n")
            elif word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                self.server.letter = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.wfile.write(b"250 taken\r\n")
            elif word == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 well\r\n")


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    made = Server(getattr(request, "param", b""))
    yield made
    made.shutdown()
    made.server_close()


class Fake:
    """An SMTP that writes down what it is asked."""

    def __init__(self, *where: object, **how: object) -> None:
        self.where, self.how, self.said = where, how, list[object]()
        self.letters: list[Any] = []

    def __call__(self, *where: object, **how: object) -> Fake:
        self.where, self.how = where, how
        return self

    def __enter__(self) -> Fake:
        return self

    def __exit__(self, *_error: object) -> None:
        self.said.append("quit")

    def starttls(self, context: object) -> None:
        self.said.append("starttls")

    def login(self, user: str, password: str) -> None:
        self.said.append((user, password))

    def send_message(self, message: object) -> None:
        self.said.append("send")
        self.letters.append(message)


def local(server: Server) -> MailSettings:
    return MailSettings("127.0.0.1", "may@xa.example", ("van-thu@xa.example", "b@xa.example"), "none", server.server_address[1])


def test_the_summary_counts_files_rows_findings_and_units() -> None:
    assert summary_text(OUTCOME).splitlines() == [
        "TÁI HÒA NHẬP CỘNG ĐỒNG – TÓM TẮT LƯỢT CHẠY KỲ 2026-05",
        "Số liệu sau ngày 14/04/2026 đến hết ngày 14/05/2026.",
        "Số tệp đã đọc: 12.",
        "Số dòng đã đọc: 300; đã tính 250, để riêng 5, ngoài kỳ 45.",
        "Phát hiện: 1 nghiêm trọng, 2 cần xem, 0 ghi nhận.",
        "Đơn vị: đã nộp 1; chưa nộp 2.",
        "Chi tiết: mở findings.csv và completeness.csv trong thư mục kết quả của kỳ."]


def test_no_unit_file_or_cell_is_in_the_mail() -> None:
    text = str(letter()["Subject"]) + letter().get_content()
    assert not [word for word in ("Đông", "Đoài", "X001", "xlsx", "B5", "Sửa") if word in text]
    assert letter()["Subject"] == "Tái hòa nhập cộng đồng, kỳ 2026-05: 1 nghiêm trọng, 2 chưa nộp"


def test_a_mail_reaches_the_server_whole(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    assert send(letter(), local(server), None)
    asked = [line for line in server.heard if line.lower().startswith(b"rcpt")]
    assert asked == [b"rcpt TO:<van-thu@xa.example>", b"rcpt TO:<b@xa.example>"]
    assert server.heard[0] == b"ehlo localhost"
    assert b"From: may@xa.example\r\n" in server.letter
    assert b"@xa.example>\r\n" in server.letter.split(b"Message-ID:")[1]
    assert b"Date: " in server.letter
    assert caplog.messages == ["Đã gửi thư tóm tắt cho 2 địa chỉ."]


@pytest.mark.parametrize("server", [b"MAIL", b"RCPT", b"DATA", b"EHLO"], indirect=True)
def test_a_server_that_refuses_is_a_line_in_the_log(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    assert send(letter(), local(server), None) is (server.refuse == b"EHLO")
    assert ["Chưa gửi được thư tóm tắt" in line for line in caplog.messages] == ([] if server.refuse == b"EHLO" else [True])
    assert "xa.example" not in caplog.text


def test_a_server_that_is_not_there_is_a_line_in_the_log(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    mail = local(server)
    server.shutdown()
    server.server_close()
    assert not send(letter(), mail, None)
    assert caplog.messages == ["Chưa gửi được thư tóm tắt (ConnectionRefusedError). Kết quả không bị ảnh hưởng."]


def test_a_refused_password_is_a_line_in_the_log_without_it(caplog: pytest.LogCaptureFixture) -> None:
    def refuse(*_where: object, **_how: object) -> Any:
        raise smtplib.SMTPAuthenticationError(535, PASSWORD.encode())

    mail = load_mail(SECTION)
    assert mail is not None
    assert not send(letter(), mail, PASSWORD, smtp=refuse)
    assert caplog.messages == ["Chưa gửi được thư tóm tắt (SMTPAuthenticationError 535). Kết quả không bị ảnh hưởng."]


def test_the_password_is_said_after_encryption_only() -> None:
    plain, encrypted = Fake(), Fake()
    mail = load_mail(SECTION)
    assert mail is not None
    assert send(letter(), mail, PASSWORD, smtp=plain, smtp_ssl=encrypted)
    assert (plain.where, plain.said) == (("thu.xa.example", 587), ["starttls", ("may", PASSWORD), "send", "quit"])
    assert plain.how["timeout"] == 20
    mail = load_mail({**SECTION, "security": "ssl"})
    assert mail is not None
    assert send(letter(), mail, PASSWORD, smtp=plain, smtp_ssl=encrypted)
    assert (encrypted.where, encrypted.said) == (("thu.xa.example", 465), [("may", PASSWORD), "send", "quit"])
    assert encrypted.how["context"]


def test_without_a_section_there_is_no_mail() -> None:
    assert load_mail({}) is None


def test_one_recipient_needs_no_list() -> None:
    assert load_mail({**SECTION, "recipients": "a@xa.example"}) == MailSettings("thu.xa.example", "may@xa.example", ("a@xa.example",),
                                                                              user="may")


@pytest.mark.parametrize("name", ["password", "PASSWORD", "smtp_pass", "mat_khau", "secret", "pwd"])
def test_a_password_in_the_settings_file_is_refused_and_not_repeated(name: str) -> None:
    with pytest.raises(SettingsFault, match=PASSWORD_VARIABLE) as told:
        load_mail({**SECTION, name: PASSWORD})
    assert PASSWORD not in str(told.value)


@pytest.mark.parametrize(("wrong", "said"), [
    ({"hots": "a"}, "không hiểu mục “hots”"), ({"host": ""}, "host"), ({"host": "a b"}, "host"), ({"security": "tls1"}, "security"),
    ({"port": 70000}, "port"), ({"port": "25"}, "port"), ({"port": True}, "port"), ({"sender": "ai đó"}, "sender"),
    ({"recipients": []}, "recipients"), ({"recipients": ["a@b\nBcc: c@d"]}, "recipients"), ({"recipients": 5}, "recipients"),
    ({"security": "none"}, "mã hóa")])
def test_settings_that_cannot_be_are_refused(wrong: Mapping[str, Any], said: str) -> None:
    with pytest.raises(SettingsFault, match=said):
        load_mail({**SECTION, **wrong})


def test_the_password_comes_from_the_environment_or_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    mail = load_mail(SECTION)
    assert mail is not None
    monkeypatch.delenv(PASSWORD_VARIABLE, raising=False)
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert find_password(mail) is None
    monkeypatch.setitem(sys.modules, "keyring", SimpleNamespace(get_password=lambda service, user: f"{service} {user}"))  # type: ignore[arg-type]
    assert find_password(mail) == "thncd-pipeline may"
    monkeypatch.setenv(PASSWORD_VARIABLE, PASSWORD)
    assert find_password(mail) == PASSWORD
    assert find_password(MailSettings("a", "a@b", ("a@b",))) is None
