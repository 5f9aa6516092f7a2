"""Compare engines on generated projects: `python -m tests.fuzz --pairs 1000 --seed 1`."""
