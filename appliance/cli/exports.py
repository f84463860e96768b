"""The verbs about files of other systems: profiles, what a column means, conflicts, and files for them."""

from __future__ import annotations

from argparse import Namespace

from appliance.cli.output import Output
from appliance.errors import Refusal
from appliance.pipeline.roster import profile
from appliance.pipeline.roster.sheet import write_roster
from appliance.store.home import Home


def list_profiles(given: Namespace, out: Output) -> None:
    """`roster profile list`."""
    home = Home.open(given.home)
    for p in profile.profiles(home.root):
        data = {"profile": p.name, "example": p.is_example, "about": p.about, "headings": p.headings}
        out.row(data, f"{p.name:12s} {'example' if p.is_example else 'own':8s} {p.about}")


def show_profile(given: Namespace, out: Output) -> None:
    """`roster profile show NAME`."""
    home = Home.open(given.home)
    path = profile.path_of(home.root, given.name)
    text = path.read_text(encoding="utf-8")
    out.row({"profile": given.name, "file": str(path), "text": text}, text.rstrip())


def save_profile(given: Namespace, out: Output) -> None:
    """`roster profile save NAME (--file FILE | --from EXAMPLE)`."""
    home = Home.open(given.home)
    source = given.file or profile.path_of(home.root, given.example)
    path = profile.save(home.root, given.name, source)
    home.audit.record("profile_saved", profile=given.name, who=given.who)
    out.row({"profile": given.name, "file": str(path)}, f"{path}: put in the headings that your own export has")


def record_mapping(given: Namespace, out: Output) -> None:
    """`roster mapping record PROFILE COLUMN CHANNEL… --as WHO --evidence TEXT`."""
    home = Home.open(given.home)
    known = profile.load(home.root, given.profile)
    column = next((a for a in known.answers if a.column == given.column), None)
    if column is None or column.scopes is not None:
        raise Refusal("no_such_column", f"profile {given.profile} leaves no column {given.column!r} to be decided.")
    if not given.evidence.strip() or not given.who.strip():
        raise Refusal("evidence_is_missing", "say who decided it, and where that is written down.")
    home.people.imports.record_mapping(given.profile, given.column, given.channels, given.who, given.evidence.strip())
    home.audit.record("mapping_recorded", profile=given.profile, who=given.who)
    data = {"profile": given.profile, "column": given.column, "channels": given.channels, "who": given.who}
    out.row(data, f"{given.column} in {given.profile} is about {', '.join(given.channels)}")


def list_mappings(given: Namespace, out: Output) -> None:
    """`roster mapping list`."""
    home = Home.open(given.home)
    for (name, column), said in home.people.imports.mappings().items():
        data = {"profile": name, "column": column, "channels": said["scopes"], "who": said["who"], "at": said["at"],
                "evidence": said["evidence"]}  # fmt: skip
        out.row(data, f"{name}: {column} is about {', '.join(said['scopes'])} ({said['who']}: {said['evidence']})")


def list_conflicts(given: Namespace, out: Output) -> None:
    """`roster conflicts list`."""
    home = Home.open(given.home)
    for c in home.people.imports.conflicts():
        data = {"conflict": c["id"], "subject": c["subject"], "row": c["row"], "why": c["why"], "at": c["at"]}
        scope = c["row"].get("scope", "roster")
        out.row(data, f"{c['id']}  {c['subject']} {scope}: {c['why']}  (since {c['at'][:10]})")


def close_conflict(given: Namespace, out: Output) -> None:
    """`roster conflicts close CONFLICT --as WHO --evidence TEXT`: the row need not be in any file any more."""
    home = Home.open(given.home)
    if not given.evidence.strip() or not given.who.strip():
        raise Refusal("evidence_is_missing", "say who closes it, and why: --as WHO --evidence TEXT.")
    if not home.people.imports.has_open_conflict(given.conflict):
        raise Refusal(
            "no_such_conflict", f"there is no open conflict {given.conflict!r}: appliance roster conflicts list"
        )
    home.people.imports.close_conflict(given.conflict, given.who, given.evidence.strip())
    home.audit.record("conflict_closed", conflict=given.conflict, who=given.who)
    out.row({"conflict": given.conflict, "who": given.who}, f"{given.conflict} is closed: what is on record stands")


def export(given: Namespace, out: Output) -> None:
    """`roster export --out DIR --as WHO`."""
    home = Home.open(given.home)
    for path, rows in write_roster(home.people, given.out):
        out.row({"file": str(path), "rows": rows}, f"{path}: {rows} rows")
    home.audit.record("roster_exported", who=given.who)
