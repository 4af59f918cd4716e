"""A clock that a test sets."""

from datetime import UTC, datetime, timedelta


class WallClock:
    def __init__(self, at: datetime = datetime(2026, 11, 5, 18, 50, tzinfo=UTC)) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, **span: float) -> None:
        """Of a timedelta: hours=5."""
        self.at += timedelta(**span)
