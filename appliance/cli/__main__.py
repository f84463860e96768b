"""Lets `python -m appliance.cli` do what `appliance` does."""

from appliance.cli.main import main

if __name__ == "__main__":
    main()
