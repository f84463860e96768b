"""The register with its reasons, and the walk through it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.cli import main
from appliance.domain.consent import Decision
from appliance.pipeline.records.publications import as_csv, questions, record_grounds
from appliance.store.home import Home
from tests.pipeline.releasing import School


def run(school: School, capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, object]]:
    main(["--home", str(school.home.root), *arguments, "--json"])
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.fixture
def out(school: School) -> School:
    """One picture, published on the website and in the newsletter."""
    photo = school.photo("one")
    for channel in ("website", "newsletter"):
        school.approve(photo, channel)
    school.release()
    record_grounds(school.home, school.today)
    school.push()
    school.sync()
    return school


def test_the_register_says_by_whom_and_under_which_consents(out: School) -> None:
    first = next(questions(out.home, out.today))
    assert (first.approved_by, first.event, first.advice) == ("w", "Sports day", "keep_if_needed")
    assert [(g.subject, g.party, g.until_on) for g in first.grounds] == [("S1", "self", "2027-03-01")]
    assert record_grounds(out.home, out.today) == 0


def test_consent_that_is_over_and_leaving_are_pointed_out(out: School) -> None:
    out.consent("website", Decision.WITHDRAWN)
    advice = {q.copy.channel: (q.advice, q.consent_over) for q in questions(out.home, out.today)}
    assert advice == {"website": ("take_down", ("S1",)), "newsletter": ("keep_if_needed", ())}


def test_an_audit_is_walked_through_reported_and_finished(
    out: School, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    audit = "audit-publications"
    assert run(out, capsys, audit, "start", "--as", "Ann")[0]["left"] == 2
    with pytest.raises(SystemExit):
        run(out, capsys, audit, "finish", "--as", "Ann")
    capsys.readouterr()
    (asked,) = run(out, capsys, audit, "next")
    derivative, channel = str(asked["derivative"]), str(asked["channel"])
    run(out, capsys, audit, "answer", derivative, "keep", "--channel", channel, "--reason", "prospectus", "--as", "Ann")
    (asked,) = run(out, capsys, audit, "next")
    assert asked["channel"] != channel
    run(out, capsys, audit, "answer", derivative, "take_down", "--channel", str(asked["channel"]), "--reason", "old",
        "--as", "Ann")  # fmt: skip
    assert run(out, capsys, audit, "next") == []
    run(out, capsys, audit, "finish", "--as", "Ann")
    out.sync()
    assert len(out.there()) == 1
    run(out, capsys, audit, "report", "--out", str(tmp_path / "report.csv"))
    run(out, capsys, audit, "report", "--out", str(tmp_path / "report.html"))
    assert "take_down,old,Ann" in (tmp_path / "report.csv").read_text()
    assert "<td>prospectus</td>" in (tmp_path / "report.html").read_text()


def test_an_exported_cell_is_never_a_formula() -> None:
    assert "'=1+1" in as_csv([{"reason": "=1+1"}])


def test_a_copy_on_a_channel_that_the_school_has_given_up_stops_no_release(out: School) -> None:
    later = out.photo("later")
    out.approve(later)
    config = out.home.root / "config.toml"
    config.write_text(config.read_text() + 'used_channels = ["newsletter"]\n')
    home = Home.open(out.home.root)
    home.ledger.register.record([replace(c, derivative="ef" * 32) for c in home.ledger.register.copies()])
    assert record_grounds(home, out.today) == 0
