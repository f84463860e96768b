"""Puts facts into the templates. Whatever a template is given is escaped; nothing here marks text as safe."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from appliance.errors import Refusal
from appliance.web import say


def web_root() -> Path:
    """Where templates and static files are: `web/` of the checkout. Raises Refusal if they are not there."""
    root = Path(__file__).resolve().parents[2] / "web"
    if not (root / "templates").is_dir():
        raise Refusal("no_web_files", f"the page's templates are missing from {root}; install from a full checkout.")
    return root


def page(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """A whole page. Every template also gets `session` (None before entry), `here` (the path) and `said`."""
    known = {
        "session": request.scope.get("state", {}).get("session"),
        "here": request.url.path,
        "said": say.said(request.query_params.get("said", "")),
    }
    return HTMLResponse(_environment().get_template(template).render(known | context), status_code=status)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(web_root() / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["say"] = say
    environment.filters |= {"when": when, "px": px, "short": short}
    return environment


def when(at: str, zone: ZoneInfo) -> str:
    """A stored UTC time as people at the school would say it: `3 Mar 2026, 14:05`."""
    local = datetime.fromisoformat(at).astimezone(zone)
    return f"{local.day} {local:%b %Y, %H:%M}"


def px(value: float) -> str:
    """A length in pixels for an attribute: whole."""
    return str(round(value))


def short(sha256: str) -> str:
    """The beginning of a hash, enough to tell pictures apart by eye."""
    return sha256[:12]
