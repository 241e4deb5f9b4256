"""What units report, with proof, and what the level above decides; and the ledger that counts it all.

Every figure is a sum of ledger entries, exact at every moment and for every past day.
"""
