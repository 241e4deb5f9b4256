"""The demonstration: the real units of Viet Nam on 12 March 2021, a year's programme, and simulated work on it.

The structure is real; deadlines and targets are set for the demonstration; every report and decision is simulated,
from a fixed seed, and says so.
"""
