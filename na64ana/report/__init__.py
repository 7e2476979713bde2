"""Reports: renderings of records and of what stands below; they compute nothing."""
