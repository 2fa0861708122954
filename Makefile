# make run    makes the environment, takes in corpus/, serves on http://127.0.0.1:8000
# make test   runs every test, and lists what was skipped and why; ALONE=.ci/alone without network
# make lint   style, types, layers, dependencies, templates
# make lock   writes the locks again from pyproject.toml

PYTHON ?= python3
VENV   ?= .venv
BIN     = $(VENV)/bin
PIP     = $(BIN)/python -m pip --disable-pip-version-check --no-input install --quiet --require-hashes --only-binary :all:

.PHONY: run test lint lock corpus-taken-in evaluate search-quality gold crash fuzz-api sbom bench bench-exports bench-vectors screenshots gazetteer vocabulary messages vectors bench-keeping fuzz mutants cluster bench-cluster bench-quick bench-build bench-engine bench-start bench-web clean
.DELETE_ON_ERROR:

run: $(VENV)/.run
	@$(BIN)/python indexer.py ingest corpus
	@exec $(BIN)/python indexer.py serve

test: $(VENV)/.dev
	@$(ALONE) $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile $(TESTS)

lint: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/codespell
	$(BIN)/djlint web/templates --check --lint --quiet
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/mypy

# The corpus as it is, with index and vectors, to be measured.
corpus-taken-in: $(VENV)/.dev
	KB_DATA=$(VENV)/evaluation $(BIN)/python indexer.py ingest corpus
	KB_DATA=$(VENV)/evaluation $(BIN)/python indexer.py sync

# How well the development questions are answered (needs KB_TEST_DATA).
evaluate: corpus-taken-in
	KB_DATA=$(VENV)/evaluation $(BIN)/python indexer.py evaluate $(KB_TEST_DATA)/judgments-dev.jsonl

# Writes the figures of docs/search-quality.md (needs KB_TEST_DATA).
search-quality: corpus-taken-in
	KB_DATA=$(VENV)/evaluation PYTHONPATH=. $(BIN)/python bench/search_quality.py $(KB_TEST_DATA)/judgments-dev.jsonl

# What the tagger misses of the gold set, by language and concept.
gold: $(VENV)/.dev
	$(BIN)/python -m tests.gold

# Acts and kills at random moments, ROUNDS=200 times; `make test` does 20. Prints what was hit.
crash: $(VENV)/.dev
	ROUNDS=$(or $(ROUNDS),200) $(BIN)/python -m pytest tests/test_crash.py

# What is in it: every package of the lock with version, hashes and licence, as CycloneDX.
sbom: $(VENV)/.dev
	$(BIN)/python deploy/sbom.py requirements-semantic.lock > citypraxis.cdx.json

# The contract of the search engines on a real OpenSearch of three nodes (needs a JDK and Maven).
cluster: $(VENV)/.dev
	KB_CLUSTER=1 $(BIN)/python -m pytest -p no:randomly tests/kb/test_cluster.py

# A cluster of three nodes with generated cases; CASES=200000 for the figures of docs/cluster.md.
bench-cluster: $(VENV)/.dev
	PYTHONPATH=. $(BIN)/python bench/cluster.py $(or $(CASES),5000)

# A thousand made-up requests for each operation of the API, four thousand for the pages; `make test` makes up fifteen
# and sixty.
fuzz-api: $(VENV)/.dev
	KB_EXAMPLES=1000 $(BIN)/python -m pytest tests/web/test_fuzz_api.py tests/web/test_addresses.py

# Bytes that nobody thought of, against the laws of tests/fuzz/laws.py; SECONDS=n for all of them together.
fuzz: $(VENV)/.dev
	$(BIN)/python -m tests.fuzz --seconds $(or $(SECONDS),60)

# How many small faults, put into what must not fail, the tests find: 85 % at least. SAMPLE=n tries n of them.
mutants: $(VENV)/.dev
	$(BIN)/python -m tests.mutants --sample $(or $(SAMPLE),0)

# Times, sizes and memory beside SQLite FTS5 and tantivy, into docs/performance.md; 30 minutes.
# One part: bench-build, bench-engine, bench-start, bench-web. To see whether all runs: bench-quick.
bench bench-quick bench-build bench-engine bench-start bench-web: $(VENV)/.dev $(VENV)/peer/.installed
	PYTHONPATH=.:bench/bare KB_BENCH=$(or $(KB_BENCH),$(VENV)/bench) KB_PEER=$(VENV)/peer/bin/python \
		$(if $(findstring quick,$@),KB_BENCH_PAGE=/dev/null) $(BIN)/python -m $(or $(BENCH_$(subst bench-,,$@)),bench.$(subst bench-,,$@))

BENCH_bench = bench
BENCH_quick = bench --quick

# What check, backup and restore take for 20,000 files, for docs/operations.md.
bench-keeping: $(VENV)/.dev
	PYTHONPATH=. $(BIN)/python bench/keeping.py $(or $(FILES),20000)

# How fast all cases are taken away, beside Datasette; CASES=10000 for the figures of docs/researchers.md.
bench-exports: $(VENV)/.dev $(VENV)/peer/.installed
	PYTHONPATH=. $(BIN)/python bench/exports.py $(or $(CASES),2000) $(VENV)/peer/bin/datasette

$(VENV)/peer/.installed: requirements-bench.lock | $(VENV)/python-ok
	$(BIN)/python -m venv $(VENV)/peer
	$(VENV)/peer/bin/python -m pip --disable-pip-version-check --no-input install --quiet --require-hashes --requirement $<
	@touch $@

# What the leg of meaning costs at 3,000, 60,000 and 1,000,000 passages, beside NumPy (and FAISS, where it is
# installed): 10 minutes and 10 GB of memory, which the peers take.
bench-vectors: $(VENV)/.dev
	PYTHONPATH=. $(BIN)/python bench/vectors.py

# Draws the pictures of the documentation anew (needs Chromium).
screenshots: $(VENV)/.dev
	PYTHONPATH=. $(BIN)/python bench/screenshots.py

# Extracts kb/nlp/places.tsv.gz anew from the gazetteer of GeoNames.
gazetteer: | $(VENV)/python-ok
	$(PIP) --requirement requirements-gazetteer.lock
	PYTHONPATH=. $(BIN)/python bench/extract_places.py

# Looks up the words of all labels anew; needed after a label has been changed.
vocabulary: $(VENV)/.run
	$(BIN)/python -c "from kb import prepared; prepared.make()"
	$(BIN)/python indexer.py vocabulary

# Extracts the sentences of pages and code, and brings the catalogues up to them.
messages: $(VENV)/.dev
	PYTHONPATH=. $(BIN)/python bench/messages.py

# Computes the vectors that ship anew, where a text has changed: 4 minutes for all of them.
vectors: corpus-taken-in
	KB_DATA=$(VENV)/evaluation $(BIN)/python indexer.py vectors corpus kb/vocabulary

lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --quiet pyproject.toml --extra server --extra cluster --output-file requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --quiet pyproject.toml --extra semantic --extra server --extra cluster \
		--output-file requirements-semantic.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --quiet pyproject.toml --extra semantic --extra server --extra parquet --extra cluster --group dev \
		--output-file requirements-dev.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --quiet pyproject.toml --group gazetteer --output-file requirements-gazetteer.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --quiet --group bench --output-file requirements-bench.lock

clean:
	rm -rf $(VENV) data

$(VENV)/python-ok:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; this is $$($(PYTHON) --version). Try: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.run: requirements.lock requirements-semantic.lock | $(VENV)/python-ok
	@echo "Installing into $(VENV) ..."
	@$(PIP) --requirement requirements-semantic.lock || { \
		echo "The search by meaning could not be installed; going on without it."; \
		$(PIP) --requirement requirements.lock; }
	@touch $@

$(VENV)/.dev: requirements-dev.lock | $(VENV)/python-ok
	@echo "Installing into $(VENV) ..."
	@$(PIP) --requirement requirements-dev.lock
	@touch $@ $(VENV)/.run
