"""The command line, and the process that runs all services of one box."""

from appliance.cli.main import main

__all__ = ["main"]
