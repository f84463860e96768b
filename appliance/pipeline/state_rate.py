"""The school states which rate of false identification it accepts; photos are identified anew by it."""

from __future__ import annotations

from appliance.domain.selftest import RATES
from appliance.errors import Refusal
from appliance.store.audit import Audit
from appliance.store.ledger import Ledger
from appliance.store.people import People


def checked_rate(fpir: float, who: str) -> float:
    """The rate, if it can be stated and somebody states it. Raises Refusal."""
    if not 0 < fpir <= max(RATES):
        raise Refusal("rate_out_of_range", f"a stated rate is above 0 and at most {max(RATES):g}; {fpir:g} is not.")
    if who.strip() in ("", "console"):
        raise Refusal("who_is_missing", "say who states this rate: --as WHO.")
    return fpir


def state_rate(fpir: float, who: str, *, people: People, ledger: Ledger, audit: Audit) -> None:
    """Record the rate as the school's. Raises Refusal where the newest self-test did not try it."""
    checked_rate(fpir, who)
    if fpir not in ledger.selftests.tested_rates():
        raise Refusal("rate_not_tested", f"run the self-test at {fpir:g} first: appliance selftest --set {fpir:g} …")
    people.state_rate(fpir, who.strip())
    audit.record("rate_stated", fpir=str(fpir), who=who.strip())
