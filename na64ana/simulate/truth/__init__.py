"""What the particles of an event do before any detector measures it."""
