# Every target does the set-up that it needs; `make help` lists them.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
SHELL := /bin/sh

VENV := .venv
BIN := $(VENV)/bin
WANTED := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3.14 python3 python; do \
	"$$name" -c '$(WANTED)' 2>/dev/null && { command -v "$$name"; break; }; done)
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
SERVE := yes
WORKERS := 2

# What the settings demand where nothing is stored or served: types and migrations are checked without a database.
UNSERVED := DATABASE_URL='postgresql://nobody@/none?host=/nonexistent' TRIENKHAI_HOSTS=localhost \
	TRIENKHAI_SECRET_KEY=only-for-checks-only-for-checks-only-for-checks TRIENKHAI_FILES=/nonexistent

.PHONY: help setup demo run test check lint measure format openapi requirements browser

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/.dev $(VENV)/.messages  ## install everything for working on the code

demo: $(VENV)/.runtime $(VENV)/.messages  ## try it: a whole country's structure and a year's work (SERVE=no: load, print, end)
	@$(BIN)/trienkhai demo $(if $(filter no,$(SERVE)),--no-serve)

run: $(VENV)/.runtime $(VENV)/.messages  ## serve this checkout's data on http://127.0.0.1:8000
	@$(BIN)/trienkhai serve

test: setup browser  ## run every test, with a real browser too
	$(BIN)/pytest -n $(WORKERS)

check: lint test  ## what must be green before a change lands: format, lint, types, layers, templates, migrations, tests

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(UNSERVED) $(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet trienkhai
	$(UNSERVED) PYTHONWARNINGS=ignore::RuntimeWarning $(BIN)/python manage.py makemigrations --check --dry-run

measure: setup  ## measure the hot paths beside their raw-SQL twins (NAMES="issue report": only those)
	@$(BIN)/trienkhai measure $(NAMES)

format: setup  ## put code and templates into the house's form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/djlint --reformat --quiet trienkhai

requirements: $(VENV)/.dev  ## lock the newest versions that pyproject.toml allows
	$(COMPILE) --upgrade --group build --output-file requirements/runtime.txt
	$(COMPILE) --upgrade --group build --group dev --output-file requirements/dev.txt

openapi: setup  ## write what the API offers to docs/openapi.json
	@$(UNSERVED) $(BIN)/python manage.py export_openapi_schema --api trienkhai.config.api.api --indent 1 \
		--sorted --output docs/openapi.json

# The locked files must install anywhere: they name no index, no host and no path.
COMPILE = $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command 'make requirements'

$(VENV)/.made:
	@if [ -z "$(PYTHON)" ]; then \
		echo "Python 3.11 or later with its module venv is needed (Debian, Ubuntu: apt-get install python3-venv)." >&2; \
		echo "If it is there under another name: make PYTHON=/path/to/python" >&2; exit 1; fi
	@echo "Making $(VENV) with $(PYTHON) …"
	@"$(PYTHON)" -m venv --clear $(VENV)
	@touch $@

$(VENV)/.runtime: requirements/runtime.txt pyproject.toml | $(VENV)/.made
	$(call install,runtime)
	@touch $@

$(VENV)/.dev: requirements/dev.txt pyproject.toml | $(VENV)/.made
	$(call install,dev)
	@touch $(VENV)/.runtime $@

define install
	@echo "Installing requirements/$(1).txt …"
	@$(PIP) install --quiet --require-hashes --no-deps --requirement requirements/$(1).txt
	@$(PIP) install --quiet --no-index --no-build-isolation --no-deps --editable .
endef

$(VENV)/.messages: $(wildcard locale/*/LC_MESSAGES/*.po) | $(VENV)/.made
	@$(BIN)/python scripts/messages.py compile
	@touch $@

browser:
	@command -v chromium >/dev/null && exit 0; \
	if [ "$$(id -u)" -ne 0 ]; then \
		echo "The browser tests need Chromium: install the package chromium (as root: apt-get install chromium)." >&2; exit 1; fi; \
	command -v apt-get >/dev/null || { echo "The browser tests need Chromium: install it as chromium." >&2; exit 1; }; \
	echo "Installing Chromium for the browser tests …"; \
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
