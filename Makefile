# Each target is a line or two that you could type yourself. `make` alone lists them.
PYTHON ?= python3
BIN = .venv/bin

.PHONY: help lab site test bench mutation notebooks exercises clean

help:
	@echo 'make lab         make the environment if need be and open the course in JupyterLab'
	@echo '                 (options: make lab ARGS="--port 8890 --no-browser")'
	@echo 'make site        build the chapters as pages for the web, in build/site; they need no server and no network'
	@echo 'make test        run everything that CI runs; BROWSER=no leaves out the browser tests'
	@echo '                 (fewer tests: make test PYTEST_ARGS="tests/test_cli.py")'
	@echo '                 FASHION_MNIST=FOLDER compares the part of it that the course ships with the published files'
	@echo 'make bench       measure the reference beside torch and others, and grading beside nbgrader'
	@echo 'make mutation    plant thousands of faults in the reference and see which ones the tests miss (an hour)'
	@echo 'make notebooks   execute the notebooks anew and keep their outputs'
	@echo 'make exercises   make exercises/ from solutions/'
	@echo 'make clean       delete the environment and caches; your work in work/ stays'
	@echo 'Another Python:  make lab PYTHON=python3.12'

lab:
	@$(PYTHON) bootstrap.py
	@$(BIN)/coursekit lab $(ARGS)

# from nothing, every time: what a stopped run left, or a chapter that is gone, stays nowhere
site:
	@$(PYTHON) bootstrap.py --for site
	rm -rf build/site build/doctrees build/jupyter_execute
	$(BIN)/sphinx-build --fail-on-warning --keep-going --quiet -c site -d build/doctrees . build/site
	@echo 'The site is ready: open build/site/index.html in a browser.'

# two processes of pytest with one thread each: with more threads they wait for each other; in the order of
# tests/conftest.py, the longest first
test: export OMP_NUM_THREADS = 1
test:
ifeq ($(BROWSER),no)
	@echo 'BROWSER=no: the browser tests are left out.'
	$(PYTHON) bootstrap.py --for test --no-browser
else
	$(PYTHON) bootstrap.py --for test
endif
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/coursekit release --check
ifdef FASHION_MNIST
	$(BIN)/python -m coursekit.data.fashion_mnist_subset --check "$(FASHION_MNIST)"
else
	@echo 'FASHION_MNIST names no folder: the part that the course ships is not compared with the published files.'
endif
ifeq ($(BROWSER),no)
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -m 'not browser' $(PYTEST_ARGS)
	@echo 'BROWSER=no: all tests passed but the browser tests, which were left out.'
else
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)
endif

bench:
	$(PYTHON) bootstrap.py
	$(BIN)/python benchmarks/convolution1d.py
	$(BIN)/python benchmarks/reference.py
	$(BIN)/python benchmarks/grading.py

mutation: export OMP_NUM_THREADS = 1
mutation: export COURSEKIT_EXAMPLES = 60
mutation:
	$(PYTHON) bootstrap.py --for test --no-browser
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[mutation]'
	$(BIN)/mutmut run --max-children 2
	$(BIN)/python tests/mutation/report.py

notebooks:
	$(PYTHON) bootstrap.py
	$(BIN)/coursekit execute

exercises:
	$(PYTHON) bootstrap.py
	$(BIN)/coursekit release

clean:
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
