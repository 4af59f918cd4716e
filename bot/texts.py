"""Every sentence the bot says to a person. Plain, kind, short."""

from datetime import date

# Answers, on the console and in Telegram

DOCUMENTS_SILENT = "The documents don't say."
UNCERTAIN = "I am not sure that this answers your question:"
CLOSEST = "What comes closest:"
SOURCES = "Sources"
CLOSE = "Close"
NO_SOURCES = "There are no documents yet. Their owner can add some and run: citegram index"


def page_number(page: int | str) -> str:
    return f"p. {page}"


def day(value: date) -> str:
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def documents(count: int) -> str:
    return "I answer from one document:" if count == 1 else f"I answer from {count} documents:"


def and_more(count: int) -> str:
    return f"… and {count} more."


# Telegram

START = (
    "Hello! Ask me a question, and I answer from my documents with the exact passage that each statement stands on. "
    "Tap a number under an answer to read it where it stands.\n\n/sources shows the documents, /help explains more."
)
HELP = (
    "Write your question as you would to a person. Each [n] in an answer points to a quote; tap its number below the "
    "answer to read the quote in its place, and tap again to close it. Where the documents don't hold the answer, "
    "I say so.\n\n"
    "In a group, mention me, reply to me, or write /ask and your question.\n"
    "If you edit a question, I answer it anew.\n\n"
    "👍 and 👎 tell my owner what to make better; the question is kept with them.\n\n"
    "/sources shows the documents that I answer from."
)
COMMANDS = (
    ("ask", "Ask a question (handy in groups)"),
    ("sources", "The documents I answer from"),
    ("help", "How this works"),
)
NO_QUESTION = "What would you like to know? Write your question in the same message."
TEXT_ONLY = "I can only read text. Please write your question in words."
UNKNOWN_COMMAND = "I don't know that command. /help shows what I can do."
ASK_AGAIN = "I no longer have that answer at hand. Please ask again."
SHOW_ANSWER = "Show the answer"
THUMBS_UP, THUMBS_DOWN = "👍", "👎"
THANKS = "Thank you!"
WHAT_IS_WRONG = "What is wrong with it?"
WRONG = "It is wrong"
BESIDE = "It does not answer my question"
MISSING = "Something is missing"
CONNECTION_BROKE = "My connection broke while I was answering. If no answer stands above, tap below."
CONNECTION_BROKE_LONG = "My connection broke while I was answering. If a part is missing above, please ask again."


def no_access(asker_id: int) -> str:
    return f"Sorry, this bot is not open to everyone. If you would like to use it, give its owner your id: {asker_id}"


def no_access_in_group(asker_id: int, chat_id: int) -> str:
    return f"{no_access(asker_id)} (this group's: {chat_id})"


def went_wrong(error_id: str) -> str:
    return (
        f"Sorry, something went wrong on my side. Please try again; if it stays, tell my owner this number: {error_id}"
    )


def documents_unreadable(error_id: str) -> str:
    return f"Sorry, I can't read my documents just now. My owner can find out why with this number: {error_id}"


# Starting `citegram bot`

NO_TOKEN = "TELEGRAM_BOT_TOKEN is not set. Ask @BotFather in Telegram for a token and put it into .env."
NO_SUCH_TOKEN = "TELEGRAM_BOT_TOKEN is no token such as 123456:ABC-DEF. Copy it anew from your chat with @BotFather."
TOKEN_REFUSED = "Telegram refused TELEGRAM_BOT_TOKEN. Check it against what @BotFather gave you, or ask for a new one."
ANOTHER_POLLER = "Another program is already running this bot. Stop that one first, or use a token of its own for each."
