"""The command `aformity`: one module per command.  It asks, shows and exits; the work is done elsewhere."""
