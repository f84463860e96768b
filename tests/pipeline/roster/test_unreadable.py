"""A row that cannot be read blocks what it may be about."""

from __future__ import annotations

import pytest

from appliance.domain.consent import CHANNELS
from appliance.pipeline.roster.rows import CONSENT_COLUMNS
from tests.pipeline.roster.school import (
    Cells,
    School,
    person,
    row,
)

UNREADABLE = [
    pytest.param({"decision": "yes"}, "decision 'yes'", id="decision"),
    pytest.param({"decision": "Granted"}, "decision 'Granted'", id="decision in capitals"),
    pytest.param({"decision": ""}, "decision ''", id="decision blank"),
    pytest.param({"decision": "unreadable"}, "decision 'unreadable'", id="a marker is no decision"),
    pytest.param({"from_on": ""}, "from_on ''", id="from_on blank"),
    pytest.param({"from_on": "01/09/2026"}, "from_on '01/09/2026'", id="another way to write a day"),
    pytest.param({"from_on": "2026-02-30"}, "from_on '2026-02-30'", id="no such day"),
    pytest.param({"from_on": "0026-09-01"}, "from_on '0026-09-01'", id="an absurd year"),
    pytest.param({"until_on": "soon"}, "until_on 'soon'", id="until_on"),
    pytest.param({"until_on": "2020-01-01"}, "until_on '2020-01-01' is before", id="ends before it begins"),
    pytest.param({"party": "mother"}, "party 'mother'", id="party"),
    pytest.param({"party": "parent:0"}, "party 'parent:0'", id="no such parent"),
    pytest.param({"party": ""}, "party ''", id="party blank"),
    pytest.param({"basis": ""}, "basis ''", id="a grant without a basis"),
    pytest.param({"basis": "because"}, "basis 'because'", id="basis"),
]


@pytest.mark.parametrize(("cells", "reason"), UNREADABLE)
def test_a_row_that_cannot_be_read_blocks_its_scope_until_it_can(school: School, cells: Cells, reason: str) -> None:
    good = [row(), row(scope="newsletter"), row(subject="P2")]
    school.take([person(), person("P2")], good)
    bad = [row(begins=-20, **cells) if "from_on" not in cells else row(**cells), *good]
    report = school.take(None, bad)
    assert [(b.line, b.subject, b.scope) for b in report.blocked] == [(2, "P1", "website")]
    assert report.blocked[0].reason.startswith(reason)
    assert [school.shows(), school.shows(scope="newsletter"), school.shows("P2")] == [False, True, True]
    mended = school.take(None, [row(begins=-20), *good])
    assert [c.detail for c in mended.changed] == ["website can be read again"]
    assert mended.blocked == []
    assert school.shows()


def test_an_unreadable_scope_blocks_every_scope(school: School) -> None:
    good = [row(scope=c) for c in CHANNELS]
    school.take([person(), person("P2")], [*good, row(subject="P2")])
    school.take(None, [*good, row(scope="web site")])
    assert not any(school.shows(scope=c) for c in CHANNELS)
    assert school.shows("P2")
    school.take(None, [*good, row(scope="biometric")])
    assert all(school.shows(scope=c) for c in CHANNELS)


def test_a_row_with_too_many_or_too_few_cells_blocks_every_scope(school: School) -> None:
    school.take([person()], [row()])
    for line in ("P1,parent:1,website,granted,2026-11-01,,consent,form, page 2", "P1,parent:1,website,granted"):
        path = school.desk / "consents.csv"
        path.write_text(f"{','.join(CONSENT_COLUMNS)}\n{line}\n", encoding="utf-8")
        report = school.take_files(None, path)
        assert [(b.scope, b.reason) for b in report.blocked] == [("", "more or fewer cells than the header")]
        assert not school.shows()
        school.take(None, [row(), row(scope="press")])
        assert school.shows()


def test_a_row_that_is_gone_is_not_a_row_that_can_be_read(school: School) -> None:
    other = row(party="parent:2")
    school.take([person(parents="2")], [row(), row("refusd", -5), other])
    report = school.take(None, [row(), other])
    assert [(b.line, b.reason) for b in report.blocked] == [
        (None, "a row that could not be read has not been replaced")
    ]
    assert not school.shows()
    school.take(None, [row(), row("granted", -5), other])
    assert school.shows()


def test_good_then_unreadable_then_good_again_is_good(school: School) -> None:
    school.take([person()], [row()])
    school.take(None, [row("grnted")])
    assert not school.shows()
    school.take(None, [row()])
    assert school.shows()


def test_a_complete_file_without_the_unreadable_row_lifts_the_block(school: School) -> None:
    school.take([person()], [row(), row("refusd", -5)])
    school.take(None, [row()], complete=True)
    assert school.shows()


def test_what_was_unreadable_may_turn_out_to_be_a_no(school: School) -> None:
    school.take([person()], [row(), row("refusd", -5)])
    school.take(None, [row(), row("refused", -5)])
    assert not school.shows()
    assert school.take(None, [row()]).conflicts != []


def test_the_console_replaces_what_could_not_be_read_of_the_same_party(school: School) -> None:
    school.take([person(parents="2")], [row("grnted"), row("x", party="parent:2"), row("x", scope="press")])
    school.say("granted")
    assert not school.shows()
    school.say("granted", party="parent:2")
    assert school.shows()
    assert not school.shows(scope="press")
