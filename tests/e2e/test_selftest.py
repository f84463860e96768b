"""The self-test and the re-enrolment list through the command line."""

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.e2e.box import Box, demo, school


def analyses(box: Box) -> int:
    with closing(sqlite3.connect(box.home / "ledger.db")) as db:
        return int(db.execute("SELECT count(*) FROM analyses").fetchone()[0])


def test_a_stated_rate_is_measured_recorded_and_makes_every_photo_be_identified_anew(tmp_path: Path) -> None:
    files, box = demo(tmp_path / "demo", photos=2), Box(tmp_path / "home")
    box.run("init")
    box.run("selftest", expect=1)
    box = Box(tmp_path / "school")
    school(box, files)
    box.run("ingest", files / "card", "--event", "Fair")
    box.run("process")
    before, shown = analyses(box), box.photos()

    said = box.run("selftest")
    assert said[0]["result"] == "summary" and said[0]["people"] == 3 and said[0]["in_force"] == 0.001
    adults = next(r for r in said if r["result"] == "line" and r["of"] == "adult" and r["fpir_stated"] == 0.001)
    assert (adults["strangers"], adults["people"], adults["fpir"], adults["verdict"]) == (4, 3, 0.0, "too_few")
    assert adults["fpir_high"] > 0.5 and "at most" in adults["words"]
    box.run("process")
    assert analyses(box) == before, "a test by itself changes nothing"

    box.run("selftest", "--set", "0.0001", expect=1)
    box.run("selftest", "--set", "0.5", "--as", "Ann", expect=1)
    box.run("selftest", "--set", "0.0001", "--as", "Ann")
    (status,) = box.run("status")
    assert (status["stated_fpir"], status["refused_ages"]) == (0.0001, [])
    box.run("process")
    assert analyses(box) == 2 * before
    assert [p["photo"] for p in box.photos()] == [p["photo"] for p in shown]
    assert box.run("verify") == [{"faults": 0}]

    listed = box.run("portraits")
    assert {p["subject"]: p["state"] for p in listed} == {
        "V001": "used", "S002": "used", "V003": "used", "V004": "no_consent", "S005": "no_consent",
    }  # fmt: skip
    assert all(p["due_on"] and p["words"] for p in listed)
    assert box.run("portraits", "--renew") == []
    box.run("portraits", "--state", "nonsense", expect=1)
