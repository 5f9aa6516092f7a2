"""Tests of source text and diagnostics."""
