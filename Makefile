# Everything runs in .venv, which these targets make when it is missing or out of date.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
SOURCES := setup.cfg pyproject.toml

.PHONY: help demo test lint check man wheel install-systemd uninstall-systemd clean

help:
	@echo "make demo        start the ten services as local servers and check them"
	@echo "make test        run all tests"
	@echo "make lint        ruff, mypy --strict, import-linter"
	@echo "make check HOST= check the ten services on a host (default 127.0.0.1)"
	@echo "make man         write the man pages from the help"
	@echo "make wheel       build the wheel and the sdist into dist/"
	@echo "make install-systemd, make uninstall-systemd   healthmon in /opt/healthmon, with its units (docs/systemd.md)"
	@echo "make clean       remove what these targets made"

# The virtual environment, with ensurepip's Debian package installed where that is missing.
$(BIN)/python:
	@PYTHON="$(PYTHON)" sh .ci/venv $(VENV)

$(VENV)/.installed: $(BIN)/python $(SOURCES)
	@echo "==> Installing healthmon into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed .ci/packages
	@echo "==> Installing what the tests need into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@sh .ci/packages
	@touch $@

$(VENV)/.installed-lint: $(VENV)/.installed-test
	@echo "==> Installing the linters into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[lint]'
	@touch $@

demo: $(VENV)/.installed
	@echo "==> Starting the ten services on 127.0.0.1:8000-8009 and checking them"
	@env -u HEALTHMON_CONFIG $(BIN)/python -m healthmon demo -- $(BIN)/python -m healthmon check 127.0.0.1

check: $(VENV)/.installed
	@$(BIN)/python -m healthmon check "$(HOST)"

test: $(VENV)/.installed-test
	@echo "==> Running the tests, with branch coverage"
	@rm -f .coverage .coverage.*
	@$(BIN)/python -m coverage run -m pytest
	@$(BIN)/python -m coverage combine --quiet
	@echo "==> The pure parts must be covered completely"
	@$(BIN)/python -m coverage report --include='healthmon/core/*,healthmon/config/*' --fail-under=100

lint: $(VENV)/.installed-lint
	@echo "==> ruff"
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .
	@echo "==> mypy --strict"
	@$(BIN)/python -m mypy --strict
	@echo "==> import-linter"
	@$(BIN)/lint-imports --no-cache

man: $(VENV)/.installed-test
	@$(BIN)/python -m tests.documents.man

wheel: $(VENV)/.installed-test
	@$(BIN)/python -m build --outdir dist

# PREFIX, DESTDIR, UNITDIR and PACKAGE come through the environment or the command line; systemd/install explains them.
install-systemd uninstall-systemd: export PYTHON := $(PYTHON)
install-systemd:
	@sh systemd/install

uninstall-systemd:
	@sh systemd/uninstall

clean:
	rm -rf $(VENV) build dist .coverage .coverage.* *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find healthmon tests benchmarks -name __pycache__ -exec rm -rf {} +
