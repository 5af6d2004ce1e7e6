"""The site of all customers put together and published: from kept handoffs, the config and the log; no stage runs."""
