"""Exports of other systems, read by profiles: nothing is guessed, and the same export twice changes nothing."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from appliance.domain.consent import Decision
from appliance.errors import Refusal
from appliance.pipeline.roster.profile import EXAMPLES, load, path_of, profiles, save
from appliance.pipeline.roster.report import ImportReport
from tests.pipeline.roster.school import TODAY, School, person, row

SIMS = "Adno;Legal Forename;Legal Surname;Preferred Forename;Reg;Date of birth;Date of leaving;Photo consent"
ADA = "1001;Ada;Byron;;4B;01/05/2016;;Yes"
BOB = "1002;Bob;Noyce;Bobby;4B;30/11/2015;;No"
CAT = "1003;Cat;Stone;;4B;12/12/2015;;"


def take(school: School, *lines: str, name: str = "sims", **options: Any) -> ImportReport:
    path = school.desk / "export.csv"
    path.write_text("\n".join([SIMS, *lines]), encoding="utf-8")
    return school.take_files(path, None, profile=load(school.home.root, name), **options)


@pytest.fixture
def decided(school: School) -> School:
    """A school that has decided what its one column is about."""
    school.people.imports.record_mapping(
        "sims", "Photo consent", ["newsletter", "display"], "Head", "governors, 12 Sep"
    )
    return school


def test_the_examples_can_be_read_and_say_that_they_are_examples(tmp_path: Path) -> None:
    found = profiles(tmp_path)
    assert [p.name for p in found] == ["arbor", "bromcom", "isams", "sims"]
    for p in found:
        assert p.is_example
        assert p.about.startswith("Example")
        assert (EXAMPLES / f"{p.name}.toml").read_text(encoding="utf-8").startswith("# An example, not a promise")


@pytest.mark.parametrize("name", ["arbor", "bromcom", "isams", "sims"])
def test_each_example_takes_in_an_export_of_its_kind(school: School, name: str) -> None:
    profile = load(school.home.root, name)
    for answers in profile.answers:
        if answers.scopes is None:
            school.people.imports.record_mapping(name, answers.column, ["newsletter"], "Head", "minutes")
    day = {"DD/MM/YYYY": "01/05/2016", "DD MMM YYYY": "1 May 2016", "YYYY-MM-DD": "2016-05-01"}[profile.days]
    ours = {"subject_id": "77", "given_name": "Ada", "family_name": "Byron", "group": "4B", "birth_on": day}
    cells = {profile.people[column]: text for column, text in ours.items()}
    cells |= {answers.column: min(answers.granted) for answers in profile.answers}
    between = profile.form.delimiter or ","
    lines = [between.join(profile.headings), between.join(cells.get(h, "") for h in profile.headings)]
    path = school.desk / "export.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    school.take_files(path, None, profile=profile)
    assert school.person("77").birth_on == date(2016, 5, 1)
    assert not school.person("77").protected
    assert school.people.consents("77") != []


def test_one_column_is_about_what_the_school_decided_once(school: School) -> None:
    with pytest.raises(Refusal, match="roster mapping record") as refusal:
        take(school, ADA)
    assert refusal.value.code == "mapping_undecided"
    assert school.people.names() == {}
    school.people.imports.record_mapping(
        "sims", "Photo consent", ["newsletter", "display"], "Head", "governors, 12 Sep"
    )
    take(school, ADA, BOB, CAT)
    assert [s for s in ("website", "newsletter", "display", "press") if school.shows("1001", s)] == [
        "newsletter", "display",
    ]  # fmt: skip
    assert {c.decision for c in school.people.consents("1002")} == {Decision.REFUSED}
    assert school.people.consents("1003") == []
    assert not school.shows("1001", "biometric")


def test_the_same_export_on_any_later_day_changes_nothing(decided: School) -> None:
    take(decided, ADA, BOB, CAT)
    before = decided.record()
    for _ in range(3):
        decided.today += timedelta(40)
        report = take(decided, ADA, BOB, CAT)
        assert decided.record() == before
        assert (report.added, report.changed, report.conflicts) == ([], [], [])


def test_a_yes_without_a_day_renews_nothing(decided: School) -> None:
    take(decided, ADA)
    decided.today += timedelta(366)
    report = take(decided, ADA)
    assert not decided.shows("1001", "newsletter")
    assert len([w for w in report.warnings if "ask again" in w]) == 2


def test_a_yes_does_not_revive_what_was_withdrawn_on_the_box(decided: School) -> None:
    take(decided, ADA)
    school = decided
    from appliance.pipeline.roster.console import set_consent

    set_consent(
        people=school.people, subject="1001", scope="newsletter", decision="withdrawn", party="parent:1", from_on=None,
        until_on=None, evidence="letter", who="Ann", today=school.today,
    )  # fmt: skip
    school.today += timedelta(1)
    (conflict,) = take(school, ADA).conflicts
    assert (conflict.subject, conflict.scope) == ("1001", "newsletter")
    school.today += timedelta(30)
    assert take(school, ADA).conflicts == [conflict]
    assert not school.shows("1001", "newsletter")
    school.people.imports.close_conflict(conflict.conflict, "Ann", "the letter stands")
    assert take(school, ADA).conflicts == []
    assert school.people.imports.conflicts() == []
    assert not school.shows("1001", "newsletter")
    report = take(school, ADA, resolve=[conflict.conflict], evidence="new form")
    assert report.conflicts == []
    assert school.shows("1001", "newsletter", later=1)


def test_a_change_of_mind_in_the_export_is_applied_where_it_tightens(decided: School) -> None:
    take(decided, ADA)
    decided.today += timedelta(5)
    take(decided, ADA.replace("Yes", "No"))
    assert not decided.shows("1001", "newsletter")
    assert take(decided, ADA).conflicts != []


@pytest.mark.parametrize("word", ["yes", "Yes (but not the website)", "Ask mum", "?", "TRUE"])
def test_a_word_that_is_not_listed_is_not_guessed_at(decided: School, word: str) -> None:
    take(decided, ADA)
    report = take(decided, ADA.replace("Yes", word))
    assert {(b.subject, b.scope) for b in report.blocked} == {("1001", "newsletter"), ("1001", "display")}
    assert word in report.blocked[0].reason
    assert not decided.shows("1001", "newsletter")
    take(decided, ADA)
    assert decided.shows("1001", "newsletter")


@pytest.mark.parametrize("day", ["2016-05-01", "5/31/2016", "31.05.2016", "last May"])
def test_a_day_that_is_written_otherwise_refuses_the_row_with_its_line(decided: School, day: str) -> None:
    with pytest.raises(Refusal, match="line 2: birth_on") as refusal:
        take(decided, ADA.replace("01/05/2016", day))
    assert "not DD/MM/YYYY" in str(refusal.value)


def test_of_what_the_export_does_not_say_the_record_stays(decided: School) -> None:
    decided.take([person("1001", parents="2", family="F1", protected="yes"), person("S1", kind="staff", birth_on="")])
    report = take(decided, ADA, complete=True)
    assert (decided.person("1001").parents, decided.person("1001").family) == (2, "F1")
    assert decided.person("1001").protected
    assert decided.person("S1").leaving_on is None
    assert [a.subject for a in report.absent] == []


def test_a_complete_export_ends_only_what_it_speaks_of(decided: School) -> None:
    decided.take([person("1001")], [row(subject="1001", scope=s) for s in ("website", "newsletter")])
    take(decided, ADA.replace("Yes", ""), BOB, complete=True)
    assert decided.shows("1001", "website")
    assert not decided.shows("1001", "newsletter")


def test_a_heading_that_is_missing_is_not_guessed_at(decided: School) -> None:
    path = decided.desk / "export.csv"
    path.write_text(SIMS.replace("Reg;", "Registration;") + f"\n{ADA}", encoding="utf-8")
    with pytest.raises(Refusal, match="no column Reg"):
        decided.take_files(path, None, profile=load(decided.home.root, "sims"))


def test_a_copy_of_an_example_is_the_schools_own(tmp_path: Path) -> None:
    save(tmp_path, "ours", path_of(tmp_path, "sims"))
    assert not load(tmp_path, "ours").is_example
    assert load(tmp_path, "sims").is_example
    assert [p.name for p in profiles(tmp_path)] == ["arbor", "bromcom", "isams", "ours", "sims"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        pytest.param(('scopes = "decided"', 'scopes = ["website", "press"]'), "one answer about several", id="several"),
        pytest.param(('scopes = "decided"', 'scopes = ["biometric"]'), "column with its evidence", id="biometric"),
        pytest.param(('scopes = "decided"', 'scopes = ["poster"]'), "list of", id="no such scope"),
        pytest.param(('refused = ["No", "N"]', 'refused = ["Yes"]'), "both granted and refused", id="yes is no"),
        pytest.param(('party = "parent:1"', 'party = "mum"'), "party is", id="party"),
        pytest.param(('days = "DD/MM/YYYY"', 'days = "d/m/y"'), "days is one of", id="days"),
        pytest.param(('group = "Reg"', 'grp = "Reg"'), r"no 'grp'", id="no such column of ours"),
        pytest.param(('kind = "pupil"', 'group = "4B"'), "not in both", id="said twice"),
        pytest.param(("example = true", "example = "), "cannot be read", id="no TOML"),
        pytest.param(('subject_id = "Adno"', ""), "needs", id="nobody to be about"),
    ],
)  # fmt: skip
def test_a_profile_that_makes_no_sense_is_refused_and_not_kept(
    tmp_path: Path, change: tuple[str, str], why: str
) -> None:
    text = path_of(tmp_path, "sims").read_text(encoding="utf-8")
    assert change[0] in text
    source = tmp_path / "mine.toml"
    source.write_text(text.replace(*change), encoding="utf-8")
    with pytest.raises(Refusal, match=why):
        save(tmp_path, "mine", source)
    with pytest.raises(Refusal, match="no profile 'mine'"):
        load(tmp_path, "mine")
    assert TODAY
