"""The worker process: renders image after image, and may reach nothing but its two ends."""
