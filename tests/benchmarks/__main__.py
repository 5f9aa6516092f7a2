"""`python3 -m tests.benchmarks [options]`: the benchmark, in an environment that has everybody who is compared."""

import sys

from spmlang import bootstrap

if __name__ == "__main__":
    bootstrap.ensure("benchmarks")
    from tests.benchmarks.command import main

    sys.exit(main())
