"""The outbox: items are whole, signed and in order, and nothing gets lost between release and the sender."""

from __future__ import annotations

import hashlib
import json
import stat
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from appliance.errors import Damaged, Refusal
from appliance.outbox import (
    Item,
    Order,
    OrderKind,
    Outbox,
    Receipt,
    load_or_create_signing_key,
    load_public_key,
    verify_item,
)

JPEG = b"not looked at here"
SHA256 = hashlib.sha256(JPEG).hexdigest()
PUBLISH = Order(
    OrderKind.PUBLISH, SHA256, "website", "published", f"website/unsorted/{SHA256}.jpg", "2026-11-20T02:00:00+00:00",
    date(2027, 3, 1), plan="p" * 64, model="m", policy="c",
)  # fmt: skip
TAKEDOWN = replace(PUBLISH, kind=OrderKind.TAKEDOWN, expires_on=None, plan="", model="", policy="")
KEY = Ed25519PrivateKey.generate()


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    (tmp_path / "outbox").mkdir()
    return Outbox(tmp_path / "outbox")


def _receipt(item: str, order: Order) -> Receipt:
    return Receipt(
        item, order.kind, order.derivative, order.channel, order.target, order.path, "2026-11-20T02:01:00+00:00"
    )


def _files(tmp_path: Path) -> set[str]:
    found = (p.relative_to(tmp_path / "outbox") for p in (tmp_path / "outbox").rglob("*") if p.is_file())
    return {str(p) for p in found if not p.name.startswith(".")}


def _code(item: Item) -> str:
    with pytest.raises(Damaged) as caught:
        verify_item(item, KEY.public_key())
    return caught.value.code


def test_what_is_put_comes_back_verified(outbox: Outbox) -> None:
    outbox.put(PUBLISH, KEY, JPEG)
    outbox.put(TAKEDOWN, KEY)
    first, second = [verify_item(item, KEY.public_key()) for item in outbox.pending()]
    assert (first.order, first.jpeg) == (PUBLISH, JPEG)
    assert (second.order, second.jpeg) == (TAKEDOWN, b"")


def test_items_come_in_the_order_they_were_put_and_no_number_is_used_twice(outbox: Outbox) -> None:
    put = [outbox.put(TAKEDOWN, KEY) for _ in range(12)]
    assert [item.id for item in outbox.pending()] == put
    for item in put:
        outbox.pull(item)
    assert outbox.put(TAKEDOWN, KEY) > max(put)


def test_the_order_is_canonical_json_that_says_only_what_it_must(outbox: Outbox, tmp_path: Path) -> None:
    item = outbox.put(PUBLISH, KEY, JPEG)
    text = (tmp_path / "outbox" / f"{item}.json").read_bytes()
    said = json.loads(text)
    assert text == json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
    assert said.keys() == {
        "item", "kind", "derivative", "channel", "target", "path", "released_at", "expires_on",
        "plan", "model", "policy", "certificate", "approved_at", "is_for_good",
    }  # fmt: skip


def test_an_item_without_its_signature_is_none_and_is_swept_away(outbox: Outbox, tmp_path: Path) -> None:
    item = outbox.put(PUBLISH, KEY, JPEG)
    (tmp_path / "outbox" / f"{item}.sig").unlink()
    assert outbox.pending() == []
    with outbox.releasing():
        pass
    assert _files(tmp_path) == set()


def test_a_picture_stays_while_an_item_is_about_it(outbox: Outbox, tmp_path: Path) -> None:
    first, second = outbox.put(PUBLISH, KEY, JPEG), outbox.put(replace(PUBLISH, channel="press"), KEY, JPEG)
    with outbox.releasing():
        outbox.pull(first)
    assert f"{SHA256}.jpg" in _files(tmp_path)
    with outbox.releasing():
        outbox.pull(second)
    assert _files(tmp_path) == set()


@pytest.mark.parametrize(
    "spoil",
    [b'"press"', b'"display"', b'"website" '],
    ids=["another channel", "a longer channel", "only a blank"],
)
def test_a_changed_order_is_not_believed(outbox: Outbox, tmp_path: Path, spoil: bytes) -> None:
    item = outbox.put(PUBLISH, KEY, JPEG)
    path = tmp_path / "outbox" / f"{item}.json"
    path.write_bytes(path.read_bytes().replace(b'"website"', spoil))
    assert _code(outbox.pending()[0]) == "signature_wrong"


def test_an_order_signed_by_somebody_else_is_not_believed(outbox: Outbox) -> None:
    outbox.put(PUBLISH, Ed25519PrivateKey.generate(), JPEG)
    assert _code(outbox.pending()[0]) == "signature_wrong"


@pytest.mark.parametrize("signature", [b"", b"x", bytes(64), bytes(65)])
def test_a_signature_that_is_none_is_not_believed(outbox: Outbox, tmp_path: Path, signature: bytes) -> None:
    item = outbox.put(PUBLISH, KEY, JPEG)
    (tmp_path / "outbox" / f"{item}.sig").write_bytes(signature)
    assert _code(outbox.pending()[0]) == "signature_wrong"


@pytest.mark.parametrize("jpeg", [b"", JPEG + b".", JPEG[:-1]])
def test_another_picture_than_the_one_signed_for_is_not_believed(outbox: Outbox, tmp_path: Path, jpeg: bytes) -> None:
    outbox.put(PUBLISH, KEY, JPEG)
    (tmp_path / "outbox" / f"{SHA256}.jpg").write_bytes(jpeg)
    assert _code(outbox.pending()[0]) == "picture_differs"


def test_an_item_under_another_items_name_is_not_believed(outbox: Outbox, tmp_path: Path) -> None:
    item = outbox.put(TAKEDOWN, KEY)
    for suffix in (".json", ".sig"):
        (tmp_path / "outbox" / f"{item}{suffix}").rename(tmp_path / "outbox" / f"000000000000-0{suffix}")
    assert _code(outbox.pending()[0]) == "order_unreadable"


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"null", b"{", b'{"item":1}', b"\xff", b'{"item":"ITEM","kind":"delete"}']
)
def test_a_signed_text_that_is_no_order_is_not_believed(outbox: Outbox, tmp_path: Path, text: bytes) -> None:
    item = outbox.put(TAKEDOWN, KEY)
    text = text.replace(b"ITEM", item.encode())
    (tmp_path / "outbox" / f"{item}.json").write_bytes(text)
    (tmp_path / "outbox" / f"{item}.sig").write_bytes(KEY.sign(text))
    assert _code(outbox.pending()[0]) == "order_unreadable"


def test_a_pulled_item_is_gone(outbox: Outbox) -> None:
    outbox.put(PUBLISH, KEY, JPEG)
    (item,) = outbox.pending()
    assert outbox.holds(item)
    outbox.pull(item.id)
    assert not outbox.holds(item)
    assert _code(item) == "item_gone"
    outbox.pull(item.id)


def test_a_receipt_ends_an_item_and_collecting_puts_both_away(outbox: Outbox, tmp_path: Path) -> None:
    item = outbox.put(PUBLISH, KEY, JPEG)
    receipt = _receipt(item, PUBLISH)
    outbox.mark_sent(receipt)
    outbox.mark_sent(receipt)
    assert outbox.pending() == []
    assert outbox.receipts() == [receipt]
    with outbox.releasing():
        outbox.collect(receipt)
        outbox.collect(receipt)
    assert outbox.receipts() == []
    assert _files(tmp_path) == set()


@pytest.mark.parametrize("text", [b"", b"{}", b"[]", b"\xff", b'{"kind":"gone"}'])
def test_a_receipt_that_cannot_be_read_counts_as_not_written(outbox: Outbox, tmp_path: Path, text: bytes) -> None:
    item = outbox.put(TAKEDOWN, KEY)
    outbox.mark_sent(_receipt(item, TAKEDOWN))
    (tmp_path / "outbox" / "receipts" / f"{item}.json").write_bytes(text)
    assert outbox.receipts() == []
    assert [i.id for i in outbox.pending()] == [item]


def test_only_one_releases_and_only_one_sends_at_a_time(outbox: Outbox, tmp_path: Path) -> None:
    other = Outbox(tmp_path / "outbox")
    with outbox.releasing(), outbox.sending():
        with pytest.raises(Refusal, match="released already"), other.releasing():
            pass
        with pytest.raises(Refusal, match="sent already"), other.sending():
            pass
    with other.releasing(), other.sending():
        pass


def test_the_signing_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    key = load_or_create_signing_key(keys)
    again = load_or_create_signing_key(keys)
    assert key.private_bytes_raw() == again.private_bytes_raw()
    assert stat.S_IMODE((keys / "release.key").stat().st_mode) == 0o600
    assert load_public_key(keys).public_bytes_raw() == key.public_key().public_bytes_raw()
    assert {p.name for p in keys.iterdir()} == {"release.key", "release.pub"}


def test_the_public_key_is_always_the_other_half(tmp_path: Path) -> None:
    key = load_or_create_signing_key(tmp_path)
    (tmp_path / "release.pub").write_text("something else")
    with pytest.raises(Damaged):
        load_public_key(tmp_path)
    load_or_create_signing_key(tmp_path)
    assert load_public_key(tmp_path).public_bytes_raw() == key.public_key().public_bytes_raw()


def test_a_damaged_key_is_named_and_not_replaced(tmp_path: Path) -> None:
    load_or_create_signing_key(tmp_path)
    (tmp_path / "release.key").write_bytes(b"")
    with pytest.raises(Damaged, match=r"release\.key"):
        load_or_create_signing_key(tmp_path)


def test_without_a_key_nothing_can_be_sent(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="nothing was ever released"):
        load_public_key(tmp_path)
