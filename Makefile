# make demo   the whole line on the sample textbook        make test   lint, types and all tests
# Both set up .venv from a bare Python 3.11 first and may be called as often as you like.

PYTHON ?= python3.11
NEEDED_KB := 5000000
INSTALLED := .venv/.installed

.PHONY: demo test bench-quick bench-peers lock clean

demo: $(INSTALLED)
	@.venv/bin/pathcorpus demo

test: $(INSTALLED)
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/pytest -q -n 2

bench-quick: $(INSTALLED)
	@for script in benchmarks/[a-z]*.py; do .venv/bin/python $$script --quick || exit 1; done

# What is compared against, never a dependency: python benchmarks/figures.py --peer .venv-peers/bin/python
bench-peers:
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip install -q --disable-pip-version-check pymupdf==2.0

$(INSTALLED): pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { \
	  echo "$(PYTHON) is missing: install Python 3.11 (Debian: apt install python3.11 python3.11-venv) or name one: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$(PYTHON) is older than Python 3.11: name a newer one, make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; exit 2; }
	@free=$$(df -Pk . | awk 'NR==2 {print $$4}'); [ "$$free" -ge $(NEEDED_KB) ] || { \
	  echo "only $$((free / 1000)) MB free in $$(pwd), $$(($(NEEDED_KB) / 1000)) MB are needed: free some disk space" >&2; exit 2; }
	@echo "setting up .venv (once, some minutes)"
	@$(PYTHON) -m venv .venv || { \
	  echo "$(PYTHON) cannot make virtual environments: install its venv module (Debian: apt install python3.11-venv)" >&2; exit 2; }
	@.venv/bin/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[train,ocr,slides,dev]' || { \
	  echo "the installation failed: the lines above say why (no network, or no disk space?); call make again" >&2; exit 2; }
	@touch $(INSTALLED)

# constraints.txt holds the exact versions that were tested together.
lock: $(INSTALLED)
	.venv/bin/python -m pip freeze --exclude-editable | sed 's/+cpu$$//' > constraints.txt

clean:
	rm -rf .venv .venv-peers build *.egg-info
