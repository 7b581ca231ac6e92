# make run   installs into .venv, serves the page with the shipped weights, prints the address
# make test  installs what tests need, a browser included, and runs all of them

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PORT ?= 8000

.PHONY: run test clean

run: $(VENV)/installed-run
	$(BIN)/vqvae-explainer serve --port $(PORT)

test: $(VENV)/installed-test
	$(BIN)/python -m tests.browser.install
	$(BIN)/python -m pytest

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
