"""Run the benchmark, `python3 -m tests.benchmarks [options]`, in an environment with all peers."""

import sys

from spmlang import bootstrap

if __name__ == "__main__":
    bootstrap.ensure("benchmarks")
    from tests.benchmarks.command import main

    sys.exit(main())
