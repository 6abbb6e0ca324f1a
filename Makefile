# Plumbline. On a fresh machine `make demo` and `make test` do all the set-up themselves.
# ARGS is handed on, e.g. `make unit ARGS="-k median"` or `make demo ARGS="--seed 7"`.

export PATH := $(CURDIR)/.venv/bin:$(PATH)
# Byte code makes every later start twice as fast, so it is written even where this is set.
export PYTHONDONTWRITEBYTECODE :=

# The longest first, so that none of them runs alone in the end.
SUITES    := integration-1 unit integration-2 integration-3 browser functional attacks differential stateful exhaustive gas lint advisories
CONTRACTS := $(shell find contracts -name '*.vy' -o -name '*.vyi' 2>/dev/null)
WEB       := $(shell find web -type f 2>/dev/null)
# Ape's pytest plugin and boa do not belong in one process.
PYTEST    := pytest -p no:ape_test
EVM_TESTS := differential stateful attacks exhaustive
FUZZ_SECONDS ?= 3600
ALL_ROUNDS   ?= 100000
NEED_ANVIL = @command -v anvil > /dev/null || { echo "The integration tests need Anvil." >&2; exit 1; }

.PHONY: help setup demo site test test-all $(SUITES) integration fuzz seeded mutants proofs consumers compile web engines chromium browsers screenshot builds gas job large fmt lock lock-consumers clean

help: ## show this list
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /:/' | awk -F: '{ printf "make %-14s %s\n", $$1, $$2 }'

## Set-up: each stamp is as old as the last complete installation of its lock file.

setup: .venv/.stamp node_modules/.stamp ## install what is missing (the other commands do it too)

.venv/bin/python:
	@for python in $(PYTHON) python3 python3.11 python3.12; do \
	    $$python -c 'import ensurepip, sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null \
	        && exec $$python -m venv --clear .venv; \
	done; \
	echo "Plumbline needs Python 3.11 or 3.12 with venv (Debian: apt install python3-venv); found:" \
	    "$$(python3 --version 2>&1). Another one: make PYTHON=/path/to/python" >&2; exit 1

.venv/.stamp: requirements.lock | .venv/bin/python
	@echo "Installing the Python packages (once, about half a minute) ..."
	@uv=$$(grep -o '^uv==[^ ;]*' requirements.lock); \
	{ python -m pip install -q --disable-pip-version-check "$$uv" \
	    && uv pip sync -q --python .venv/bin/python requirements.lock \
	    && uv pip install -q --python .venv/bin/python --no-deps -e .; } \
	|| { echo "uv could not; trying pip (some minutes) ..." \
	    && python -m pip install -q --disable-pip-version-check --no-deps -r requirements.lock -e .; } \
	|| { echo "The Python packages cannot be had: is there a network, and an index of packages?" >&2; exit 1; }
	@ln -sf ../../node_modules/.bin/anvil ../../node_modules/.bin/ganache .venv/bin/
	@touch $@

node_modules/.stamp: package-lock.json
	@if ! command -v npm > /dev/null; then \
	    echo "npm is absent, so Anvil, Ganache and the labeling page cannot be had. Install node.js 20 or later."; \
	else \
	    echo "Installing Anvil, Ganache and what the page is built with (once, a quarter of a minute) ..."; \
	    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && anvil --version > /dev/null && touch $@ \
	    || echo "npm could not install Anvil: is there a network, and a package for this platform?"; \
	fi

compile: .build/.stamp ## compile the contracts, warnings being errors
# Ape notices that a file changed, not that a module it imports did: hence --force. It does not
# end at a warning, hence the compiler beside it, whose result the tests use.
.build/.stamp: $(CONTRACTS) ape-config.yaml .venv/.stamp
	@python -m tests.build & strict=$$!; \
	ape compile --force; built=$$?; wait $$strict && exit $$built
	@touch $@

web: .build/web/index.html ## build the labeling page into .build/web
.build/web/index.html: $(WEB) node_modules/.stamp
	@node_modules/.bin/tsc --noEmit -p web
	@node web/build.mjs .build/web

demo: setup compile ## a whole round with a crowd of labelers, told step by step
	@command -v anvil > /dev/null || echo "Anvil is absent: on the chain embedded in ape."
	@plumbline demo $(ARGS)

site: setup compile web ## a local market with its labeling page, to answer a round in the browser
	@plumbline market $(ARGS)

## Tests

# Three suites at a time, since they wait for blocks and processes; each one's output in one piece
# where make can do that.
test: setup compile ## every gate and suite, each one's result, one exit code
	@rm -rf .cache/results && mkdir -p .cache/results
	@echo "Three suites at a time, each shown when it is done; some minutes in all."
	@$(MAKE) --no-print-directory -k -j 3 $(if $(filter output-sync,$(.FEATURES)),-O) \
	    $(SUITES:%=result-of-%); echo; cat .cache/results/*; ! grep -q FAILED .cache/results/*

test-all: ## all of it at full length, and bugs that are seeded into the contracts (hours)
	@PLUMBLINE_ALL=1 PLUMBLINE_DIFFERENTIAL_ROUNDS=$(ALL_ROUNDS) \
	    $(MAKE) --no-print-directory test SUITES="$(SUITES) seeded consumers"

result-of-%:
	@begin=$$(date +%s); result=passed; echo; echo "== $*"; \
	$(MAKE) --no-print-directory $* || result=FAILED; \
	[ $$result = FAILED ] || [ ! -e .cache/unanswered/$* ] || result=skipped; \
	printf '%-13s %-7s %5ds\n' $* $$result $$(($$(date +%s) - begin)) > .cache/results/$*

lint: setup ## ruff, mypy, the order of the packages, and the types of the labeling page
	ruff check plumbline scripts tests docs/examples
	ruff format --check plumbline scripts tests docs/examples
	mypy plumbline
	lint-imports --no-logo
	@if [ ! -x node_modules/.bin/tsc ]; then echo "tsc is absent: the page is not checked"; \
	else echo "tsc --noEmit -p web"; node_modules/.bin/tsc --noEmit -p web; fi

advisories: setup ## ask OSV and npm whether a pinned package is known to be vulnerable
	python -m tests.advisories --note .cache/unanswered/advisories $(ARGS)

unit: setup ## pure Python and single contracts (boa)
	$(PYTEST) tests/unit $(ARGS)

differential: setup ## the judge against its reference implementation (revm)
stateful: setup ## random runs of many rounds, checked after every step (revm)
attacks: setup ## one file for each attack, who gains what by it, and what stops it (revm)
exhaustive: setup ## the judge's arithmetic against plain loops, all small cases (revm)
$(EVM_TESTS): setup
	$(PYTEST) -p no:boa_test tests/$@ $(ARGS)

fuzz: setup ## random runs for FUZZ_SECONDS (an hour), in ether and in a token at once; then readers
	@$(MAKE) --no-print-directory -k -j 2 fuzz-ether fuzz-token
	@$(MAKE) --no-print-directory fuzz-readers

# Each of two tests takes FUZZ_SECONDS.
fuzz-readers: setup ## hostile calls and logs through all that reads events, likewise
	FUZZ_SECONDS=$(FUZZ_SECONDS) $(PYTEST) -p no:boa_test tests/stateful/test_hostile_calls.py -s $(ARGS)

fuzz-%:
	FUZZ_SECONDS=$(FUZZ_SECONDS) $(PYTEST) -p no:boa_test tests/stateful/test_runs.py -s \
	    -k "stuck and $*" $(ARGS)

seeded: setup ## see stateful runs and attacks find bugs that are seeded into the contracts (long)
	$(PYTEST) -p no:boa_test tests/stateful/seeded_bugs.py tests/attacks/guards.py -rA $(ARGS)

mutants: setup ## small mistakes in the contracts, one at a time: does a test notice? (hours)
	python -m tests.mutants --slowly $(ARGS)

proofs: setup .build/proofs/.stamp ## prove book entries and planes for all inputs (halmos; some minutes)
	python tests/proofs/prove.py $(ARGS)

# A virtual environment of its own: its packages clash with ours.
.build/proofs/.stamp: tests/proofs/requirements.lock .venv/.stamp
	@uv venv -q --clear --python .venv/bin/python .build/proofs
	@uv pip sync -q --python .build/proofs/bin/python tests/proofs/requirements.lock
	@touch $@

# Environments of their own, under .build/consumers.
consumers: setup ## the programs that read what we write, and what they make of it (minutes, 2 GB)
	python -m tests.consumers --note .cache/unanswered/consumers $(ARGS)

functional: setup compile ## user-level tests (ape on Anvil)
	@command -v anvil > /dev/null || echo "Anvil is absent: on the chain embedded in ape."
	ape test tests/functional -p no:boa_test \
	    $$(command -v anvil > /dev/null || echo --network ethereum:local:test) $(ARGS)

integration: setup compile ## the command lines, on a real Anvil
	$(NEED_ANVIL)
	$(PYTEST) -p no:boa_test tests/integration $(ARGS)

# Every third file: each has a chain of its own.
integration-1 integration-2 integration-3: setup compile
	$(NEED_ANVIL)
	$(PYTEST) -p no:boa_test $(ARGS) \
	    $$(ls tests/integration/test_*.py | awk 'NR % 3 == $(@:integration-%=%) % 3')

browser: setup compile ## the labeling page in a real Chromium, on a real Anvil
	$(NEED_ANVIL)
	@mkdir -p .cache/unanswered
	$(PYTEST) -p no:boa_test tests/browser $(ARGS)

engines: setup compile ## a round at the labeling page in Firefox and in WebKit, where they are
	$(NEED_ANVIL)
	PLUMBLINE_ALL=1 $(PYTEST) -p no:boa_test tests/browser/test_engines.py $(ARGS)

chromium: ## install the browser of these tests, where Debian's packages can be had
	@command -v chromium > /dev/null || apt-get install -y --no-install-recommends chromium

browsers: chromium ## and those of the other engines, likewise
	@command -v firefox-esr > /dev/null || command -v firefox > /dev/null \
	    || apt-get install -y --no-install-recommends firefox-esr
	@command -v WebKitWebDriver > /dev/null && command -v Xvfb > /dev/null \
	    || apt-get install -y --no-install-recommends webkit2gtk-driver xvfb \
	        gstreamer1.0-plugins-good

screenshot: setup compile web ## take the picture of the labeling page in the README anew
	python -m tests.browser.screenshot docs/images/labeling.png

gas: setup compile ## compare the gas of every step with .gas-snapshot
	plumbline gas --check $(ARGS)

builds: setup compile ## record what the contracts compile to, by which deployments are known
	python -m plumbline.cli.building

job: setup compile ## a million answers on Anvil, from escrow to audit, in some minutes
	plumbline job $(ARGS)

large: setup compile ## a campaign of 10,000 tasks with 7 labels each on Anvil, in some minutes
	PLUMBLINE_ALL=1 pytest -q -s -p no:ape_test -p no:boa_test tests/integration/test_large_campaign.py

## Housekeeping

fmt: setup ## format the Python code and mend what ruff can
	ruff check --fix plumbline scripts tests docs/examples
	ruff format plumbline scripts tests docs/examples

lock: setup ## pin the packages of requirements.in anew
	uv pip compile -q --universal --python-version 3.11 --custom-compile-command "make lock" \
	    --upgrade requirements.in -o requirements.lock

# Torch is locked by hand: its build for the CPU alone is none of an index's.
lock-consumers: setup ## pin the packages of tests/consumers anew
	@for folder in tests/consumers/*/requirements.in; do \
	    uv pip compile -q --universal --python-version 3.11 --generate-hashes --upgrade \
	        --custom-compile-command "make lock-consumers" \
	        --excludes tests/consumers/excludes.txt --no-emit-package torch \
	        $$folder -o $${folder%.in}.lock || exit 1; \
	done

clean: ## remove builds, caches and the installed packages
	rm -rf .build .cache .hypothesis .mypy_cache .pytest_cache .ruff_cache *.egg-info node_modules .venv
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
