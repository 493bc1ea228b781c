"""What is counted here, held against packages that know nothing of it: `python -m tests.oracles`, apart from the tests.

Each script runs in an environment of its own and compares layer by layer; every single figure is a cell.
"""
