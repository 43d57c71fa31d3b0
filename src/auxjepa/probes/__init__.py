"""Frozen features and the heads that read them."""
