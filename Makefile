# Everything sets up .venv from requirements.lock by itself; a bare clone needs python3 (3.11+) and make.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: run test coverage lint bench lock clean

run: $(READY)  ## Publish both periods of the sample inputs
	$(BIN)/python -m pipeline run --period 2024-05; test $$? -le 1
	$(BIN)/python -m pipeline run; test $$? -le 1

test: $(READY)  ## Run the tests
	$(BIN)/python -m pytest

coverage: $(READY)  ## Run the tests and show which branches they never take
	$(BIN)/python -m pytest --cov --cov-report=term

lint: $(READY)  ## Check style and types
	$(BIN)/ruff check pipeline tests benchmarks
	$(BIN)/mypy

bench: $(READY)  ## Time the pipeline beside its peers, as ratios
	$(BIN)/python -m benchmarks.bench

lock: $(READY)  ## Pin every dependency with its hashes, naming no index
	$(BIN)/python -m pip install -q uv
	$(BIN)/uv pip compile --universal --generate-hashes --no-annotate --no-header --no-strip-extras \
		--python-version 3.11 --extra dev pyproject.toml -o requirements.lock

$(READY): requirements.lock
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	touch $(READY)

clean:
	rm -rf .venv outputs .pipeline
