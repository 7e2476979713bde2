"""What each detector measures of what the particles do."""
