"""The plans of the benchmark, from simple to complex. Each folder holds a plan project and its peers."""
