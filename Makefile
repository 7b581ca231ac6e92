# make run    installs into .venv, serves the page with the shipped weights and prints its address
# make site   writes the page as files for a static host into dist/site
# make test   installs the test dependencies and a browser, then runs `make lint` and the tests in two processes
# make lint   checks style and types of Python and JavaScript
# make soak   runs the long tests that `make test` leaves out (floods, memory, notebooks, wheel, nginx, ...)
# make bench  measures the figures in docs/speed.md, in about ten minutes

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PORT ?= 8000

.PHONY: run site test lint soak bench browser clean

run: $(VENV)/installed-run
	$(BIN)/vqvae-explainer serve --port $(PORT)

site: $(VENV)/installed-run
	$(BIN)/vqvae-explainer export-site dist/site

test: lint browser
	$(BIN)/python -m pytest --numprocesses 2 --dist loadscope --no-loadscope-reorder

lint: $(VENV)/installed-test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/deno check --quiet static/ tests/web/
	$(BIN)/deno lint

soak: browser
	$(BIN)/python -m pytest -m soak

bench: browser
	$(BIN)/python -m benchmarks

browser: $(VENV)/installed-test
	$(BIN)/python -m tests.browser.install

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
