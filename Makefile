# Three commands matter: `make demo`, `make lab` and `make test`. Each sets up all it needs in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo lab test lint types unit browser docs bench clean
.DELETE_ON_ERROR:

demo: $(VENV)/installed
	@$(BIN)/jubako train iris

lab: $(VENV)/installed-lab
	@$(BIN)/jubako lab

test: lint types unit

lint: $(VENV)/installed-dev
	$(BIN)/ruff format --check
	$(BIN)/ruff check

types: $(VENV)/installed-dev
	$(BIN)/pyright --warnings

unit: $(VENV)/installed-dev browser
	$(BIN)/pytest -q -n 2

# the tests of the pages need a browser: Debian's, with a font that has Japanese
browser:
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || \
	(apt-get -qq update && apt-get -qq install -y chromium fonts-noto-cjk) || \
	echo "No Chromium, and none can be installed: the tests that need it are skipped."

docs: $(VENV)/installed
	$(BIN)/python docs/tables.py

bench: $(VENV)/installed
	$(BIN)/python bench/iris.py
	$(BIN)/python bench/plain_engine.py

$(VENV)/pip: Makefile
	$(PYTHON) -m venv $(VENV)
	@# pip older than 25.1 does not know dependency groups
	$(BIN)/pip install --quiet --upgrade "pip>=25.1"
	@touch $@

NATIVE := setup.py $(wildcard src/jubako/training/native/*.[ch]pp)

$(VENV)/installed: $(VENV)/pip pyproject.toml $(NATIVE)
	$(BIN)/pip install --quiet --editable .
	@touch $@

$(VENV)/installed-lab: $(VENV)/installed
	$(BIN)/pip install --quiet --editable ".[lab]"
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(BIN)/pip install --quiet --group dev
	@touch $@

clean:
	rm -rf $(VENV) build dist src/*.egg-info

.PHONY: bench-speed
bench-speed: .venv-bench/installed
	.venv-bench/bin/python bench/speed.py

# its peers are large, so they have an environment of their own
.venv-bench/installed: setup.py pyproject.toml $(NATIVE)
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/pip install --quiet torch==2.13.0 .
	@touch $@
