"""Turn payouts into payments: the amounts paid in each pay period, and the balances after it.

Defined in docs/decisions/0005-payments.md.
"""
