"""Credit source rows to payees by splits, territories and groups, and sum the credits.

Sums are per payee and slice.
"""
