"""Grants: a role under a unit for a range of dates.

From the grants of a user on a day comes the `Scope` that decides which rows they see and which verbs they may use.
"""
