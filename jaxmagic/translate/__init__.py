"""``jaxmagic.translate(f)``: a sequential Python loop as ``lax`` loops, in readable Python."""
