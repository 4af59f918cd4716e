"""Which citegram this is. pyproject.toml says the same (tests/test_versions.py)."""

VERSION = "0.1.0"
