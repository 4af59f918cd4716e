"""What a look at one thing brought: that all is well, or what is wrong and what to do about it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """`name` is what was looked at. `advice` may be empty, where the sentence says it or nothing is to be done."""

    name: str
    ok: bool
    sentence: str
    advice: str = ""

    @property
    def told(self) -> str:
        return " ".join(filter(None, (self.sentence, self.advice)))
