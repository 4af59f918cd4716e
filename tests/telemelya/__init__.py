"""Telemelya (PyPI), a Bot API stand-in that others wrote, as a process of its own with what it needs beside it.

It lives in an environment of its own, made by `make stand-in`: it brings a web framework, Redis and S3 clients.
"""

from .server import Telemelya, said, whole_environment

__all__ = ["Telemelya", "said", "whole_environment"]
