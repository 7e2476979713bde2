"""na64ana: from NA64 ntuples to exact cutflows."""
