# make run [PORT=3333] [HOST=127.0.0.1]   install what is missing, then serve
# make test [ARGS=…]                      install what the tests need, then run them
# make check                              format, lint and types
# make fuzz [EXAMPLES=60] [INPUTS=100000]  send what the document allows and forbids, then what nobody should send
# make crash [KILLS=100]                  kill what indexes at random moments, and compare with an index from scratch
# make bench [ARGS=search|web|ingest|store|…]  measure speed; docs/benchmarks.md says against what
# make eval                               measure retrieval on the shared data sets, and write docs/evaluation.md
# make eval DATA=FOLDER [ARGS=--answers]  measure retrieval, or the answers, on a data set
# make docs                              write the reference pages and the handbook anew
# make lock                               resolve the locked versions again
# make clean                              remove the environment and caches, never data

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# Flags of one's own mean a build of one's own, not the one that pip remembers.
INSTALL := $(PIP) install --require-hashes --quiet $(if $(strip $(CMAKE_ARGS)),--no-cache-dir) -r
LINK := $(PIP) install --no-deps --no-build-isolation --quiet -e .

# llama.cpp is compiled once, during the first install, without its vision library and without
# what only its own programs use: 83 steps instead of 193, and a third of the time. To build for a
# GPU: make clean, then make run CMAKE_ARGS=-DGGML_CUDA=on
override CMAKE_ARGS := -DLLAVA_BUILD=OFF \
  '-DCMAKE_PROJECT_llama.cpp_INCLUDE=$(CURDIR)/configs/llama-cpp.cmake' $(CMAKE_ARGS)
CMAKE_BUILD_PARALLEL_LEVEL ?= $(shell $(PYTHON) -c 'import os; print(os.cpu_count())')
export CMAKE_ARGS CMAKE_BUILD_PARALLEL_LEVEL

# Clients written for Node.js, which the tests read the server with, and what checks the page; skipped where there is
# no npm.
NODE_FOLDERS := tests/conformance/node tests/browser
NODE_MODULES := $(if $(shell command -v npm 2>/dev/null),$(NODE_FOLDERS:%=%/node_modules/.package-lock.json))

# Only from the command line: shells and platforms set HOST and PORT for their own purposes.
flag = $(if $(filter command line,$(origin $1)),--$2 $($1))

.DELETE_ON_ERROR:
.PHONY: run test check format docs fuzz crash bench eval lock clean

run: $(VENV)/.run
	@$(BIN)/trinax serve $(call flag,HOST,host) $(call flag,PORT,port)

test: $(VENV)/.dev $(NODE_MODULES)
	@$(BIN)/python -m pytest $(ARGS)

check: $(VENV)/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

format: $(VENV)/.dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

docs: $(VENV)/.dev
	@$(BIN)/python -m tests.docs

# For a night: minutes for 60 examples of each operation, and more for 100 000 hostile requests; any seed but that of
# the tests.
EXAMPLES ?= 60
INPUTS ?= 100000
fuzz: $(VENV)/.dev
	@$(BIN)/python -m tests.conformance.fuzzing --max-examples $(EXAMPLES) --seed $$(date +%s) $(ARGS)
	@$(BIN)/python -m tests.hardening.fuzzing --inputs $(INPUTS) --seed $$(date +%s)

# A quarter of an hour for 100.
KILLS ?= 100
crash: $(VENV)/.dev
	@$(BIN)/python -m tests.ingest.killing --kills $(KILLS)

# gguf, which makes the model, is among what the tests need.
bench: $(VENV)/.dev
	@$(BIN)/trinax bench $(ARGS)

# A quarter of an hour without DATA.
SHARED := ../shared/data/retrieval
eval: $(VENV)/.run
ifdef DATA
	@$(BIN)/trinax eval $(DATA) $(ARGS)
else
	@test -d $(SHARED) || { echo 'Say which data set: make eval DATA=FOLDER' >&2; exit 2; }
	@$(BIN)/python -m trinax.evaluation $(SHARED) docs/evaluation.md
endif

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo 'trinax needs Python 3.11 or newer; name one with: make PYTHON=python3.12 $(MAKECMDGOALS)' >&2; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.run: requirements.lock pyproject.toml | $(VENV)/.made
	@echo 'Installing; the first time this compiles llama.cpp, which takes a few minutes.'
	@command -v c++ >/dev/null || echo 'No C++ compiler found; llama.cpp needs one (Debian: apt install build-essential).' >&2
	@$(INSTALL) requirements.lock
	@$(LINK)
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(VENV)/.run
	@$(INSTALL) requirements-dev.lock
	@touch $@

tests/%/node_modules/.package-lock.json: tests/%/package-lock.json tests/%/.npmrc
	@npm ci --loglevel=error --prefix tests/$* >/dev/null
	@touch $@

# Both files hold every package with the hashes of its files, for every platform and Python; the
# backend that builds trinax itself is among them (hatchling needs editables to link a folder), so
# that linking it downloads nothing.
RESOLVE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' --no-annotate
BACKEND := import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], "editables", sep="\n")

lock: $(VENV)/.made
	@test -x $(BIN)/uv || $(PIP) install --quiet uv
	$(BIN)/python -c '$(BACKEND)' | $(RESOLVE) pyproject.toml - -o requirements.lock $(UPGRADE)
	$(RESOLVE) pyproject.toml requirements.lock --extra dev -o requirements-dev.lock $(UPGRADE)

clean:
	rm -rf $(VENV) $(NODE_FOLDERS:%=%/node_modules) build dist .mypy_cache .ruff_cache .pytest_cache
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +
