"""Credit source rows to payees, and find the rows that could credit some payees."""
