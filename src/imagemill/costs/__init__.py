"""Prices, quotas and estimates of cost."""
