"""The parts of a launch record, each its own type; `domain.launch_record` puts them together."""
