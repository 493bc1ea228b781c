"""Networks of packages on PyPI, told by their structure: `python -m tests.corpus` runs it, apart from the tests."""
