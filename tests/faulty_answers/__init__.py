"""Three hundred answers as a language model might write them, with known faults (README.md), over a real index."""

from .measuring import Answered, Case, Measure, answered, cases, measure

__all__ = ["Answered", "Case", "Measure", "answered", "cases", "measure"]
