# Two commands do everything: `make demo` (set up, run the study) and `make test` (set up, run the checks).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
# Runs and tests are one thread each and several side by side; more threads would only get in each other's way.
export OMP_NUM_THREADS ?= 1

.PHONY: .venv demo test tests check bench docs pages clean help
.DEFAULT_GOAL := help

.venv: $(VENV)/.developed ## virtual environment with every pinned dependency
demo: $(VENV)/.installed ## pretrain, probe, compare and report on real video files -> demo/report.html
	$(BIN)/auxjepa study run quick --out demo
test: $(VENV)/.developed ## the checks and every test, side by side
	+$(MAKE) --no-print-directory -j2 check tests
tests: $(VENV)/.developed ## every test
	$(BIN)/pytest -n 2 --dist worksteal
check: $(VENV)/.developed ## lint, format, types, import layers
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports
	$(BIN)/basedpyright
bench: $(VENV)/.developed ## speed, as ratios in one run (never asserted in tests)
	$(BIN)/python -m speed
docs: $(VENV)/.documented ## the documentation site, with every warning as an error -> site/index.html
	$(BIN)/zensical build --strict --clean
pages: $(VENV)/.developed ## the generated pages and pictures in docs/
	$(BIN)/python -m docs.build
clean: ## remove the environment and everything generated
	rm -rf $(VENV) demo out build dist site .cache src/*.egg-info .pytest_cache .ruff_cache .import_linter_cache .hypothesis
help: ## this list
	@grep -E '^[.a-z]+:.*##' $(firstword $(MAKEFILE_LIST)) | sed 's/:.*## /\t/' | expand -t 10

# torch first and alone, so that nothing else decides which build of it is taken.
$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) install -c constraints.txt torch
	$(PIP) install -c constraints.txt -e .
	@touch $@
# What only checks need comes apart, so that a newcomer's demo doesn't wait for it. Compiled sources save the many processes
# of the tests a part of their start.
$(VENV)/.developed: $(VENV)/.installed
	$(PIP) install -c constraints.txt -e '.[test,dev]'
	$(BIN)/python -m compileall -q src tests
	@touch $@
# The site generator is separate: 109 MB and 7 seconds that the tests do not need.
$(VENV)/.documented: $(VENV)/.installed
	$(PIP) install -c constraints.txt -e '.[docs]'
	@touch $@
