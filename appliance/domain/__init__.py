"""The rules, pure: facts in, decisions out. No clock, no disk, no log, no third-party package."""
