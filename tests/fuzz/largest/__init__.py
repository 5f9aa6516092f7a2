"""The worst that files of up to 10 MB may hold: what a command takes for each is measured."""
