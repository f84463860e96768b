"""What the tests of this folder measured, as one table at the end of the run."""

from collections.abc import Iterator

import pytest

from tests.e2e.fate import ROWS, table


@pytest.hookimpl(wrapper=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
    yield
    if ROWS:
        terminalreporter.section("what became of hostile and odd files")
        for line in table():
            terminalreporter.write_line(line)
