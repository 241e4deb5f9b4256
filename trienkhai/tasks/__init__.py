"""Programmes and their tasks, the rule that says which units a task goes to, and the assignments it makes.

An assignment is one task in the hands of one unit. Its standing is never stored: it is a function of what is
stored and the day.
"""
