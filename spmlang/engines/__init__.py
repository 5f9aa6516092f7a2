"""One meaning, several ways to run it: the exact reference interpreter and the SQL engines."""
