# Everything a clone needs: Python 3.11 or newer, make, Node 20 or newer for the browser pages, and a
# network for the first run.
#
#   make demo     the decision brief for the EU against China, in out/, and the browser pages
#   make test     linters, types, floors, documentation, the browser pages and all tests
#   make ui       build the browser pages that `lodestone serve` shows (needs Node 20 or newer)
#   make lint     the same without the tests
#   make bench    every benchmark, one after the other
#   make evaluate hold the chains against what is known; writes evaluation/reports
#   make lock     write requirements/*.txt anew (LOCK_OPTIONS=--upgrade for newer versions)
#   make clean    remove what the above made
#
# PYTHON=/path/to/python chooses the interpreter; VENV=folder the environment; JOBS=4 tests in so many
# processes, each of which takes up to 3 GB.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

VENV ?= .venv
OUT ?= out
JOBS ?= 2
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check --no-input -qq
# A stamp is newer than the lock it was installed from; a second run does nothing.
MADE := $(VENV)/.made
RUN := $(VENV)/.run
DEV := $(VENV)/.dev

NODE_IS_THERE = command -v npm >/dev/null && \
  node -e 'const [a, b] = process.versions.node.split(".").map(Number); \
    process.exit((a === 20 && b >= 19) || (a === 22 && b >= 12) || a >= 24 ? 0 : 1)' 2>/dev/null
PAGES := src/lodestone/web/static/index.html
PAGE_SOURCES := $(shell find ui/src ui/static-data -type f 2>/dev/null) examples/bill_of_materials.csv ui/index.html \
  ui/vite.config.ts ui/svelte.config.js ui/tsconfig.json
# npm's own stamp of what it installed.
MODULES := ui/node_modules/.package-lock.json

# An interpreter counts only when it starts and is new enough: version managers leave
# launchers on the PATH for versions that are not there.
CANDIDATES := $(if $(PYTHON),$(PYTHON),python3.13 python3.12 python3.11 python3 python)
define FIND_PYTHON
for candidate in $(CANDIDATES); do \
  if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; \
  then found="$$candidate"; break; fi; \
done; \
if [ -z "$${found:-}" ]; then \
  echo "lodestone needs Python 3.11 or newer; tried: $(CANDIDATES)" >&2; \
  echo "Install one, or name it: make $(or $(MAKECMDGOALS),demo) PYTHON=/path/to/python" >&2; exit 1; \
fi
endef

.PHONY: help demo test lint docs ui bench evaluate lock clean

help:
	@sed -n 's/^#   //p' Makefile

demo: $(RUN)
	$(VENV)/bin/lodestone brief --place EU27 --against CHN -o $(OUT)
	@if $(NODE_IS_THERE); then $(MAKE) --no-print-directory ui && \
	  echo "Open the application: $(VENV)/bin/lodestone serve, then http://127.0.0.1:8321/ in a browser"; \
	else echo "The browser pages need Node 20.19, 22.12 or 24 and newer, which is not here: install it, then make ui"; fi

test: lint ui
	cd ui && npm run --silent check && npm run --silent test
	$(VENV)/bin/python -m pytest -n $(JOBS) --dist loadfile

lint: $(DEV)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --no-logo
	$(MAKE) --no-print-directory docs

ui: $(PAGES)

docs: $(DEV)
	$(VENV)/bin/mkdocs build --strict --quiet

bench: $(DEV)
	@shopt -s nullglob; for case in benchmarks/*.py; do \
	  echo "== $$case"; $(VENV)/bin/python "$$case"; \
	done

# Each report prints itself too; the pages in evaluation/reports are committed and in the docs.
evaluate: $(DEV)
	@for report in known_facts adjustments sourcing scenarios losses plan vault alliance; do \
	  $(VENV)/bin/python evaluation/$$report.py >/dev/null && echo "evaluation/reports/$$report.md"; \
	done

clean:
	rm -rf $(VENV) $(OUT) ui/node_modules src/lodestone/web/static site build dist .mypy_cache .ruff_cache .pytest_cache \
	  .hypothesis .import_linter_cache
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

# --- environment ---------------------------------------------------------------------------

$(MADE):
	@$(FIND_PYTHON); \
	echo "environment: $(VENV) from $$("$$found" --version)"; \
	"$$found" -m venv $(VENV) || { \
	  echo "python -m venv failed: on Debian and Ubuntu install the package python3-venv" >&2; \
	  exit 1; }
	@touch $@

$(RUN): $(MADE) requirements/build.txt requirements/run.txt pyproject.toml
	@echo "installing what lodestone runs on (first time: about a minute)"
	@$(PIP) install --require-hashes -r requirements/build.txt -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV): $(RUN) requirements/dev.txt
	@echo "installing what lodestone is tested with"
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

# --- browser pages -------------------------------------------------------------------------

$(MODULES): ui/package.json ui/package-lock.json ui/.npmrc
	@$(NODE_IS_THERE) || { \
	  echo "the browser pages need Node 20.19, 22.12 or 24 and newer: install it (Debian: apt-get install nodejs npm, or nodejs.org)" >&2; exit 1; }
	@echo "installing what the browser pages are built with"
	@cd ui && npm ci --silent
	@touch $@

$(PAGES): $(MODULES) $(PAGE_SOURCES)
	@cd ui && npm run --silent build -- --logLevel warn
	@touch $@

# --- locks: hashes for every file of a version, so one lock serves Linux, macOS and Windows on
# --- every supported Python; no addresses (docs/decisions/0002-lock-without-addresses.md)

COMPILE := $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 \
  --fork-strategy fewest --generate-hashes --no-emit-index-url --no-emit-find-links \
  --custom-compile-command "make lock" $(LOCK_OPTIONS)

lock: $(MADE)
	@$(PIP) install --require-hashes -r requirements/lock.txt
	$(COMPILE) requirements/lock.in -o requirements/lock.txt
	$(COMPILE) requirements/build.in -o requirements/build.txt
	$(COMPILE) pyproject.toml -c requirements/build.txt -o requirements/run.txt
	$(COMPILE) pyproject.toml --extra dev -c requirements/build.txt -c requirements/run.txt \
	  -o requirements/dev.txt
