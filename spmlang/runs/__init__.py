"""What people do with a program: open it, run it, explain it, test it, and keep what came out."""
