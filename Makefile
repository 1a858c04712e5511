# Two commands do everything on a machine with only Python 3.11+ and pip: `make drill`, `make test`.
# They create .venv once and reuse it.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
JOBS ?= 2

.PHONY: drill test lint types imports unit bench swarm examples validation dashboards clean

drill: $(VENV)/installed  ## run a real drill: it breaks, a runbook rescues it, it is graded
	@echo "(the command is $(BIN)/brownout; '. $(BIN)/activate' puts it on your path)"
	@$(BIN)/brownout run tuesday-slow-answers --runbook long-contexts --grade --seed 7

test: $(VENV)/developing lint types imports unit  ## everything CI runs

lint:
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/codespell simulator docs scenarios runbooks benchmarks README.md CHANGELOG.md

types:
	$(BIN)/mypy

imports:
	$(BIN)/lint-imports

unit:
	$(BIN)/brownout warm
	$(BIN)/pytest -n $(JOBS) --dist loadgroup

swarm: $(VENV)/developing  ## random systems x faults x seeds against the invariants; COUNT=, FIRST=
	$(BIN)/python -m tests.swarm --count $(or $(COUNT),200) --first $(or $(FIRST),0)

bench: $(VENV)/developing  ## print the benchmarks as ratios against yardsticks
	$(BIN)/python benchmarks/run.py

examples: $(VENV)/installed  ## write postmortems/published/ anew
	$(BIN)/python benchmarks/examples.py

validation: $(VENV)/developing  ## hold the plant against theory and write docs/validation.md
	$(BIN)/python -m benchmarks.validation.page

dashboards: $(VENV)/developing  ## write the Grafana dashboards anew from our own panels
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group dashboards
	$(BIN)/python benchmarks/dashboards.py

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml | $(VENV)/bin/python
	@echo "setting up $(VENV) (about 300 MB, most of it the Numba compiler)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/developing: pyproject.toml | $(VENV)/installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group dev
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
