"""Tests of the grammar, the lossless tree and the messages about plan text."""
