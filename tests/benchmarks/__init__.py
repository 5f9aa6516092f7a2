"""Compare the engine with the SQL that an expert would write for the same payouts, in one process."""
