"""Plan text becomes one typed, checked `Program`: names, types, time and tables are proven here."""
