"""Sends queued messages through the school's mail server. It sees the queue and the server, and nothing else."""

from __future__ import annotations

import os
import secrets
import smtplib
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import format_datetime, make_msgid
from pathlib import Path

from appliance.errors import Refusal

TIMEOUT_S = 20
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=5), timedelta(hours=6)
GIVE_UP = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Server:
    """The school's mail server. security: tls, starttls, or none (only for a server on this machine)."""

    host: str
    port: int
    security: str
    sender: str
    to: tuple[str, ...]
    user: str = ""
    password: str = ""


@dataclass(slots=True)
class Sent:
    """What became of the queue: sent, left for another try, given up after a week."""

    sent: int = 0
    left: int = 0
    given_up: int = 0
    why: str = ""


class Post:
    """A folder of messages. A file is one that no server has taken yet; its name is its key."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def queue(self, server: Server, subject: str, text: str, *, key: str, now: datetime | None = None) -> bool:
        """Add a message, whole or not at all; False if one of this key was queued before."""
        self._folder.mkdir(exist_ok=True, mode=0o770)
        if (self._folder / f"{key}.done").exists() or (self._folder / f"{key}.eml").exists():
            return False
        message = EmailMessage(policy=policy.SMTP)
        message["From"], message["To"], message["Subject"] = server.sender, ", ".join(server.to), subject
        message["Date"] = format_datetime(now or datetime.now(UTC))
        message["Message-ID"] = make_msgid(idstring=key, domain=server.sender.rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        _write(self._folder / f"{key}.eml", message.as_bytes())
        return True

    def waiting(self) -> list[str]:
        """Keys of the messages that are not sent yet."""
        return sorted(p.stem for p in self._folder.glob("*.eml"))

    def send(self, server: Server, now: datetime) -> Sent:
        """Send what is due; what the server does not take is tried again later, at longer and longer times."""
        result = Sent()
        for key in self.waiting():
            tries, due_at, began = self._tries(key, now)
            if now < due_at:
                result.left += 1
                continue
            try:
                _deliver((self._folder / f"{key}.eml").read_bytes(), server)
            except (OSError, smtplib.SMTPException) as error:
                result.why = type(error).__name__
                if now - began > GIVE_UP:
                    self._close(key, "given up")
                    result.given_up += 1
                    continue
                wait = min(FIRST_WAIT * 2**tries, LONGEST_WAIT)
                _write(
                    self._folder / f"{key}.try", f"{tries + 1} {(now + wait).isoformat()} {began.isoformat()}".encode()
                )
                result.left += 1
            else:
                self._close(key, "sent")
                result.sent += 1
        return result

    def _tries(self, key: str, now: datetime) -> tuple[int, datetime, datetime]:
        try:
            tries, due_at, began = (self._folder / f"{key}.try").read_text(encoding="ascii").split()
            return int(tries), datetime.fromisoformat(due_at), datetime.fromisoformat(began)
        except (FileNotFoundError, ValueError):
            return 0, now, now

    def _close(self, key: str, what: str) -> None:
        _write(self._folder / f"{key}.done", what.encode())
        (self._folder / f"{key}.eml").unlink(missing_ok=True)
        (self._folder / f"{key}.try").unlink(missing_ok=True)


def password_of(keys: Path) -> str:
    """The mail server's password, from a file of its own that only this box's user may read; empty if there is none."""
    path = keys / "smtp.password"
    if not path.exists():
        return ""
    if path.stat().st_mode & 0o077:
        raise Refusal("password_open", f"{path.name} can be read by others; run: chmod 600 keys/{path.name}")
    return path.read_text(encoding="utf-8").strip()


def _deliver(data: bytes, server: Server) -> None:
    message = BytesParser(policy=policy.SMTP).parsebytes(data)
    context = ssl.create_default_context()
    if server.security == "tls":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_S, context=context)
    else:
        smtp = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_S)
    with smtp:
        if server.security == "starttls":
            smtp.starttls(context=context)
        if server.user:
            smtp.login(server.user, server.password)
        smtp.send_message(message)


def _write(path: Path, data: bytes) -> None:
    half = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    with half.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
