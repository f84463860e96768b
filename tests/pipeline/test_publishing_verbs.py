"""The verbs about what goes out, as somebody at the box's console types them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from appliance.cli.main import main
from tests.pipeline.releasing import School


class Console:
    """Types commands; `rows` are the objects that the last one printed."""

    def __init__(self, school: School, capsys: pytest.CaptureFixture[str]) -> None:
        self._home, self._capsys = str(school.home.root), capsys

    def type(self, *words: str, expect: int = 0) -> list[dict[str, Any]]:
        status = 0
        try:
            main(["--home", self._home, *words, "--json"])
        except SystemExit as end:
            status = int(str(end.code))
        printed = self._capsys.readouterr()
        assert status == expect, printed.err
        return [json.loads(line) for line in printed.out.splitlines()]


@pytest.fixture
def console(school: School, capsys: pytest.CaptureFixture[str]) -> Console:
    return Console(school, capsys)


def test_channels_are_listed_with_who_sees_them_and_what_they_take(console: Console) -> None:
    rows = {r["channel"]: r for r in console.type("channels")}
    assert len(rows) == 6
    assert (rows["website"]["audience"], rows["display"]["audience"]) == ("public", "in_school")
    assert {(r["allows"], r["file_names"]) for r in rows.values()} == {("pictures", "neutral")}


def test_a_watermark_file_that_is_no_png_is_refused_in_one_line(school: School, console: Console) -> None:
    config = school.home.root / "config.toml"
    config.write_text('[channels.press]\nwatermark_image = "logo.png"\n')
    (said,) = console.type("channels", expect=1)
    assert said["error"] == "watermark_missing"
    for content in (b"", b"GIF89a", b"\x89PNG\r\n\x1a\n" + bytes(40)):
        (school.home.root / "logo.png").write_bytes(content)
        (said,) = console.type("channels", expect=1)
        assert said["error"] == "watermark_unreadable"


def test_an_event_is_listed_confirmed_and_called_something_else(school: School, console: Console) -> None:
    school.photo("one", event="Amelia fair")
    school.photo("two", event="Prize for Amelia Nonsuch")
    asks, blocks = console.type("events")
    assert (asks["verdict"]["public"], asks["verdict"]["in_school"]) == ("ask", "clear")
    assert blocks["verdict"] == dict.fromkeys(asks["verdict"], "block")
    assert blocks["found"] == [{"kind": "full_name", "begin": 10, "end": 24, "text": "Amelia Nonsuch"}]
    (said,) = console.type("event", "confirm", "Amelia fair", "--as", "Ann")
    assert said["verdict"]["public"] == "clear"
    console.type("event", "confirm", "Prize for Amelia Nonsuch", "--as", "Ann", expect=1)
    console.type("event", "call", "Prize for Amelia Nonsuch", "For A. Nonsuch", "--as", "Ann", expect=1)
    (said,) = console.type("event", "call", "Prize for Amelia Nonsuch", "Prizes", "--as", "Ann")
    assert (said["outward"], said["verdict"]["public"]) == ("Prizes", "clear")
    console.type("event", "call", "Another event", "Prizes", "--as", "Ann", expect=1)


def test_a_caption_is_checked(console: Console) -> None:
    assert console.type("words", "The winners of the relay")[0]["verdict"] == "clear"
    assert console.type("words", "Well done, Amelia", expect=1)[0]["verdict"] == "ask"
    assert console.type("words", "Well done, Amelia", "--channel", "family")[0]["verdict"] == "clear"
    assert console.type("words", "Nonsuch, A.", "--channel", "family", expect=1)[0]["verdict"] == "block"


def test_the_certificate_of_a_released_file_is_printed(school: School, console: Console) -> None:
    derivative = school.approve(school.photo())
    console.type("certificate", derivative, expect=1)
    school.sync()
    (said,) = console.type("certificate", derivative)
    assert (said["derivative"], said["channel"], said["signed"]) == (derivative, "website", True)
    assert {c["check"] for c in said["checked"]} == {"hash", "segments", "codes", "decision", "words"}
    assert "Amelia" not in json.dumps(said)


def test_a_certificate_that_was_changed_says_so(school: School, console: Console) -> None:
    derivative = school.approve(school.photo())
    school.sync()
    with school.home.ledger._db.conn as connection:
        connection.execute("DROP TRIGGER certificates_are_facts")
        connection.execute("UPDATE certificates SET text = replace(text, 'website', 'webside')")
    said = console.type("certificate", derivative, expect=1)
    assert (said[0]["signed"], said[-1]["error"]) == (False, "signature_wrong")
