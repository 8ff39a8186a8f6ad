"""What the compiler makes of a function, stage by stage."""
