"""The verbs about recognising: who needs a new portrait, and how well the box tells its own roster apart."""

from __future__ import annotations

from argparse import Namespace

from appliance.cli.output import Output, bar
from appliance.domain.portrait import Reason
from appliance.domain.selftest import Verdict
from appliance.errors import Refusal
from appliance.pipeline.portrait_list import State, in_short, portrait_list
from appliance.pipeline.selftest import selftest as measure
from appliance.pipeline.selftest_report import Report, in_words, name_in_words, rate_in_words
from appliance.pipeline.state_rate import checked_rate, state_rate
from appliance.store.home import Home
from appliance.vision.decoder import Decoder
from appliance.vision.eyes import Eyes, thresholds_for
from appliance.vision.runtime import Models


def portraits(given: Namespace, out: Output) -> None:
    """`portraits [--state S] [--renew]`."""
    home = Home.open(given.home)
    if given.state is not None and given.state not in list(State):
        raise Refusal("no_such_state", f"there is no state {given.state!r}. States: {', '.join(State)}.")
    rules = thresholds_for(home.fpir, Models.open())
    entries = portrait_list(
        people=home.people, gallery=home.gallery, rules=rules, today=home.today(), terms=home.terms
    )  # fmt: skip
    for e in entries:
        if given.state in (None, e.state) and (e.renew or not given.renew):
            when = f"due {e.due_on}" if e.due_on else ""
            code = f"{e.state}: {e.reason}" if e.reason and e.reason != Reason.EXPIRED else str(e.state)
            out.row(e.as_json(), f"{e.subject:12s} {(e.portrait or '–')[:12]:12s} {code:22s} {when:14s} {e.words}")
    short = in_short(entries)
    out.say(
        f"{short['portraits_to_renew']} people need a new portrait now; "
        f"{short['look_alikes']} resemble somebody else on the roster."
    )


def selftest(given: Namespace, out: Output) -> None:
    """`selftest [--set FPIR --as WHO]`."""
    home = Home.open(given.home)
    stated = home.fpir if given.fpir is None else checked_rate(given.fpir, given.who)
    if home.ledger.jobs.due().get("enrol"):
        out.say("Some people are still to be enrolled; `appliance process` does it.")
    with bar("looking at portraits") as progress, Decoder() as decoder:
        report = measure(
            people=home.people, vault=home.vault, gallery=home.gallery, ledger=home.ledger, eyes=Eyes.open(stated),
            decoder=decoder, today=home.today(), terms=home.terms, stated=stated, progress=progress.update,
        )  # fmt: skip
    home.audit.record("selftest", fpir=str(stated), who=given.who or "console")
    if given.fpir is not None:
        state_rate(stated, given.who, people=home.people, ledger=home.ledger, audit=home.audit)
    _say(report, home.fpir, out)


def _say(report: Report, in_force: float, out: Output) -> None:
    out.row(
        {"result": "summary", **{k: v for k, v in report.as_json().items() if k != "lines"}, "in_force": in_force},
        f"Tested on {report.people} people with {report.portraits} good portraits, "
        f"at a stated rate of {rate_in_words(report.stated)}.",
    )
    for line in report.lines if out.as_json else report.at(report.stated):
        low, high = line.strangers.interval
        found = line.missed.interval
        data = {
            "result": "line", "fpir_stated": line.fpir, "of": line.name, "fpir": line.strangers.value,
            "fpir_low": low, "fpir_high": high, "strangers": line.strangers.of, "people": line.strangers.people,
            "fnir": line.missed.value, "fnir_low": found[0], "fnir_high": found[1], "mates": line.missed.of,
            "verdict": line.verdict, "words": in_words(line),
        }  # fmt: skip
        out.row(data, f"  {name_in_words(line.name)}: {in_words(line)}")
    if report.single:
        out.say(f"{report.single} people have one good portrait only: whether they are recognised was not tested.")
    if report.never:
        out.say(f"{report.never} people are never matched by machine: under six, or with a sibling on the roster.")
    if any(line.verdict is Verdict.REFUSED for line in report.at(report.recommended)):
        out.say("At every rate that was tried some age would be refused; the strictest is recommended.")
    out.say(f"In force: {rate_in_words(in_force)}. Recommended: {rate_in_words(report.recommended)}.")
    if report.recommended != in_force:
        out.say(f"To state it: appliance selftest --set {report.recommended:g} --as WHO")
