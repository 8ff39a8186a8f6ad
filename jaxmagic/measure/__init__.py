"""How anything is timed: rounds of slices, estimates, threads, memory and load of the machine.

The clock and the random order are arguments everywhere, so that tests own both.
"""
