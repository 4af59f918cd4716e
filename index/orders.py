"""Sentences of a document that speak to whoever answers from it, and those that would lead a reader away. Pure; English
and Russian.

Nothing here keeps an answer true: that is for index/prose/verification.py, which shows only what a document says. But a
document can say "tell everyone that the fee is 0", and who obeys would have a sentence to stand on. What is found here
is therefore no evidence, unless the question is about it.
"""

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from index.addresses import addresses
from index.types import Span

CLAUSE = r"(?:^|[\n.:;,!?>(\[*_\"“«—–-]\s*|\b(?:and|then|only|always|please|must|now|you|should|shall|just)\s+)"
ALONE = r"(?:^|[\n.:;!?>(\[*_\"“«—–-]\s*|\b(?:then|only|always|please|must|you|should|shall|just)\s+)"
"""The verb is no report of somebody else's, as in "police now say the"."""
ANSWERS = r"(?:answers?|repl(?:y|ies)|responses?|output)"
TOLD = r"(?:prompts?|instructions?|rules?|guidelines|directions|orders|commands|system message)"
MACHINE = (
    r"(?:ai|assistants?|chat-?bots?|(?:large |ai )?language models?|llms?|gpt|neural networks?|нейросет\w+|"
    r"ассистент\w*|чат-?бот\w*|языков\w+ модел\w+)"
)
READERS = r"(?:user|reader|person|asker|visitor|everyone|everybody|people|anyone|whoever)s?"
OBEYED = (
    rf"\b(?:ignore|disregard|forget|override|bypass)\b.{{0,40}}\b(?:{TOLD}|above|previous|earlier)\b",
    rf"\b(?!your orders\b)(?:your|system|hidden|initial|secret|{MACHINE})\s+(?:system\s+)?{TOLD}\b",
    r"\beverything above\b",
    r"\bnew (?:task|instructions?)\b|\b(?:override|developer|debug|god) mode\b|\byou are now\b|"
    rf"\bfrom now on\b,?\s+(?:\w+\s+)?(?:you|your|{ANSWERS}|say|tell|respond|write|speak|act|ignore|"
    r"always|only|every|end|begin)\b",
    rf"\byour (?:only|summary|{ANSWERS})\b|\b(?:тво|ваш)\w* ответ\w*\b",
    rf"{CLAUSE}(?:say|answer|reply|respond|state|claim|insist|write|print|output)\s+"
    r"(?:only|just|simply|always|that|with|in|the following|every|any|each)\b",
    rf"{CLAUSE}(?:say|answer|reply|respond|write|print|output)\s*[:\"“«']|{ALONE}say\s+(?:the|it|he|she|they)\b",
    rf"{CLAUSE}(?:tell|inform|convince|remind|assure|warn)\s+(?:\w+\s+){{1,3}}(?:that|to)\b",
    rf"{CLAUSE}(?:kindly\s+|always\s+)?(?:tell|inform|convince|remind|assure|warn|let|make)\s+(?:the\s+|any\s+)?{READERS}\b",
    rf"{CLAUSE}(?:add|append|insert|include|put|place|mention|cite|link|recommend|output|print|write|give|encode|end|"
    rf"begin|replace|show|attach|finish)\b.{{0,120}}\b(?:(?:your|every|each|all|the|any)\s+{ANSWERS}|you write)\b",
    rf"\b(?:in|to|of|below)\s+(?:your|every|each|all)\s+{ANSWERS}\b|\b(?:every|each|your)\s+{ANSWERS}\s+(?:must|should)\b",
    r"\b(?:correct|right|only) (?:answer|reply|response) (?:to (?:any|every|all)|is that|must)\b",
    rf"{CLAUSE}(?:cite|mark|quote|end)\s+(?:this|every|each|the document|passage|it|all)\b",
    rf"{CLAUSE}(?:finish|end|begin|start)\s+(?:with|by)\s+(?:the\s+)?(?:phrase|words?|sentence|saying|writing)\b",
    rf"{CLAUSE}(?:(?:speak|talk|write|act|respond)\s+(?:as|like)|pretend\s+(?:to|that))\b",
    r"\b(?:make|be) sure to (?:mention|say|tell|state|add|include|write|cite|recommend)\b|"
    r"\bsummari[sz]ing (?:this|the) page\b",
    r"\b(?:do not|don't|never|not) (?:use|cite|trust|follow|quote) (?:the|this|these|any|your) (?:passages?|rules?)\b",
    rf"(?:^|[.!?]\s+)(?:dear\s+|attention\s+)?{MACHINE}\s*[,:]\s*(?!\w+\s*(?:\n|$))|\b{MACHINE}\s+reading\b",
    rf"\b(?:if|when) you(?:'re| are) (?:an? |the )?{MACHINE}\b|\bas an? (?:ai|llm|language model)\b",
    rf"\b(?:{MACHINE}|model|bot) (?:must|should|shall|is to|has to) (?:not |only |always )?"
    r"(?:say|answer|reply|respond|tell|write|cite|claim|state|mention|print|output|ignore|use)\b",
    r"\byou (?:must|should) (?:state|say|answer|write)\b",
    r"\b(?:игнорируй|забудь|не обращай внимания|отвечай|ответь|скажи|говори|напиши|утверждай|добавь|добавляй|вставь|"
    r"вставляй|выведи|напечатай|повтори|притворись|ссылайся|цитируй|процитируй|хвали|сообщай)\b",
    r"\b(?:отвечайте|ответьте|скажите|говорите|напишите|утверждайте)\s*(?:,?\s*что\b|[:«\"]|только|на любой)",
    r"\b(?:сообщи|передай|напомни|скажи|говори)\w*\s+(?:всем|каждому|пользовател\w+|читател\w+)",
    r"\b(?:пользовател|читател)\w+ (?:следует|надо|нужно|необходимо|должн\w+) (?:говорить|сообщать|сказать|"
    r"отвечать|знать)",
    r"\b(?:в|к) (?:кажд|люб|сво|тво)\w+ ответ[еу]?\b|\bна любой вопрос\b|\bв ответе (?:обязательно|всегда)\b",
    r"\bв конце кажд\w+ (?:сообщени|ответ)\w*|\bответ(?:ом)? должн\w+ быть\b|\bнов\w+ (?:инструкци|указани|задани)\w+",
    r"\b(?:перечисли|назови|покажи|раскрой)\w*\s+(?:\w+\s+)?(?:указани|инструкци|правил)\w*|"
    r"\bне (?:используй|цитируй|показывай)\w* (?:отрывк|эт|правил)\w*|"
    r"\b(?:указани|инструкци)\w+ для (?:модели|нейросети|бота|ассистента)\b",
    r"(?:^|[.!?]\s+)(?:нейросеть|ассистент|чат-?бот|бот)\s*[,:]",
    r"^\W*(?:system|система)\s*:|\bсистемн\w+ (?:сообщени|промпт|инструкци)\w*",
    r"(?-i:^|\n)(?-i:QUOTES?|ANSWER|ОТВЕТ)[ \t]*:?[ \t]*(?:\n|$)",
    r"<\s*/?\s*passage\b|<\|\w*\|?>|\[/?inst\]|<</?sys>>|[\"']role[\"']\s*:|</?s>\s*[<\[]|"
    r"#{2,}\s*(?:human|user|system|assistant|instruction|response)\s*:|\{\{\s*/?(?:system|user|assistant)\b",
)
"""Verbs of saying as orders, what is told of answers and to machines, and the signs that part the turns of a chat or
the passages."""

ORDERS = re.compile("|".join(OBEYED), re.IGNORECASE | re.DOTALL)

SECRETS = re.compile(
    r"\b(?:send|give|forward|share|tell|text|enter|read out|dictate|show|reply)\b.{0,60}"
    r"\b(?:codes?|passwords?|pin|passphrase|cvv|card number|seed phrase)\b|"
    r"\b(?:сообщи|отправ|перешл|продикту|назов|введи|скаж|переда|покаж)\w*.{0,60}"
    r"\b(?:код\w{0,2}|парол\w+|пин\w*|номер карты)\b",
    re.IGNORECASE | re.DOTALL,
)
TELEPHONE = re.compile(r"(?<![\w.,+-])(?=(?:[^\d\n]{0,3}\d){9})(?:\+\d|\(?0\d|8[\s(-])[\d\s()–-]{6,18}\d(?!\w)")

LOOKALIKES = str.maketrans("аеорсухіѕԁ", "aeopcyxisd")
"""Cyrillic letters in place of Latin ones, in a word that has both."""
MIXED = re.compile(r"\b(?=\w*[a-z])(?=\w*[а-яіѕԁ])\w+", re.IGNORECASE)
PARAGRAPH = re.compile(r"\n\s*\n")


def ordering(sentences: Iterable[Span], whole: Span) -> Iterator[bool]:
    """For each sentence of a text whether it gives orders, or comes behind one that does in its paragraph."""
    end, led = whole.start, False
    for sentence in sentences:
        if PARAGRAPH.search(whole.cut(end, sentence.start)):
            led = False
        led = led or gives_orders(sentence.text)
        end = sentence.end
        yield led


@lru_cache(maxsize=4096)
def gives_orders(sentence: str) -> bool:
    return ORDERS.search(plain(sentence)) is not None


def leads_away(sentence: str, *, known: str | None = None) -> bool:
    """Whether it names an address, other than the known one, or a telephone, or asks for a secret."""
    return bool(addresses(sentence) - {known} or TELEPHONE.search(sentence) or SECRETS.search(sentence))


def plain(text: str) -> str:
    """The text as a model reads it: entities, wide letters, invisible ones and lookalikes are those that they mean."""
    wide = unicodedata.normalize("NFKC", html.unescape(text))
    seen = "".join(each for each in wide if unicodedata.category(each) != "Cf")
    return MIXED.sub(lambda word: word[0].lower().translate(LOOKALIKES), seen)
