"""``%%jaxcompare n=10**1..10**7``: one comparison for every value of a variable.

>>> variable, values = parse_sweep("n=10**1..10**7", namespace)
>>> result = sweep_cell(cell, variable, values, namespace, compare)
>>> result.crossings, result.plot()
"""

from jaxmagic.compare.sweep.run import sweep, sweep_cell
from jaxmagic.compare.sweep.values import parse_sweep

__all__ = ["parse_sweep", "sweep", "sweep_cell"]
