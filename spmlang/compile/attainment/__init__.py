"""Measures to date, rolled up along the reporting line, and the quotas that they are compared with."""
