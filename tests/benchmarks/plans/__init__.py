"""The plans of the benchmark, from simple to everything together; each folder holds a plan project and its peers."""
