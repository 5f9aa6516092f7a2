"""Measure the time and memory of commands on the worst files of up to 10 MB."""
