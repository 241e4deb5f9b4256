"""What `trienkhai measure` runs: each hot path of the system beside its twin, plain SQL that does the same work.

Path and twin work on one server with the guarantees of a lasting one, on tables with the same keys and indexes,
in turns; what both have left is compared, so that a twin which does less work is found out.
"""
