"""Frozen features and the heads that classify them."""
