# make run    everything set up, then the window on the demo scan (no screen: figure and table)
# make test   everything set up, then the tests
# make installer, make installer-test   the Linux packages in dist/, then each tried without Python
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
OUT := out/demo
PYTEST_ARGS ?=

BUILD := build/venv
BUILD_READY := $(BUILD)/.ready
INSTALLERS := env PYTHONPATH=packaging $(BUILD)/bin/python -m

.PHONY: run test lint bench installer installer-test clean
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

installer: $(BUILD_READY)
	rm -rf build/frozen dist/*.deb dist/*.tar.gz
	$(BUILD)/bin/pyinstaller --noconfirm --log-level WARN --distpath build/frozen --workpath build/work \
	  packaging/tlmri.spec
	$(INSTALLERS) installers.linux build/frozen/tlmri dist
	$(INSTALLERS) installers.sizes build/frozen/tlmri dist/*.deb dist/*.tar.gz --out build/sizes.json

installer-test: $(READY)
	env PYTHONPATH=packaging $(BIN)/python -m installers.trial --out out/installer-test dist/*.deb dist/*.tar.gz
	env PYTHONPATH=packaging $(BIN)/python -m installers.installing_page

clean:
	rm -rf $(VENV) out build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis \
	  .import_linter_cache

$(READY): pyproject.toml constraints.txt packaging/environment.sh
	@bash packaging/environment.sh $(VENV) dev
	@touch $@

$(BUILD_READY): pyproject.toml constraints.txt packaging/environment.sh
	@bash packaging/environment.sh $(BUILD) installer,siemens
	@touch $@
