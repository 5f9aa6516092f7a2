"""The project file `spm.yaml`: where the data files are, and what every column promises."""
