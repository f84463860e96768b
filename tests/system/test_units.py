"""The units say what the box may do: nothing here starts them."""

import configparser
from pathlib import Path

import pytest

UNITS = sorted((Path(__file__).parents[2] / "systemd").glob("*.service"))


def settings(unit: Path) -> dict[str, str]:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's names are case-sensitive
    parser.read(unit)
    return dict(parser["Service"])


@pytest.mark.parametrize("unit", UNITS, ids=lambda u: u.name)
def test_no_service_can_reach_anything_but_the_box_itself(unit: Path) -> None:
    service = settings(unit)
    assert service["IPAddressDeny"] == "any"
    assert service["IPAddressAllow"] == "localhost"


@pytest.mark.parametrize("unit", UNITS, ids=lambda u: u.name)
def test_no_service_runs_as_root_or_can_become_it(unit: Path) -> None:
    service = settings(unit)
    assert service["User"] not in ("", "root")
    assert service["NoNewPrivileges"] == "yes"
    assert service["CapabilityBoundingSet"] == ""
    assert service["ProtectSystem"] == "strict"


@pytest.mark.parametrize("unit", UNITS, ids=lambda u: u.name)
def test_the_decoder_may_shut_itself_in(unit: Path) -> None:
    filters = [line for line in unit.read_text().splitlines() if line.startswith("SystemCallFilter=")]
    for call in ("landlock_create_ruleset", "landlock_restrict_self", "seccomp"):
        assert any(call in line and "~" not in line for line in filters), "without it the filter would end the decoder"
