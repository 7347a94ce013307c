"""AWS behind interfaces: buckets, tables, queues, the event bus and presigned URLs."""
