"""Measurements, run by hand: speed and memory are told here and never asserted in a test."""
