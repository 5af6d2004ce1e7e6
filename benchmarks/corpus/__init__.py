"""How well intake reads files that nobody here wrote: `make corpus` prints the table, a naive reader beside ours."""
