"""The people's side: command line, console and Telegram."""
