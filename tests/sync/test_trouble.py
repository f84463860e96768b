"""When the night is over, when a far end fails for a while or for long: what goes on, what waits, what is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.domain.far_end import Trouble
from appliance.errors import Refusal
from appliance.sync.push import push
from appliance.sync.target import FarEndError
from tests.sync.test_push import KEY, PICTURES, TODAY, Box


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


def failing(monkeypatch: pytest.MonkeyPatch, box: Box, method: str, *troubles: Trouble) -> None:
    """Let the target fail so often in one of its methods, and work from then on."""
    real, left = getattr(type(box.target), method), list(troubles)

    def step(*given: object) -> object:
        if left:
            raise FarEndError(left.pop(0))
        return real(*given)

    monkeypatch.setattr(type(box.target), method, step)


def sent(box: Box, pauses: list[float]) -> object:
    return push(box.outbox, box.target, KEY.public_key(), today=TODAY, pause=pauses.append)


def test_what_may_pass_is_tried_again_after_longer_and_longer_pauses(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    box.publish(PICTURES[0])
    failing(monkeypatch, box, "put", Trouble.GONE, Trouble.GONE, Trouble.GONE)
    pauses: list[float] = []
    sent(box, pauses)
    assert len(box.there()) == 1
    assert len(pauses) == 3
    assert pauses[0] < pauses[1] < pauses[2]


def test_what_does_not_pass_is_not_tried_again_at_once(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    item, pauses = box.publish(PICTURES[0]), list[float]()
    failing(monkeypatch, box, "put", Trouble.FULL)
    result = push(box.outbox, box.target, KEY.public_key(), today=TODAY, pause=pauses.append)
    assert (result.left, pauses) == ({item: "target_full"}, [])


@pytest.mark.parametrize("trouble", [Trouble.GONE, Trouble.CERTIFICATE, Trouble.CREDENTIALS])
def test_a_far_end_that_went_away_is_not_asked_for_every_picture(
    box: Box, monkeypatch: pytest.MonkeyPatch, trouble: Trouble
) -> None:
    items = [box.publish(p) for p in PICTURES]
    failing(monkeypatch, box, "put", *[trouble] * (4 if trouble.may_pass else 1))
    result = push(box.outbox, box.target, KEY.public_key(), today=TODAY, pause=lambda _: None)
    assert result.left == dict.fromkeys(items, trouble)
    assert result.trouble is trouble
    assert box.outbox.noted("state")["trouble"] == trouble
    assert push(box.outbox, box.target, KEY.public_key(), today=TODAY).published == 3
    assert box.outbox.noted("state")["trouble"] == ""


def test_a_far_end_that_cannot_even_be_listed_is_a_refusal_that_is_written_down(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, box, "stamps", *[Trouble.GONE] * 9)
    with pytest.raises(Refusal) as caught:
        push(box.outbox, box.target, KEY.public_key(), today=TODAY, pause=lambda _: None)
    assert caught.value.code == "target_gone"
    assert box.outbox.noted("state")["trouble"] == "target_gone"


def test_a_full_target_still_gets_its_takedowns(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    box.publish(PICTURES[0])
    box.push()
    box.publish(PICTURES[1])
    box.take_down(PICTURES[0])
    failing(monkeypatch, box, "put", *[Trouble.FULL] * 3)
    result = push(box.outbox, box.target, KEY.public_key(), today=TODAY)
    assert result.taken_down == 1
    assert box.there() == {}


def test_no_picture_is_begun_after_the_night_but_takedowns_go(box: Box) -> None:
    box.publish(PICTURES[0])
    box.push()
    box.publish(PICTURES[1])
    box.take_down(PICTURES[0])
    result = push(box.outbox, box.target, KEY.public_key(), today=TODAY, may_publish=lambda: False)
    assert (result.published, result.taken_down, result.waiting, result.left) == (0, 1, 1, {})
    assert box.there() == {}
    assert box.push().published == 1


def test_a_picture_altered_at_the_far_end_is_found_without_reading_everything(box: Box) -> None:
    for picture in PICTURES:
        box.publish(picture)
    box.push()
    spoilt = next(p for p in box.far.rglob("*.jpg") if p.read_bytes() == PICTURES[1])
    spoilt.write_bytes(PICTURES[1][:-1] + b"?")
    result = box.push()
    assert result.seen is not None
    assert result.seen.altered == (str(spoilt.relative_to(box.far)),)
    assert spoilt.read_bytes() != PICTURES[1]
    assert len(box.manifest()) == 2
