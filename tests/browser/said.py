"""What a kernel says of records that would take hours: code that says so in its place."""

SAY = """\
import time
from comm import get_comm_manager

def batch(records, **fields):
    for comm in list(get_comm_manager().comms.values()):
        if comm.target_name == "jaxmagic.panel":
            session = comm._msg_callback.__self__._session
            comm.send({"ev": "batch", "session": session, "now_s": time.time(), "cleared": False,
                       "oldest": 1, "dropped": 0, "notes": [], "records": records, "cells": {},
                       "more": 0, **fields})
"""
MANY = """\
for start in range(1000, 11000, 500):
    batch([
        dict(number=n, function=["loss", "update", "solow"][n % 3], kind="user function",
             reason=dict(kind="shape", words=f"shape of x: float32[{n}], was float32[{n - 1}]",
                         changed="x", before=f"float32[{n - 1}]", after=f"float32[{n}]"),
             signature=f"x: float32[{n}]", cell=1, line=3, place="In[1]:3", again=True,
             trace_ms=1.0, lower_ms=2.0, compile_ms=n % 300, outcome="compiled", started_s=1.0)
        for n in range(start, start + 500)
    ])"""
