"""The sender: it sees the outbox and the target, and cannot import anything else."""
