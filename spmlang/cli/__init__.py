"""The command `spm`: one file for each command, with its text and JSON output."""
