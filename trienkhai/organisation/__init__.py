"""The organisation over time: levels, units, their dated versions, who is under whom on which days.

A unit is an identity that never changes; names, levels and parents are versions of it. PostgreSQL keeps every
version under a parent that exists on the same days, and `Ancestry` is derived from it.
"""
