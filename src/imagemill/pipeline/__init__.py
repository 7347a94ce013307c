"""From an S3 event to renditions and a record: gather facts, decide, apply."""
