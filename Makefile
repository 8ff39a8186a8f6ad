# Everything here needs Python 3.11 or newer and make; the rest is installed into .venv,
# once, and again when pyproject.toml or the newest Python of this machine changes.

.DEFAULT_GOAL := help
.PHONY: help demo lab lab-watch test test-matrix lint bench clean

VENV := .venv
BIN  := $(VENV)/bin

# The oldest leg takes the oldest Python that JAX 0.7 and IPython 7.34 are tried with.
OLDEST_PYTHON = .ci/python --at-most 3.11 2>/dev/null || .ci/python --at-most 3.12 2>/dev/null

# JupyterLab refuses to run as root, as in a container, unless told that this is meant.
LAB_FLAGS := $(shell [ "$$(id -u)" != 0 ] || echo --allow-root)

# How many processes run tests at once: each imports JAX, and most of what it runs uses one core.
WORKERS := 2

# $(call pytest,python,tests): all tests on several cores, a file at a time in the order of their
# names, as the slowest come first; then alone those that something beside them would disturb.
pytest = $(1) -m pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder \
    -m "not alone" $(2) && $(1) -m pytest -q -m alone $(2)

# $(call oldest,tests): what works with the newest versions must work with the oldest, too.
define oldest
@if python=$$($(OLDEST_PYTHON)); then \
    .ci/venv .venv-oldest test "$$python" tests/oldest.txt && .ci/panel .venv-oldest && \
    echo "jaxmagic: oldest versions (JAX 0.7, IPython 7.34, JupyterLab 4.2), $$($$python -V)" && \
    $(call pytest,.venv-oldest/bin/python,$(1)); \
else \
    echo "jaxmagic: oldest versions skipped, there is no Python 3.11 or 3.12 here"; \
fi
endef

help:  ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1@\2/p' $(MAKEFILE_LIST) | awk -F@ '{ printf "%-20s%s\n", $$1, $$2 }'

demo:  ## run the tour, print what each magic says, write build/tour.html and build/tour-dark.html
	@.ci/venv $(VENV) lab "$$(.ci/python)"
	@$(BIN)/python examples/run.py examples/tour.ipynb --html build/tour.html --theme both

lab:  ## open the examples in JupyterLab
	@.ci/venv $(VENV) lab "$$(.ci/python)"
	@.ci/panel $(VENV)
	@cd examples && ../$(BIN)/jupyter lab $(LAB_FLAGS)

lab-watch:  ## the same, and build the panel again whenever its sources change: reload the page
	@.ci/venv $(VENV) lab "$$(.ci/python)"
	@LAB_FLAGS="$(LAB_FLAGS)" .ci/panel $(VENV) watch:lab

test: lint  ## check everything: style, types, all tests, then once more with the oldest versions
	@.ci/browser >/dev/null
	@.ci/languages
	.ci/panel $(VENV) test
	$(call pytest,$(BIN)/python)
	$(call oldest,tests/unit tests/shell tests/kernel)

test-matrix: lint  ## all tests with each Python found, then with the oldest versions
	@.ci/browser >/dev/null
	@.ci/languages
	@set -e; for python in $$(.ci/python --all); do \
	    venv=.venv-$${python##*/python}; \
	    .ci/venv $$venv test "$$python"; \
	    .ci/panel $$venv; \
	    echo "jaxmagic: newest versions, $$($$python -V)"; \
	    { $(call pytest,$$venv/bin/python); } || exit; \
	done
	$(call oldest,tests)

lint:  ## check style, types and which room imports which
	@.ci/venv $(VENV) test "$$(.ci/python)"
	.ci/panel $(VENV) lint
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench:  ## measure each speed goal
	@.ci/venv $(VENV) test "$$(.ci/python)"
	@set -e; for script in benchmarks/*.py; do echo "== $$script"; $(BIN)/python $$script; done

clean:  ## remove the environments and all that was built
	rm -rf .venv .venv-* build dist .*_cache .hypothesis
	rm -rf .yarn node_modules jaxmagic/labextension labextension/lib labextension/.built-from
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
