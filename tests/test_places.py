from bot.telegram.places import Place


def test_general_is_named_for_typing_only() -> None:
    assert Place(1, thread=7).typing_thread == 7
    assert Place(1, is_general=True).typing_thread == 1
    assert Place(1).typing_thread is None
