"""Event folders: a day and neutral words; nobody's name, and nothing a file system or a website could trip over."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.event import LONGEST_SLUG, folder, name_words, slug

DAY = date(2026, 11, 20)
NAUGHTY = (
    "undefined", "NULL", "\\\\", "$HOME", "%d%s%n", "<script>alert(1)</script>", "'; DROP TABLE photos; --", "nul",
    "C:\\con.txt", "file\x00name", "a\nb", "\u202ethgir", "t\u0331\u033a\u034fo\u035e\u0337", "田中さん", "ÅÍÎÏ", "ﬁﬂ",
    "👨\u200d👩\u200d👧", "１２３", "ⅷ", "..", "~", "-", "`ls`", "\ufeff", "İstanbul", "ﷺ", "½", "²³", "a" * 5000,
    "../" * 50, "_______",
)  # fmt: skip
ROSTER = ("Amelia", "Nonsuch", "Seán", "O'Brien", "Mary-Jane", "van der Berg", "Łukasz", "Müller", "Jo", "Bo", "Ng")


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("Sports day", "sports-day"),
        ("  Sports   DAY!! ", "sports-day"),
        ("Year 6 trip", "year-6-trip"),
        ("Fête d'été", "fete-d-ete"),
        ("Amelia's birthday", "birthday"),
        ("Amelia’s birthday", "birthday"),
        ("AMELIAS birthday", "birthday"),
        ("amelia_nonsuch prize", "prize"),
        ("AmeliaNonsuch prize", "prize"),
        ("amelianonsuch prize", "prize"),
        ("Prize Amelia2026", "prize"),
        ("PrizeAmelia", "event"),
        ("Ａｍｅｌｉａ wins", "wins"),
        ("A\u00adm\u200belia wins", "wins"),
        ("Sean and Seán", "and"),
        ("O'Brien cup", "cup"),
        ("O’Briens cup", "cup"),
        ("OBrien cup", "cup"),
        ("Mary Jane show", "show"),
        ("maryjane show", "show"),
        ("Van Der Berg cup", "cup"),
        ("Lukasz concert", "concert"),
        ("Łukasz concert", "concert"),
        ("Mueller concert", "concert"),
        ("Muller concert", "concert"),
        ("Amelia Nonsuch", "event"),
        ("Праздник", "event"),
        ("运动会", "event"),
        ("../../etc/passwd", "etc-passwd"),
        ("CON", "con"),
        ("-rf /", "rf"),
        (".hidden", "hidden"),
        ("x" * 200, "x" * LONGEST_SLUG),
        ("Joint concert", "joint-concert"),
    ],
)
def test_an_event_becomes_neutral_words(event: str, expected: str) -> None:
    assert slug(event, name_words(ROSTER)) == expected


def test_a_folder_begins_with_the_day() -> None:
    assert folder("Sports day", DAY, ROSTER) == "2026-11-20-sports-day"
    assert folder("Amelia", DAY, ROSTER) == "2026-11-20-event"


@pytest.mark.parametrize("event", ["", " ", "\t\n"])
def test_photos_without_an_event_are_unsorted(event: str) -> None:
    assert folder(event, DAY, ROSTER) == "unsorted"


@pytest.mark.parametrize("names", [("Amelia",), ("AMELIA",), ("", " ", "'", "amelia"), ("Amélia",)])
def test_names_are_known_however_the_roster_writes_them(names: tuple[str, ...]) -> None:
    assert slug("Amelia wins", name_words(names)) == "wins"


@given(event=st.text(max_size=80), names=st.lists(st.text(max_size=12), max_size=6))
def test_any_text_gives_one_plain_path_component(event: str, names: list[str]) -> None:
    name = folder(event, DAY, names)
    assert re.fullmatch(r"unsorted|2026-11-20-[a-z0-9]+(-[a-z0-9]+)*", name)
    assert len(name) <= len("2026-11-20-") + LONGEST_SLUG


WORDS = st.text(alphabet="abcdefghijklmnopqrstuvwxyzéüßł", min_size=2, max_size=10)


@given(
    name=WORDS,
    before=WORDS,
    after=WORDS,
    glue=st.sampled_from([" ", "-", "_", ".", "'s ", "’s ", "s ", "\u00a0", " 7"]),
)
def test_no_word_of_the_folder_is_a_name(name: str, before: str, after: str, glue: str) -> None:
    names = name_words([name])
    words = folder(f"{before} {name.title()}{glue}{after}", DAY, [name]).removeprefix("2026-11-20-").split("-")
    assert words == ["event"] or not names & set(words)


@pytest.mark.parametrize("line", NAUGHTY, ids=range(len(NAUGHTY)))
def test_naughty_strings_give_plain_path_components(line: str) -> None:
    assert re.fullmatch(r"unsorted|2026-11-20-[a-z0-9-]+", folder(line, DAY, ROSTER))
    assert "amelia" not in folder(f"{line} Amelia {line}", DAY, ROSTER)
