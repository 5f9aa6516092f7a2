"""Credit source rows to payees by splits, territories and groups, and sum the credits per payee and slice."""
