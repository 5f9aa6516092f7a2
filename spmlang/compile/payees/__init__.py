"""Find the payees on each plan version in each slice, and the days that count for them."""
