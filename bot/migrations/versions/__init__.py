"""One file for each revision: CONTRIBUTING.md says how one is added."""
