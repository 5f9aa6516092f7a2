"""Which payees are on which plan version in which slice, and the days that count for them."""
