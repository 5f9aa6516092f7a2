"""Which payees are on which plan version, when."""
