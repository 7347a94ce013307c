"""Facts and pure decisions about images: events, keys, records, sequencers, metadata."""
