"""Every sentence the bot says to a person, in English. Plain, kind, short.

Said through bot.languages.Say, which translates: each stands in bot/locales/*.po too. What is in {braces} is filled in.
"""

# Answers, on the console and in Telegram

DOCUMENTS_SILENT = "The documents don't say."
UNCERTAIN = "I am not sure that this answers your question:"
CLOSEST = "What comes closest:"
SOURCES = "Sources"
CLOSE = "Close"
NO_SOURCES = "There are no documents yet. Their owner can add some and run: citegram index"
PAGE_NUMBER = "p. {page}"
ONE_DOCUMENT = "I answer from one document:"
DOCUMENTS = "I answer from {count} documents:"
AND_MORE = "… and {count} more."

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
    "/sources shows the documents that I answer from.\n"
    "/language changes the language that I speak."
)
COMMAND_ASK = "Ask a question (handy in groups)"
COMMAND_SOURCES = "The documents I answer from"
COMMAND_LANGUAGE = "The language I speak"
COMMAND_HELP = "How this works"
SHORT_DESCRIPTION = "I answer questions from my documents and prove every statement with the exact passage."
DESCRIPTION = (
    "Ask me a question, and I answer from my documents. Every statement comes with the exact passage that it stands "
    "on, and you can read it in its place. Where the documents don't hold the answer, I say so."
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
NO_ACCESS = "Sorry, this bot is not open to everyone. If you would like to use it, give its owner your id: {asker}"
NO_ACCESS_IN_GROUP = (
    "Sorry, this bot is not open to everyone. If you would like to use it, give its owner your id: {asker} "
    "(this group's: {chat})"
)
WENT_WRONG = "Sorry, something went wrong on my side. Please try again; if it stays, tell my owner this number: {error}"
DOCUMENTS_UNREADABLE = "Sorry, I can't read my documents just now. My owner can find out why with this number: {error}"
WHICH_LANGUAGE = "Which language shall I speak with you?"
SPEAKING = "I speak English with you now."

# Answers too long for messages

ANSWER_IN_FILE = "This is only the beginning; the whole answer is in the file below."
LIST_IN_FILE = "This is only the beginning; the whole list is in the file below."
