"""Read data files into typed, proven tables, without guessing a value or dropping a row silently."""
