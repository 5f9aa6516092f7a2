"""`python3 -m tests [pytest's options]`: the tests, in an environment that has what they need."""

import sys

from spmlang import bootstrap

if __name__ == "__main__":
    bootstrap.ensure("dev")
    import pytest

    sys.exit(pytest.main(["-q", "-n", "auto", "--dist", "loadgroup", *sys.argv[1:]]))
