"""Names in words that go out: a full name blocks, a first name alone asks, everything else passes."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.channel import Audience
from appliance.domain.wording import Called, Finding, Found, Names, Verdict, verdict

ROSTER = Names([
    Called("Amelia", "Nonsuch", "Mia"), Called("Summer", "Hill"), Called("Mark", "van der Berg"),
    Called("Seán", "O'Brien"), Called("Łukasz", "Müller"), Called("Mary-Jane", "Smith-Jones", "MJ"),
    Called("小龙", "李"), Called("Мария", "Петрова"), Called("Abdullah", "Abdullah"), Called("Sam", "Field"),
    Called("Ana", "Lee"), Called("", "Onlyname"), Called("José María", "de la Cruz"), Called("", ""),
])  # fmt: skip
FULL, FIRST = Found.FULL_NAME, Found.FIRST_NAME


@pytest.mark.parametrize(
    "text",
    [
        "Amelia Nonsuch", "amelia nonsuch wins", "AMELIA NONSUCH", "Well done, Amélia  Nonsuch!", "Nonsuch, Amelia",
        "Nonsuch Amelia", "Amelia-Nonsuch", "Amelia_Nonsuch_2026.jpg", "amelia.nonsuch@school", "AmeliaNonsuch",
        "amelianonsuch", "nonsuchamelia2026", "Amelia Jane Nonsuch", "Amelia and Ben Nonsuch", "Amelia Nonsuch's cup",
        "the Nonsuchs and Amelia", "Mia Nonsuch", "M. Nonsuch", "A. Nonsuch", "A Nonsuch", "A.J. Nonsuch", "AJ Nonsuch",
        "Nonsuch A.", "Nonsuch, A. J.", "anonsuch", "A m e l i a N o n s u c h", "A\u00adm\u200belia Nonsuch",
        "Ａｍｅｌｉａ Ｎｏｎｓｕｃｈ", "Summer Hill", "Summer fair on the hill", "Mark van der Berg", "Mark Berg",
        "M. van der Berg", "M. Berg", "vanderbergmark", "Sean O'Brien", "SEÁN O’BRIEN", "Sean OBrien", "Sean Brien",
        "S. O`Brien", "Lukasz Muller", "Łukasz Mueller", "L. Müller", "Mary Jane Smith Jones", "Mary Smith",
        "Jane Jones", "Maryjane Smithjones", "MJ Smith-Jones", "李小龙", "祝贺李小龙得奖", "小龙 李", "Мария Петрова",
        "ПЕТРОВА МАРИЯ", "М. Петрова", "Abdullah Abdullah", "Jose Cruz", "María de la Cruz", "J. de la Cruz",
        unicodedata.normalize("NFD", "Seán O'Brien"),
    ],
)  # fmt: skip
def test_a_full_name_is_found_however_it_is_written(text: str) -> None:
    found = ROSTER.find(text)
    assert FULL in {f.kind for f in found}
    for audience in Audience:
        assert verdict(found, audience, frozenset(f.word for f in found)) is Verdict.BLOCK


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Summer Fair", {"summer"}), ("Mark", {"mark"}), ("Exam marks", {"mark"}), ("Amelia's birthday", {"amelia"}),
        ("MIA WINS", {"mia"}), ("Sean and Lukasz", {"sean", "lukasz"}), ("Mary and MJ", {"mary", "mj"}),
        ("小龙得奖", {"小龙"}), ("Мария", {"мария"}), ("Abdullah", {"abdullah"}), ("Prize Amelia2026", {"amelia"}),
        ("PrizeAmelia", {"amelia"}), ("Ana", {"ana"}), ("Amelia N.", {"amelia"}),
    ],
)  # fmt: skip
def test_a_first_name_alone_asks(text: str, words: set[str]) -> None:
    found = ROSTER.find(text)
    assert {f.kind for f in found} == {FIRST}
    assert {f.word for f in found} == words
    assert verdict(found, Audience.PUBLIC) is verdict(found, Audience.CLOSED_GROUP) is Verdict.ASK
    assert verdict(found, Audience.IN_SCHOOL) is verdict(found, Audience.ONE_FAMILY) is Verdict.CLEAR
    assert verdict(found, Audience.PUBLIC, frozenset(words)) is Verdict.CLEAR
    assert verdict(found, Audience.PUBLIC, frozenset({"other"})) is Verdict.ASK


@pytest.mark.parametrize(
    "text",
    [
        "", "Sports day", "The Hill trip", "Nonsuch cup", "School sports field", "a van to the mill", "Year 6",
        "banana leeks", "summertime", "Brien boru", "Midsummer", "Onlyname cup", "Ben Nonsuch", "x" * 5000, "🎉" * 50,
    ],
)  # fmt: skip
def test_other_words_pass(text: str) -> None:
    assert ROSTER.find(text) == ()


def test_the_place_is_told_in_the_text_as_it_was_given() -> None:
    assert ROSTER.find("Cup for Amelia Nonsuch!") == (Finding(8, 22, FULL, "amelia nonsuch"),)
    text = "Fête: Łukasz"
    (finding,) = ROSTER.find(text)
    assert text[finding.begin : finding.end] == "Łukasz"


NAME = st.text(alphabet="abcdefghijklmnopqrstuvwxyzéüßłšñа", min_size=3, max_size=9).map(str.title)
AROUND = st.text(alphabet=" .,!?-()0123456789\n", max_size=5)


@given(NAME, NAME, AROUND, AROUND, st.sampled_from([" ", ", ", "-", "_", "  ", ". ", "\u00a0"]), st.data())
def test_no_way_of_writing_a_full_name_gets_past(
    first: str, last: str, before: str, after: str, glue: str, data: st.DataObject
) -> None:
    change = data.draw(st.sampled_from([str.upper, str.lower, str.title, lambda s: unicodedata.normalize("NFD", s)]))
    parts = data.draw(st.permutations([first, last]))
    text = before + change(glue.join(parts)) + after
    assert FULL in {f.kind for f in Names([Called(first, last)]).find(text)}


@given(st.text(max_size=60), st.lists(st.tuples(st.text(max_size=12), st.text(max_size=12)), max_size=5))
def test_any_text_and_any_roster_are_answered_with_places_in_the_text(text: str, people: list[tuple[str, str]]) -> None:
    composed = unicodedata.normalize("NFC", text)
    for finding in Names([Called(*p) for p in people]).find(text):
        assert 0 <= finding.begin < finding.end <= len(composed)
        assert finding.word
