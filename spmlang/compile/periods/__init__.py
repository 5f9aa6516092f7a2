"""Cut time into slices: runs of days within which nothing that a plan reads changes."""
