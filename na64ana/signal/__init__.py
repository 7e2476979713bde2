"""From beam particles to expected signal events: cross sections, showers, decays, yields."""
