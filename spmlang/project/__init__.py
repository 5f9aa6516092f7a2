"""The project file `spm.yaml`: where data lies and what every column promises."""
