"""What is refused whole, with nothing changed."""

from __future__ import annotations

import pytest

from appliance.errors import Refusal
from appliance.pipeline.roster.rows import CONSENT_COLUMNS, PEOPLE_COLUMNS
from tests.pipeline.roster.school import (
    GOOD_ROSTER,
    Cells,
    School,
    day,
    person,
    portraits,
    row,
    write,
)


@pytest.mark.parametrize(
    ("consents", "lines"),
    [
        pytest.param([row(), row(subject="")], "line 3", id="blank subject"),
        pytest.param([row(), row("bad", subject="")], "line 3", id="nothing can be read"),
        pytest.param([row(), row(subject="P\x00")], "line 3", id="unprintable subject"),
        pytest.param([row(), row(subject="P9"), row("bad", subject="P8")], "line 3, 4", id="nobody on the roster"),
    ],
)
def test_consents_of_nobody_refuse_the_whole_import(school: School, consents: list[Cells], lines: str) -> None:
    school.take([person("P0")])
    before = school.record()
    with pytest.raises(Refusal, match=lines):
        school.take(GOOD_ROSTER, consents, portraits(school.desk, "P1.jpg"))
    assert school.record() == before
    assert list(school.people.roster().people) == ["P0"]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        pytest.param({"subject_id": ""}, "subject_id is blank", id="subject blank"),
        pytest.param({"subject_id": "P\n1"}, "runs on into the next line", id="subject over two lines"),
        pytest.param({"kind": "pupl"}, "kind 'pupl' is none of pupil, staff, visitor", id="kind"),
        pytest.param({"kind": ""}, "kind ''", id="kind blank"),
        pytest.param({"birth_on": "1/5/2016"}, "birth_on '1/5/2016'", id="birthday"),
        pytest.param({"birth_on": "1901-05-01"}, "nobody's birthday", id="too old to be true"),
        pytest.param({"birth_on": day(1)}, "nobody's birthday", id="born tomorrow"),
        pytest.param({"leaving_on": "July"}, "leaving_on 'July'", id="leaving day"),
        pytest.param({"parents": "two"}, "parents 'two'", id="parents"),
        pytest.param({"parents": "-1"}, "parents '-1'", id="parents below none"),
        pytest.param({"parents": "99"}, "parents '99'", id="too many parents"),
        pytest.param({"protected": "maybe"}, "protected 'maybe' is none of yes, no", id="protected"),
        pytest.param({"protected": "No"}, "protected 'No'", id="protected in capitals"),
        pytest.param({"subject_id": "P2"}, "line 2: subject_id 'P2' is there twice", id="the same person twice"),
    ],
)
def test_a_roster_row_that_cannot_be_read_refuses_the_whole_import(school: School, cells: Cells, reason: str) -> None:
    with pytest.raises(Refusal, match=reason):
        school.take([person("P2"), person(**cells)], [row(subject="P2")])
    assert school.people.names() == {}


def test_every_fault_is_listed_with_its_line(school: School) -> None:
    with pytest.raises(Refusal) as refusal:
        school.take([person("P0", kind="x"), person(), person("P2", parents="x")])
    assert "line 2: kind" in str(refusal.value)
    assert "line 4: parents" in str(refusal.value)


def test_blank_parents_and_dates_are_unknown_and_blank_protected_is_yes(school: School) -> None:
    report = school.take([person(parents="", birth_on="", leaving_on="", protected="", group="", family="")], [row()])
    assert (school.person().parents, school.person().birth_on, school.person().protected) == (None, None, True)
    assert report.warnings == ["roster.csv: protected is blank on line 2; taken for yes, nobody is shown"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"", "column_missing", id="empty"),
        pytest.param(b"subject_id;party;scope\nP1;parent:1;website\n", "column_missing", id="semicolons"),
        pytest.param(",".join(CONSENT_COLUMNS[:-1]).encode(), "column_missing", id="a column is missing"),
        pytest.param(",".join([*CONSENT_COLUMNS, "scope"]).encode(), "column_twice", id="a column twice"),
        pytest.param(",".join(CONSENT_COLUMNS).encode("utf-16-le"), "encoding_unclear", id="UTF-16 without its mark"),
        pytest.param((",".join(CONSENT_COLUMNS) + '\n"P1,a,b\nP2,c').encode(), "rows_unreadable", id="open quote"),
        pytest.param((",".join(CONSENT_COLUMNS) + '\n"P1\nP2",b').encode(), "rows_unreadable", id="two lines in one"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused(school: School, data: bytes, code: str) -> None:
    path = school.desk / "consents.csv"
    path.write_bytes(data)
    with pytest.raises(Refusal) as refusal:
        school.take_files(write(school.desk / "roster.csv", PEOPLE_COLUMNS, GOOD_ROSTER), path)
    assert refusal.value.code == code
    assert school.people.names() == {}


def test_a_file_that_is_not_there_is_refused(school: School) -> None:
    with pytest.raises(Refusal, match="cannot be read"):
        school.take_files(school.desk / "roster.csv", None)


def test_more_columns_blank_lines_and_spaces_do_no_harm(school: School) -> None:
    path = school.desk / "roster.csv"
    columns = ["house", *reversed(PEOPLE_COLUMNS)]
    cells = {**person(), "house": "Red"}
    lines = [" , ".join(columns), "," * 11, " , ".join(cells[c] for c in columns), ""]
    path.write_bytes("\r\n".join(lines).encode())
    report = school.take_files(path, None)
    assert report.warnings == ["roster.csv: columns that are not used: 'house'"]
    assert [(c.subject, c.line) for c in report.added] == [("P1", 3)]
    assert school.person().parents == 1
