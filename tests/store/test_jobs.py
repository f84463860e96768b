import subprocess
import sys
from pathlib import Path

import pytest

from appliance.store.home import Home
from appliance.store.jobs import MAX_ATTEMPTS


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.create(tmp_path / "home")


def test_asking_twice_is_asking_once(home: Home) -> None:
    jobs = home.ledger.jobs
    jobs.request_all("analyse", ["a", "a", "b"])
    jobs.request_all("analyse", ["a"])
    first, second = jobs.claim("me"), jobs.claim("me")
    assert first and second and {first.key, second.key} == {"a", "b"}
    assert jobs.claim("me") is None


def test_a_request_made_while_the_job_runs_is_served_afterwards(home: Home) -> None:
    jobs = home.ledger.jobs
    jobs.request("render", "a")
    job = jobs.claim("me")
    assert job
    jobs.request("render", "a")
    jobs.complete(job)
    again = jobs.claim("me")
    assert again
    jobs.complete(again)
    assert jobs.claim("me") is None
    assert jobs.due() == {}


def test_people_come_first_and_a_photo_is_finished_before_the_next_is_begun(home: Home) -> None:
    jobs = home.ledger.jobs
    jobs.request_all("analyse", ["p1", "p2"])
    jobs.request_all("render", ["p3", "p1"])
    jobs.request_all("enrol", ["s"])
    first = jobs.claim("me")
    second = [jobs.claim("me", prefer="p1") for _ in range(3)]
    assert first and (first.stage, first.key) == ("enrol", "s")
    assert [(j.stage, j.key) for j in second if j] == [("render", "p1"), ("render", "p3")], "no photo is looked at yet"
    jobs.complete(first)
    third = jobs.claim("me", prefer="p1")
    assert third and (third.stage, third.key) == ("analyse", "p1")


def test_a_claim_is_nobody_elses(home: Home) -> None:
    home.ledger.jobs.request("analyse", "a")
    assert home.ledger.jobs.claim("one")
    assert home.ledger.jobs.claim("two") is None


CLAIMS_AND_WAITS = """
import signal, sys
from pathlib import Path
from appliance.store.home import Home
from appliance.store.jobs import ClaimLock
home = Home.open(Path(sys.argv[1]))
home.ledger.jobs.claim(ClaimLock(home.claims, "victim").token)
print("claimed", flush=True)
signal.pause()
"""


def test_a_claim_dies_with_its_process_and_is_no_attempt(home: Home) -> None:
    home.ledger.jobs.request("analyse", "a")
    child = subprocess.Popen(
        [sys.executable, "-c", CLAIMS_AND_WAITS, home.root], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert child.stdout and child.stdout.readline() == b"claimed\n"
    home.ledger.jobs.free_dead_claims(home.claims)
    assert home.ledger.jobs.claim("me") is None, "it is alive, so its claim stands"
    child.kill()
    child.communicate()
    for _ in range(MAX_ATTEMPTS + 1):
        home.ledger.jobs.free_dead_claims(home.claims)
    assert home.ledger.jobs.claim("me")
    assert home.ledger.jobs.parked() == []


def test_a_job_that_its_parent_saw_die_three_times_is_parked(home: Home) -> None:
    jobs = home.ledger.jobs
    jobs.request("analyse", "a")
    for attempt in range(MAX_ATTEMPTS):
        assert jobs.claim(f"worker{attempt}")
        parked = jobs.count_death(f"worker{attempt}")
    assert [j.key for j in parked] == ["a"]
    assert jobs.claim("me") is None
    assert jobs.due() == {}
