"""What can happen to a beam particle: one function per process, true energies out."""
