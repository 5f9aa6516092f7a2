"""The project file `spm.yaml`: where the data files are, and which values each column may hold."""
