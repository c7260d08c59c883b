# Two commands: `make book` builds the book, `make test` checks everything.
# Each makes .venv from requirements.txt first; it needs Python 3.11 or newer (PYTHON=... to choose one).

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.ready
NOTEBOOKS = $$(find book -name '*.ipynb' -not -path '*/.*' -not -path '*/dist/*')

# Notebooks run in their own folders, so a relative path to the data must not reach them.
ifneq ($(ADVTHEORY_DATA),)
export ADVTHEORY_DATA := $(shell $(PYTHON) -c 'import os; print(os.path.abspath(os.environ["ADVTHEORY_DATA"]))')
endif
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Threads that wait do not spin: the machine may have other work.
export OMP_WAIT_POLICY := PASSIVE

.PHONY: book test lint assignments screenshots clean help
.DEFAULT_GOAL := help

help: ## say what can be made
	@sed -n 's/^\([a-z]*\):.*## /make \1: /p' $(MAKEFILE_LIST)

book: $(READY) ## build the book into _build/html
	@$(PY) tools/build_book.py

# One thread per process: the tests run side by side.
test: lint book ## lint, types, the book, unit and property tests, every notebook, the pages in a browser
	ADVTHEORY_SCALE=smoke OMP_NUM_THREADS=1 $(PY) -m pytest tests book \
	  --nbval-lax --nbval-current-env --nbval-cell-timeout=300 \
	  --numprocesses=auto --maxprocesses=4 --dist=loadfile

lint: $(READY) ## style, types, spelling, notebooks without outputs
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/codespell
	$(VENV)/bin/nbstripout --verify $(NOTEBOOKS)

assignments: $(READY) ## make the student versions and the autograders
	$(PY) tools/assignments.py

screenshots: book ## a picture of every page, light and dark, wide and phone
	$(PY) tools/screenshots.py

clean: ## forget what was built, keep .venv
	rm -rf _build build .mypy_cache .pytest_cache .ruff_cache .hypothesis src/*.egg-info
	find src tests tools -name __pycache__ -prune -exec rm -rf {} +

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
	  "The book needs Python 3.11 or newer, and $(PYTHON) is " + sys.version.split()[0] + \
	  ": say which one to use, as in `make book PYTHON=python3.12`.")'
	@$(PY) -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@echo "Installing the packages of requirements.txt into $(VENV) (minutes, the first time)"
	@$(PY) -m pip install --quiet --requirement requirements.txt || { echo \
	  "The packages of requirements.txt could not be installed: the first run needs the network," \
	  "or PIP_NO_INDEX=1 and PIP_FIND_LINKS=FOLDER with a folder that holds their wheels." >&2; exit 1; }
	$(PY) -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
