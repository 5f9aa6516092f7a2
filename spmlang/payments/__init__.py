"""From payouts to payments: what is paid when, and what is owed. Meaning: docs/decisions/0005-payments.md."""
