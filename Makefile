# Every workflow of floorday is a target here. `make` alone lists them.
.SILENT:
.NOTPARALLEL:
.PHONY: help run test check bench lock pictures

bin := .venv/bin
runs := .venv/.runs
develops := .venv/.develops

help:
	echo "make run     floorday with its example company on http://127.0.0.1:8000"
	echo "make test    every test, on SQLite and PostgreSQL (both come along)"
	echo "make check   linters, types, walls between modules, templates, migrations, docs"
	echo "make bench   what requests cost, on both databases, as one table (QUICK=1, SIZES=10000,100000)"
	echo "make pictures take the pictures of docs/ anew, with Chromium on the machine"
	echo "make lock    write requirements.lock and requirements-dev.lock anew from pyproject.toml"

run: $(runs)
	exec $(bin)/floorday demo

test: $(develops)
	$(bin)/pytest -n auto $(PYTEST)

check: $(develops)
	$(bin)/ruff check .
	$(bin)/pyright
	$(bin)/lint-imports --no-cache
	$(bin)/python tools/templates.py
	$(bin)/python tools/migrations.py
	$(bin)/python tools/docs.py

bench: $(develops)
	$(bin)/python -m tests.bench $(if $(QUICK),--quick) $(if $(SIZES),--sizes $(SIZES))

pictures: $(develops)
	$(bin)/python -m tools.pictures
	$(bin)/python -m tools.promise --pictures > /dev/null

compile = $(bin)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate pyproject.toml

lock: $(develops)
	$(compile) $(UPGRADE) --group build --output-file requirements.lock
	$(compile) $(UPGRADE) --group dev --constraint requirements.lock --output-file requirements-dev.lock

# A clone that was moved, or whose Python has gone, has no usable .venv whatever the stamps say.
moved := $(shell [ "$$(cat .venv/.place 2>/dev/null)" = "$$(pwd)" ] && [ -x $(bin)/python ] || echo moved)

$(runs): requirements.lock pyproject.toml tools/install $(moved)
	tools/install requirements.lock $@

$(develops): requirements-dev.lock pyproject.toml tools/install $(moved)
	tools/install requirements-dev.lock $@

moved:
