"""Networks of packages on PyPI, told by their structure: `python -m tests.corpus` runs it, apart from the tests."""

RESULTS = ("corpus.md", "corpus-live.md")
"""What a run writes into `sample_output/`: of networks written as files, and of modules read live."""
