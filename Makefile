# make run   installs into .venv, serves the page with the shipped weights, prints the address
# make test  installs what tests need, a browser included, and runs all of them
# make bench installs the same and measures the figures in the README, which takes about ten minutes

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PORT ?= 8000

.PHONY: run test bench clean

run: $(VENV)/installed-run
	$(BIN)/vqvae-explainer serve --port $(PORT)

test: $(VENV)/installed-test
	$(BIN)/python -m tests.browser.install
	$(BIN)/python -m pytest

bench: $(VENV)/installed-test
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) build dist *.egg-info

$(VENV)/installed-run: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/installed-test: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable ".[test]"
	touch $@
