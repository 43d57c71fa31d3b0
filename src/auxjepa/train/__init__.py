"""Pretraining: the loop, schedules, checkpoints and the collapse monitor."""
