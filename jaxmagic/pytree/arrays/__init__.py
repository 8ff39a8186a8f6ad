"""What the arrays of a tree hold, and where they lie: read only when it is asked for."""
