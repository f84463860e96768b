"""One box's home: where everything is kept, and the way to it."""

from __future__ import annotations

from datetime import date, datetime
from functools import cached_property
from pathlib import Path

from sqlite_utils import Database

from appliance.config import TEMPLATE, Config, read_config
from appliance.domain.channel import Profile, is_mark, unreadable
from appliance.domain.decide import Look
from appliance.domain.portrait import Terms
from appliance.errors import Refusal
from appliance.store import migrations
from appliance.store.audit import Audit
from appliance.store.database import connect, utc_now
from appliance.store.gallery import Gallery
from appliance.store.holds import Holds
from appliance.store.ledger import Ledger
from appliance.store.people import People
from appliance.store.vault import Vault


class Home:
    """Opens what is asked for, once. Not to be shared between threads or processes: open another."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()

    @classmethod
    def create(cls, root: Path) -> Home:
        """A new, empty home. Raises Refusal if there is one already."""
        home = cls(root)
        if (home.root / "ledger.db").exists():
            raise Refusal("home_exists", f"{root} is a home already; nothing was changed.")
        home.root.mkdir(parents=True, exist_ok=True, mode=0o770)
        home.vault.create()
        for folder in ("outbox", "claims", "published", "keys"):
            (home.root / folder).mkdir(exist_ok=True, mode=0o700 if folder == "keys" else 0o770)
        if not (home.root / "config.toml").exists():
            (home.root / "config.toml").write_text(TEMPLATE, encoding="utf-8")
        _ = home.people, home.gallery, home.ledger
        return home

    @classmethod
    def open(cls, root: Path) -> Home:
        """An existing home. Raises Refusal if there is none."""
        if not (root / "ledger.db").exists():
            raise Refusal("no_home", f"{root} is not an appliance's home. Make one with: appliance --home {root} init")
        return cls(root)

    @cached_property
    def config(self) -> Config:
        """The school's settings."""
        return read_config(self.root / "config.toml")

    @cached_property
    def ledger(self) -> Ledger:
        """Photos and the line."""
        return Ledger(self._ledger_db)

    @cached_property
    def audit(self) -> Audit:
        """The tamper-evident log."""
        return Audit(self._ledger_db)

    @cached_property
    def people(self) -> People:
        """Names, consents and rulings."""
        return People(self._people_db, self.config.policy)

    @cached_property
    def holds(self) -> Holds:
        """What may not be deleted."""
        return Holds(self._people_db)

    @cached_property
    def gallery(self) -> Gallery:
        """Templates."""
        return Gallery(connect(self.root / "gallery.db", migrations.gallery), self.root / "keys" / "templates")

    @cached_property
    def vault(self) -> Vault:
        """Files."""
        return Vault(self.root)

    def now(self) -> str:
        """The time, ISO 8601 in UTC; remembered, so that a clock that goes back is noticed."""
        now, seen = utc_now(), self.ledger.clock_seen()
        if now[:16] > seen[:16]:
            self.ledger.see_clock(now)
        return now

    def today(self) -> date:
        """The day in the school's time zone; never earlier than the latest that this box has known."""
        latest = max(self.now(), self.ledger.clock_seen())
        return datetime.fromisoformat(latest).astimezone(self.config.zone).date()

    @property
    def fpir(self) -> float:
        """The rate of false identification that the school accepts: as last stated, or as in the settings."""
        stated = self.people.stated_rate()
        return stated.fpir if stated else self.config.fpir

    @property
    def terms(self) -> Terms:
        """How long portraits last."""
        return Terms(self.config.portrait_due_days, self.config.portrait_ends_days)

    @property
    def claims(self) -> Path:
        """The folder of claim locks."""
        return self.root / "claims"

    @property
    def outbox(self) -> Path:
        """The hand-over to the sender."""
        return self.root / "outbox"

    @cached_property
    def looks(self) -> dict[str, Look]:
        """How each channel's pictures are made. Raises Refusal if the file of a watermark is not there, or no PNG."""
        return {
            name: profile.look(self._mark(profile))
            for name, profile in self.config.channels.items()
            if name in self.config.used_channels
        }

    def _mark(self, profile: Profile) -> str:
        """Keep the file of a channel's watermark as it is now; its name in the vault."""
        if not profile.watermark_image:
            return ""
        path = self.root / profile.watermark_image
        try:
            data = path.read_bytes()
        except OSError as error:
            raise Refusal(
                "watermark_missing",
                f"the watermark_image of {profile.channel}, {path.name}, cannot be read: {error.strerror}. Put it into "
                "the home, or take it out of config.toml.",
            ) from error
        if not is_mark(data):
            raise unreadable()
        return self.vault.add("watermarks", data)

    @cached_property
    def _ledger_db(self) -> Database:
        return connect(self.root / "ledger.db", migrations.ledger)

    @cached_property
    def _people_db(self) -> Database:
        return connect(self.root / "people.db", migrations.people)
