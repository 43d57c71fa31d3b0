"""What a container or a batch system allows this process, as the doctor's checks ask for it."""

from auxjepa.control_groups import PROC, MemoryLimit, cpu_quota, memory_limit

__all__ = ["PROC", "MemoryLimit", "cpu_quota", "memory_limit"]
