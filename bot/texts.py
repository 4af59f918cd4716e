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
    "/language changes the language that I speak.\n"
    "/privacy tells what I keep about you, and how to delete it."
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

# Who may ask, how much, and what is kept about whom

ACCESS_CODE = (
    "This bot is not open to everyone. If you would like to use it, send this code to its owner, or to one of its "
    "admins: {code}\n\nIt is valid for a day. As soon as someone has let you in, I tell you here."
)
ASK_FOR_ACCESS = "This bot is not open to everyone. Write to me in private, and I tell you how you can get in."
ASK_FOR_ACCESS_IN_GROUP = (
    "This bot is not open to everyone. Write to me in private, and I tell you how you can get in. "
    "(For my owner: this group's id is {chat})"
)
ADMINS_ONLY = "Only my admins can do that."
ALLOW_HOW = (
    "Write /allow and the code that I gave to the person, or their id. With the word admin behind it they become an "
    "admin, who may let in others as well."
)
NO_SUCH_CODE = "I don't know that code, or it is older than a day. Whoever writes to me gets a new one."
TOO_MANY_CODES = "Those were too many wrong codes. Please try again in an hour."
LET_IN = "{person} may ask me now."
MADE_ADMIN = "{person} is an admin now."
TOLD_THEM = "I told them."
NOT_REACHED = "I could not tell them: they have blocked me, or never wrote to me."
IN_ALREADY = "{person} was in already; nothing changed."
YOU_ARE_IN = "You have been let in. Ask me a question, and I answer from my documents; /help explains more."
YOU_ARE_ADMIN = "You are an admin of this bot now. Ask me a question; /help tells what you can do besides."
HELP_FOR_ADMINS = (
    "As an admin you can do more:\n\n"
    "/allow and a code lets in the person to whom I gave it; it takes an id, too. With the word admin behind it they "
    "become an admin.\n"
    "/members shows who is in.\n"
    "/remove and an id puts someone out."
)
ADMINS_TITLE = "Admins"
MEMBERS_TITLE = "Members"
BY_SETTINGS = "{person}, by the settings"
SINCE_BY = "{person}, since {day}, let in by {admin}"
OPEN_TO_EVERYONE = "I am open to everyone: neither ALLOWED_USERS nor ALLOWED_CHATS is set."
REMOVE_HOW = "Write /remove and the id of the person; /members shows the ids."
SETTINGS_DECIDE = "{person} stands in the settings ADMINS or ALLOWED_USERS, and can be put out only there, by my owner."
PUT_OUT = "{person} is out."
NOT_IN = "{person} is not among the members."
NO_MORE_TODAY = "That was all for today: the most for each person is {most} a day. Please ask me again {when}."
COMMAND_PRIVACY = "What I keep about you"
KEEPS_ONE_DAY = "For {count} day I keep:"
KEEPS_DAYS = "For {count} days I keep:"
KEEPS_ANSWERS = "your questions and my answers to them, with your id and the chat's"
KEEPS_VOTES = "your votes with your id, and the questions that they are about"
KEEPS_COUNTS = "how many questions you ask on each day, if there is a limit"
KEEPS_CHATS = "since when I know your chat with me"
KEEPS_DENIALS = "that I told you that I am not open to you, if so"
KEEPS_OTHERWISE = "Apart from that:"
KEEPS_LANGUAGE = "the language that you chose, until you delete it"
KEEPS_CODES = "a code with your id, if you are not let in yet: for a day"
KEEPS_MEMBERS = "that you were let in, when and by which admin: until an admin puts you out"
KEEPS_NOT = "I keep neither your name nor what you write besides questions."
GOES_NOWHERE = "I look for the answer myself, and send your question to nobody."
GOES_TO_SERVER = "To find an answer, I send your question to the server {host}; whoever runs it can read it."
TELEGRAM_CARRIES = "Telegram carries our messages and keeps them, as with every bot."
LOGS_NO_WORDS = "My log may name a chat's id where a message could not be delivered, but never what was written."
LOGS_WORDS = "At the moment my log holds what people write to me, too: my owner is looking for a mistake."
OWNER_READS = "My owner can read what I keep. /delete_me deletes it, all but that you were let in."
DELETE_SURE = (
    "Shall I delete what I keep about you? The buttons below my earlier answers will no longer work. "
    "It cannot be undone."
)
DELETE_YES = "Delete it"
DELETE_NO = "Keep it"
DELETE_IN_PRIVATE = "Please write /delete_me to me in private. I then delete what I keep from this group, too."
DELETED = "It is deleted:"
DELETED_ANSWER = "{count} question with its answer"
DELETED_ANSWERS = "{count} questions with their answers"
DELETED_VOTE = "{count} vote"
DELETED_VOTES = "{count} votes"
DELETED_REST = "your language, and whatever else I had noted about you"
DELETED_NOT = (
    "If you were let in, you still are; an admin can put you out. Our messages are with Telegram: there you can delete "
    "them yourself."
)
DELETED_NOTHING = "I deleted nothing."
