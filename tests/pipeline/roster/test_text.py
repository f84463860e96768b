"""In which encoding, and with what between its columns, a file is written: told for certain, or refused."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.errors import Refusal
from appliance.pipeline.roster.rows import PEOPLE_COLUMNS
from appliance.pipeline.roster.sheet import safe, sheet
from appliance.pipeline.roster.table import FORMULA, Form, read_table
from appliance.pipeline.roster.text import read_text
from tests.pipeline.roster.school import School, person

HEADER = "subject_id,given_name\n"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        pytest.param(b"Zoe", "Zoe", id="ASCII"),
        pytest.param("Zoë – Łucja".encode(), "Zoë – Łucja", id="UTF-8"),
        pytest.param("Zoë".encode("utf-8-sig"), "Zoë", id="UTF-8 with its mark"),
        pytest.param("Zoë 王".encode("utf-16"), "Zoë 王", id="UTF-16"),
        pytest.param(b"\xfe\xff" + "Zoë".encode("utf-16-be"), "Zoë", id="UTF-16, big end first"),
        pytest.param(
            "Zoë O’Hara, José Nuñez, ŠIMON".encode("windows-1252"), "Zoë O’Hara, José Nuñez, ŠIMON", id="1252"
        ),
    ],
)
def test_what_is_beyond_doubt_is_read(data: bytes, text: str) -> None:
    assert read_text(data, "f.csv").text == text


@pytest.mark.parametrize(
    ("data", "why"),
    [
        pytest.param("Zoë".encode("utf-16-le"), "without its mark", id="UTF-16 without its mark"),
        pytest.param("Zoë".encode("utf-32"), "UTF-32", id="UTF-32"),
        pytest.param("a\nZoë".encode("cp850"), "on line 2", id="CP 850"),
        pytest.param("a\nb\nJosé".encode("cp850"), "several encodings.* on line 3", id="CP 850, a quotation mark"),
        pytest.param("José Léon".encode("mac-roman"), "several encodings", id="Macintosh"),
        pytest.param("Łukasz".encode("iso-8859-2"), "several encodings", id="Latin 2"),
        pytest.param(b"Jos\xe9\n" + "Zoë".encode(), "partly UTF-8", id="two files in one"),
        pytest.param("Zoë".encode("utf-16")[:-1], "is not utf-16 text", id="UTF-16 cut off"),
    ],
)
def test_what_may_be_two_things_is_refused_with_its_line(data: bytes, why: str) -> None:
    with pytest.raises(Refusal, match=why) as refusal:
        read_text(data, "f.csv")
    assert refusal.value.code == "encoding_unclear"
    assert "--encoding" in str(refusal.value)


def test_an_encoding_that_was_said_settles_it() -> None:
    assert read_text("Łukasz žena".encode("windows-1252", "replace"), "f", "windows-1252").text == "?ukasz žena"
    assert read_text("Zoë".encode("utf-16"), "f", "utf-16").text == "Zoë"
    with pytest.raises(Refusal, match="begins with the mark of utf-8"):
        read_text("Zoë".encode("utf-8-sig"), "f", "windows-1252")


def test_windows_1252_is_said_aloud_with_the_line_to_check() -> None:
    assert "first on line 2" in read_text("a\nZoë".encode("windows-1252"), "f.csv").note


@given(st.text(st.characters(blacklist_categories=["Cs"])))
def test_utf8_is_always_read_as_utf8(text: str) -> None:
    data = text.encode()
    if data.count(0) * 4 <= len(data) and not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        assert read_text(data, "f").text == text


@given(st.binary(max_size=200))
def test_no_bytes_end_in_anything_but_a_text_or_a_refusal(data: bytes) -> None:
    with suppress(Refusal):
        assert isinstance(read_text(data, "f").text, str)


@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_the_header_tells_what_separates_the_columns(between: str) -> None:
    text = f"subject_id{between}given_name{between}house\nP1{between}A;b,c\td{between}Red\n".replace(
        "A;b,c\td", '"A;b,c"'
    )
    table = read_table(text.encode(), "f", ("subject_id", "given_name"))
    assert [row for _, row in table.rows] == [{"subject_id": "P1", "given_name": "A;b,c"}]


def test_a_first_line_that_names_the_separator_is_no_header() -> None:
    table = read_table(b"sep=;\nsubject_id;given_name\nP1;Ada\n", "f", ("subject_id", "given_name"))
    assert list(table.rows) == [(3, {"subject_id": "P1", "given_name": "Ada"})]


def test_what_could_be_separated_in_two_ways_is_refused() -> None:
    with pytest.raises(Refusal, match="unclear"):
        read_table(b"id,a;id,b\n1,2;3,4\n", "f", ())
    assert read_table(b"id,a;id,b\n1,2;3,4\n", "f", (), Form(delimiter=";")).rows


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_a_roster_is_the_same_in_every_dress(school: School, encoding: str, between: str) -> None:
    cells = person(given_name="Zoë", family_name="O’Hara")
    text = f"{between.join(PEOPLE_COLUMNS)}\r\n{between.join(cells[c] for c in PEOPLE_COLUMNS)}\r\n"
    path = school.desk / "roster.csv"
    path.write_bytes(text.encode(encoding))
    school.take_files(path, None)
    assert school.people.names()["P1"].full == "Zoë O’Hara"
    assert len(school.take([cells]).unchanged) == 1


# ---- out again


@pytest.mark.parametrize("begin", list(FORMULA))
def test_a_cell_that_would_be_calculated_is_written_as_text(begin: str) -> None:
    assert safe(f"{begin}cmd|' /C calc'!A0").startswith("'")
    assert safe(f"  {begin}1+1").startswith("'")
    assert safe("Ada-Mae @ home") == "Ada-Mae @ home"


@given(st.text(st.characters(blacklist_categories=["Cs", "Cc"])))
def test_what_is_written_safely_reads_back_the_same(text: str) -> None:
    cell = safe(text.strip())
    assert not cell.lstrip().startswith(tuple(FORMULA))
    if not text.strip().startswith("'"):
        table = read_table(sheet(["a", "b"], [["x", text.strip()]]).encode(), "f", ("a", "b"), Form(delimiter=","))
        assert [row["b"] for _, row in table.rows] == [text.strip()]
