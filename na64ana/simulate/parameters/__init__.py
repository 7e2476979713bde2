"""Every number of the simulation, with its unit and where it comes from.

A number is a field annotated with its unit ("1" for a pure number) and its source. A source is

* a tag in brackets, or an arXiv number: read in a source (``[T]`` the 2023 talk of the
  collaboration; ``[C1]`` github Emejl07/NN-dimuon-DLS-NA64; ``[C2]`` a public analysis program
  based on p348reco; ``[C3]`` the public 2018 tree producer);
* ``R-H``, ``R-M``, ``R-L``: recalled from the literature with high, medium or low confidence,
  not read here; the reference to check follows;
* ``chosen``: neither; a value that makes the detector behave plausibly.

Nothing here is a measurement: with these parameters the simulation shows how an analysis
works, it does not predict rates.
"""
