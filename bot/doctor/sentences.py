"""Every sentence that only `citegram doctor` says; what other commands say too stands where they have it.

Where there are two under one name, the second is what to do.
"""

from pydantic import AnyHttpUrl

SETTINGS = "Every value is allowed; .env is {there}."
NO_SUCH_SETTING = "{name} in .env is no setting."
MISSPELT = "Did you mean {meant}?"
BROKEN = "This could not be looked into ({error})."
BROKEN_ADVICE = "With LOG_LEVEL=DEBUG the log says more."

DOCUMENTS = "{documents} in {folder}."
NO_DOCUMENTS = "The documents folder {folder} holds no document."
NO_DOCUMENTS_ADVICE = "Add some; the README lists the types that are read."
LEFT_OUT = "{files} left out: {reasons}."
LEFT_OUT_ADVICE = "Mend or remove them, or name them in .citegramignore."
AND_MORE = "and {count} more, which citegram status names"
CHANGED = "{files} not as when the index was made: {names}."
CHANGED_ADVICE = "Run: citegram index"
INDEX = "{documents}, {passages}, made {moment} with {model}."
EMBEDDER = "{name} makes vectors of {dimension} numbers, of a question in {seconds:.2f} s."
UNFIT = "{name} made a vector of {length} numbers of a question, where the index needs {dimension}."
UNFIT_ADVICE = "Run citegram index, and look into EMBED_MODEL if it stays."
READER = "It reads a passage in {seconds:.2f} s."
READER_OFF = "It is switched off (READER): answers come faster, without short answers, and are right less often."

DATA_FOLDER = "{folder} can be written, with {free} MB free."
DATA_FOLDER_TO_COME = "{folder} is not there yet, and can be made, with {free} MB free."
UNWRITABLE = "The data folder {folder} cannot be written ({reason})."
UNWRITABLE_ADVICE = "Make it writable, or set DATA_DIR."
NO_ROOM = "There are {free} MB free where {folder} lies; a rebuild needs {needed}, since it writes the index anew."
NO_ROOM_ADVICE = "Make room, or set DATA_DIR to a folder on another disk."
SERVER = "{place} holds the index, and answers in {seconds:.2f} s."
DATABASE = "It opens."
DATABASE_TO_COME = "It is not there yet; the bot makes it when it starts."

NO_TOKEN = "TELEGRAM_BOT_TOKEN is not set, so that there is only the console."
TELEGRAM = "The bot is @{name}."
REFUSED_TOKEN = "{where} does not know TELEGRAM_BOT_TOKEN."
REFUSED_TOKEN_ADVICE = "Check it against what @BotFather gave you, or ask for a new one."
TELEGRAM_UNREACHABLE = "{where} cannot be reached, or does not answer as Telegram does ({reason})."
TELEGRAM_UNREACHABLE_ADVICE = "See whether this machine has a network, and check TELEGRAM_API_URL if you set it."
TELEGRAM_LIMITED = "{where} asks to wait {seconds:.0f} s."
TELEGRAM_LIMITED_ADVICE = "Try again later."
SEES_ALL = "Privacy mode is off: the bot sees every message of its groups, and can answer always (/mode)."
SEES_SOME = "Privacy mode is on: in groups the bot sees commands, mentions and replies to it."
SEES_SOME_ADVICE = (
    "That is enough to be asked. To let it answer always (/mode), make it an administrator of the group, or turn "
    "privacy mode off with @BotFather (Bot Settings → Group Privacy) and add it to the group anew."
)
POLLS = "No webhook is set: the bot asks for what people write."
WEBHOOK_TO_COME = "WEBHOOK_URL is set, and Telegram does not know it yet; citegram bot --webhook tells it."
FOREIGN_WEBHOOK = "A webhook is set, to {host}, and WEBHOOK_URL is not."
FOREIGN_WEBHOOK_ADVICE = (
    "If another program of yours uses it, get a token of its own for each. If none does, start citegram bot: it takes "
    "the webhook away."
)
OTHER_WEBHOOK = "Telegram calls another address, at {host}, than WEBHOOK_URL."
OTHER_WEBHOOK_ADVICE = "Start anew: citegram bot --webhook"
WEBHOOK = "Telegram calls WEBHOOK_URL; {waiting} updates wait."
WEBHOOK_FAILED = "Telegram could not deliver to WEBHOOK_URL ({said}); {waiting} updates wait."
WEBHOOK_FAILED_ADVICE = "See that citegram bot --webhook runs, and that your proxy passes that address on to PORT."

NO_WRITER = "None is set (LLM_MODEL): answers are by quotation."
WRITES = "{model} wrote a cited answer in {seconds:.1f} s ({asked} tokens read, {written} written)."
FORMLESS = "{model} wrote ({seconds:.1f} s, {written} tokens), but nothing that stands: answers will be by quotation."
FORMLESS_ADVICE = "It may be too small a model to keep to a form. Try another one (LLM_MODEL)."
NONSENSE = "{model} at {where} said nothing that could be used: answers will be by quotation."
NONSENSE_ADVICE = "Check that LLM_BASE_URL speaks the protocol, or try another model (LLM_MODEL)."
UNREACHABLE = "{model} could not be reached at {where}, or its server failed."
UNREACHABLE_ADVICE = "See whether the server runs, and check LLM_BASE_URL."
REFUSED = "{where} refused the request to {model}."
REFUSED_ADVICE = "Check LLM_API_KEY and LLM_MODEL."
KEYLESS_ADVICE = "Check LLM_MODEL; LLM_API_KEY is not set, and it may ask for one."
LIMITED = "{where} takes no more requests just now."
LIMITED_ADVICE = "Try again later, or see whether your quota there is used up."
SLOW = "{model} at {where} did not write within {timeout:g} s."
SLOW_ADVICE = (
    "A model that is loaded at the first question may be quicker at the next: try again. Else set LLM_TIMEOUT."
)


def place(url: AnyHttpUrl) -> str:
    """Where a server is, without what may be secret in its address."""
    return f"{url.host}:{url.port}"
