"""Explain a payout down to the source rows, and a source row up to the payees it credits."""
