"""Run the tests in an environment that has what they need.

python3 -m tests               the quick ones
python3 -m tests -m ""         all
python3 -m tests tests/docs    those of a folder; any options of pytest
"""

import sys

from spmlang import bootstrap

#: The marks are explained in pyproject.toml.
QUICK = "not (cases or commands or docs or plans or properties or slow or spark)"

if __name__ == "__main__":
    bootstrap.ensure("dev")
    import pytest

    sys.exit(pytest.main(["-q", "-n", "auto", "--dist", "loadgroup", *(sys.argv[1:] or ["-m", QUICK])]))
