"""From electrons on target to a limit on a coupling; and the curves that others published."""
