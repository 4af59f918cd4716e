"""The chat on a terminal; without one, a question a line from stdin and plain answers to stdout."""
