"""What particles do in matter and in magnets: showers, losses, pairs of muons, radiation."""
