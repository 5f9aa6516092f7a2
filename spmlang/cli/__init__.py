"""The command `spm`: thin faces over `runs` and `format`, one file a command."""
