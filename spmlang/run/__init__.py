"""Open a project and its data, choose the pay periods, and run an engine."""
