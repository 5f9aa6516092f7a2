"""Benchmarks: the engine beside the SQL that an expert would write for the same payouts, in one process."""
