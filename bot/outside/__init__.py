"""The bot seen from outside: its state and its figures over HTTP, its questions as traces.

Each line imports only from the lines above it (tests/test_layers.py):

    metrics
    calls, observing, traces
    watch
    page
    outlook
"""
