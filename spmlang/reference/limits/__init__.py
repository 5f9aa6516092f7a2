"""Apply pools and contests, caps and budgets, in the order of docs/decisions/0002-meaning-of-a-run.md."""
