"""spmlang: sales compensation plans as text files that are proven, run and explained to the cent."""

__version__ = "0.1.0"
