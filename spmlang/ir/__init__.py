"""The relational form: a small closed language of tables and exact whole numbers, made from `Program`, run by SQL engines."""
