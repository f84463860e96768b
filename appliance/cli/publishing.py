"""The verbs about what goes out: channels, the words beside pictures, and the certificate of each file."""

from __future__ import annotations

from argparse import Namespace

from cryptography.exceptions import InvalidSignature

from appliance.cli.output import Output
from appliance.domain.certificate import Certificate
from appliance.domain.channel import Audience
from appliance.domain.wording import Finding, Verdict, verdict
from appliance.errors import Damaged, Refusal
from appliance.outbox import load_public_key
from appliance.pipeline.wording import Outward, Wording, call_event, confirm_event, place
from appliance.store.home import Home


def channels(given: Namespace, out: Output) -> None:
    """`channels`: how each is set, and what its look is made of."""
    from appliance.sanitise.mark import read_mark

    home = Home.open(given.home)
    for name, look in home.looks.items():
        profile = home.config.channels[name]
        if look.mark:
            read_mark(home.vault.read("watermarks", look.mark))
        data = {"channel": name, "audience": profile.audience, "allows": profile.allows, "reach": profile.reach,
                "file_names": "neutral", "long_side_px": look.long_side_px, "quality": look.quality,
                "watermark": look.watermark or None, "watermark_image": profile.watermark_image or None,
                "watermark_sha256": look.mark or None}  # fmt: skip
        mark = f", marked {profile.watermark_image or look.watermark!r}" if look.mark or look.watermark else ""
        shape = f"{look.long_side_px} px, quality {look.quality}{mark}"
        out.row(data, f"{name:12s} {profile.audience:13s} {profile.allows:9s} {shape}")


def events(given: Namespace, out: Output) -> None:
    """`events`: each with what it is called outside, and whether that holds a name."""
    home = Home.open(given.home)
    wording = Wording(home.people)
    for event in sorted({row.event for row in home.ledger.photos() if row.event.strip()}):
        _print(wording.event(event), out)


def confirm(given: Namespace, out: Output) -> None:
    """`event confirm EVENT --as WHO`: what reads like a first name is none."""
    home = Home.open(given.home)
    _known(home, given.event)
    _print(confirm_event(given.event, people=home.people, audit=home.audit, who=given.who), out)


def call(given: Namespace, out: Output) -> None:
    """`event call EVENT NAME --as WHO`."""
    home = Home.open(given.home)
    _known(home, given.event)
    _print(call_event(given.event, given.name, people=home.people, audit=home.audit, who=given.who), out)


def words(given: Namespace, out: Output) -> None:
    """`words TEXT --channel CHANNEL`: whether a caption or the words beside a picture may go out. Exit 1 if not."""
    home = Home.open(given.home)
    found = Wording(home.people).find(given.text)
    said = verdict(found, home.config.channels[given.channel].audience)
    listed = [_json(f, given.text) for f in found]
    data = {"text": given.text, "channel": given.channel, "verdict": said, "found": listed}
    out.row(data, "\n".join([said, *(f"{f.kind.replace('_', ' ')}, {place(f, given.text)}" for f in found)]))
    if said is Verdict.BLOCK:
        raise Refusal("full_name", "this holds somebody's full name; it may not go out beside pictures. Leave it out.")
    if said is Verdict.ASK:
        raise Refusal("perhaps_a_name", "this may hold somebody's first name. Use it only if it is just a word here.")


def certificate(given: Namespace, out: Output) -> None:
    """`certificate DERIVATIVE`: what was checked of a file that left, newest first."""
    home = Home.open(given.home)
    found = home.ledger.certificates.of(given.derivative) if len(given.derivative) >= 4 else []
    if not found:
        raise Refusal(
            "no_certificate",
            f"there is no certificate of {given.derivative!r}: it was never released. See `appliance register`.",
        )
    for certified in found:
        is_signed = _is_signed(certified, home)
        data = {
            **certified.said,
            "certificate": certified.sha256,
            "signature": certified.signature,
            "signed": is_signed,
        }
        out.row(data, _words(certified, is_signed=is_signed))
    if not all(_is_signed(c, home) for c in found):
        raise Damaged("signature_wrong", "a certificate is not as release signed it; restore ledger.db from a backup.")


def _words(certified: Certificate, *, is_signed: bool) -> str:
    said = certified.said
    approval, versions = said["approval"], said["versions"]
    lines = [
        f"derivative   {said['derivative']} ({said['bytes']} bytes)",
        f"released     {said['released_at'][:16]} for {said['channel']}, until {said['expires_on'] or 'taken back'}",
        f"approved by  ruling {approval['ruling']} ({approval['kind']}), {approval['at'][:16]}",
        f"made by      plan {said['plan'][:12]}…, {said['covers']} covers; "
        + ", ".join(f"{name} {what}" for name, what in versions.items()),
        *(f"checked      {c['check']}: {c['result']}" for c in said["checked"]),
        f"signed       {'yes, by the key of this box' if is_signed else 'NO: it was changed'}",
    ]
    return "\n".join(lines)


def _is_signed(certified: Certificate, home: Home) -> bool:
    try:
        load_public_key(home.root / "keys").verify(bytes.fromhex(certified.signature), certified.text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def _known(home: Home, event: str) -> None:
    if event not in {row.event for row in home.ledger.photos()}:
        raise Refusal("no_such_event", f"there is no event {event!r}. `appliance events` lists them.")


def _print(said: Outward, out: Output) -> None:
    verdicts = {a: said.verdict(a) for a in Audience}
    data = {"event": said.event, "outward": said.text, "verdict": verdicts, "confirmed": sorted(said.confirmed),
            "found": [_json(f, said.text) for f in said.findings]}  # fmt: skip
    called = f" (outside: {said.text})" if said.text != said.event else ""
    state = {Verdict.CLEAR: "clear", Verdict.ASK: "waits for a person", Verdict.BLOCK: "may not go out"}
    found = "".join(f"\n    {f.kind.replace('_', ' ')}, {place(f, said.text)}" for f in said.findings)
    out.row(data, f"{said.event}{called}: {state[verdicts[Audience.PUBLIC]]}{found}")


def _json(finding: Finding, text: str) -> dict[str, str | int]:
    return {"kind": finding.kind, "begin": finding.begin, "end": finding.end, "text": text[finding.begin : finding.end]}
