"""Renderings of records: text, LaTeX, CSV, HTML. They compute nothing."""
