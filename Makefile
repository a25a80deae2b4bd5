# make run    everything set up, then the window on the demo scan (no screen: figure and table)
# make test   everything set up, then the tests
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
OUT := out/demo
PYTEST_ARGS ?=

.PHONY: run test lint bench clean
.DEFAULT_GOAL := run

run: $(READY)
	@if [ -n "$${DISPLAY:-}$${WAYLAND_DISPLAY:-}" ]; then \
	  $(BIN)/python packaging/system_libraries.py && $(BIN)/tlmri gui; \
	else \
	  echo "No screen: the same comparison without the window."; \
	  $(BIN)/tlmri demo --out $(OUT); \
	fi

test: $(READY)
	@$(BIN)/python packaging/system_libraries.py
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest $(PYTEST_ARGS)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY)
	@$(BIN)/python packaging/system_libraries.py
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest tests/benchmarks -m benchmark -s

clean:
	rm -rf $(VENV) out build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis \
	  .import_linter_cache

$(READY): pyproject.toml constraints.txt packaging/environment.sh
	@bash packaging/environment.sh $(VENV)
	@touch $@
