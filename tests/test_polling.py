from collections.abc import Callable

from bot.telegram.polling import Rivalry


def rivalry(times: list[float]) -> Callable[[], float]:
    ticking = iter(times)
    return Rivalry(lambda: next(ticking)).pause_or_leave


def leaves(times: list[float]) -> int:
    """How many conflicts at these times after the first request are borne before the process leaves."""
    pause_or_leave = rivalry([0.0, *times])
    for count in range(len(times)):
        try:
            pause_or_leave()
        except Exception:
            return count
    return len(times)


def test_the_poller_that_came_second_leaves_first() -> None:
    assert leaves([0.2, 1.4, 2.6, 3.8]) == 2


def test_the_poller_that_was_there_stays_longer() -> None:
    assert leaves([5.0, 6.1, 7.3, 8.5]) == 4
    assert leaves([5.0 + n / 10 for n in range(100)]) < 100


def test_conflicts_long_ago_are_forgotten() -> None:
    assert leaves([100.0 * n for n in range(1, 100)]) == 99
