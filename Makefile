# Two commands do it: `make console` to chat, `make test` to run every test. All of it lives in .venv.

VENV := .venv
PYTHON := $(VENV)/bin/python
CITEGRAM := $(VENV)/bin/citegram
PARALLEL := -n auto --dist worksteal
PIP := $(PYTHON) -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help console bot index test check format lock training stand-in litellm clean

help:  ## what there is
	@grep -E '^[a-z]+:.*## ' Makefile | sed 's/:.*## /\t/' | expand -t 10

console: index  ## index seeds/ and chat on the terminal
	$(CITEGRAM) console

bot: index  ## index seeds/ and chat on Telegram (TELEGRAM_BOT_TOKEN in .env)
	$(CITEGRAM) bot

index: $(VENV)/installed  ## bring the index in line with seeds/
	$(CITEGRAM) index

test: $(VENV)/installed-dev  ## every test
	$(PYTHON) -m pytest $(PARALLEL)

check: $(VENV)/installed-dev  ## format, lint, types, tests
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(PYTHON) -m pytest $(PARALLEL)

format: $(VENV)/installed-dev  ## format the code and mend what the linter can
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

lock:  ## compile requirements*.txt from pyproject.toml anew (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml -o requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt
	echo asyncpg | uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -c requirements-dev.txt - -o requirements-postgres.txt

training: .venv-train/installed  ## an environment with torch, for tools/train_reader.py and its test

stand-in: .venv-telemelya/installed  ## an environment with Telemelya, for tests/test_telemelya.py

litellm: .venv-litellm/installed  ## an environment with LiteLLM's proxy, for tests/test_litellm.py

clean:  ## remove .venv and caches; data/ stays
	rm -rf $(VENV) .venv-train .venv-telemelya .venv-litellm .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info

$(VENV)/bin/python:
	python3 -c 'import sys; sys.exit("citegram needs Python 3.11 or newer; this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	python3 -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/installed: requirements.txt pyproject.toml | $(VENV)/bin/python
	$(PIP) --require-hashes -r requirements.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/installed-dev: requirements-dev.txt $(VENV)/installed
	$(PIP) --require-hashes -r requirements-dev.txt
	touch $@

.venv-train/installed: requirements-train.txt
	test -d .venv-train || python3 -m venv .venv-train
	.venv-train/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-train.txt
	touch $@

.venv-telemelya/installed: requirements-telemelya.txt
	test -d .venv-telemelya || python3 -m venv .venv-telemelya
	.venv-telemelya/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-telemelya.txt
	touch $@

.venv-litellm/installed: requirements-litellm.txt
	test -d .venv-litellm || python3 -m venv .venv-litellm
	.venv-litellm/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-litellm.txt
	touch $@
