"""What the folder of a pretraining run says of the run: its checkpoints, its summary, whether it is finished.

Imports no torch.
"""
