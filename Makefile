# Two commands from a bare checkout, with nothing but Python 3.11 or newer and make:
#   make demo    environment, install, then `axone train cnn` on real data
#   make test    ruff, mypy and the tests (scripts/check)

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
DEVELOP := $(VENV)/.develop
# Build environments are pinned too: torch's loosest request would pull gigabytes of CUDA libraries.
export PIP_CONSTRAINT := $(CURDIR)/constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test check check-long messages clean

demo: $(INSTALLED)
	$(BIN)/axone train cnn

test: check

check: $(DEVELOP)
	PATH="$(CURDIR)/$(BIN):$$PATH" scripts/check

check-long: $(DEVELOP)
	PATH="$(CURDIR)/$(BIN):$$PATH" scripts/check --long

messages: $(DEVELOP)
	$(BIN)/python scripts/messages

$(VENV):
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || { echo "Axone needs Python 3.11 or newer: make PYTHON=python3.12"; exit 2; }
	$(PYTHON) -m venv $(VENV)

# torch first, by its exact version: with it installed, nothing else asks for another build of it.
$(INSTALLED): pyproject.toml constraints.txt | $(VENV)
	$(BIN)/pip install -q $$(grep '^torch==' constraints.txt)
	$(BIN)/pip install -q -e .
	@touch $@

$(DEVELOP): $(INSTALLED)
	$(BIN)/pip install -q -e ".[develop]"
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache dist build
