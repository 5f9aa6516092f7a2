"""Measures to date and quotas of payees."""
