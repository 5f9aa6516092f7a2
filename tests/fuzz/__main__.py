"""Run the fuzzer: `python -m tests.fuzz --pairs N --seed S` compares the reference with another engine."""

import sys

from spmlang import bootstrap

if __name__ == "__main__":
    bootstrap.ensure("dev")
    if "spark" in sys.argv or "--engine=spark" in sys.argv:
        bootstrap.ensure("spark")
    from .command import main

    sys.exit(main(sys.argv[1:]))
