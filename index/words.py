"""Words of English and Russian that tell numbers and dates, and what a sentence claims of them."""


def listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Numbers, months and units
UP_TO_NINETEEN = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
ENGLISH = {word: number for number, word in enumerate(UP_TO_NINETEEN.split())} | {
    word: 10 * number for number, word in enumerate(TENS.split(), start=2)
}
RUSSIAN_FORMS = {
    0: "ноль ноля нуля", 1: "один одна одно одного одной одну одним одном",
    2: "два две двух двум двумя", 3: "три трёх трём тремя", 4: "четыре четырёх четырём четырьмя",
    5: "пять пяти пятью", 6: "шесть шести шестью", 7: "семь семи семью", 8: "восемь восьми восемью",
    9: "девять девяти девятью", 10: "десять десяти десятью", 11: "одиннадцать одиннадцати одиннадцатью",
    12: "двенадцать двенадцати двенадцатью", 13: "тринадцать тринадцати тринадцатью",
    14: "четырнадцать четырнадцати четырнадцатью", 15: "пятнадцать пятнадцати пятнадцатью",
    16: "шестнадцать шестнадцати шестнадцатью", 17: "семнадцать семнадцати семнадцатью",
    18: "восемнадцать восемнадцати восемнадцатью", 19: "девятнадцать девятнадцати девятнадцатью",
    20: "двадцать двадцати двадцатью", 30: "тридцать тридцати тридцатью", 40: "сорок сорока",
    50: "пятьдесят пятидесяти", 60: "шестьдесят шестидесяти", 70: "семьдесят семидесяти",
    80: "восемьдесят восьмидесяти", 90: "девяносто девяноста", 100: "сто ста", 200: "двести двухсот",
    300: "триста трёхсот", 400: "четыреста четырёхсот", 500: "пятьсот пятисот", 600: "шестьсот шестисот",
    700: "семьсот семисот", 800: "восемьсот восьмисот", 900: "девятьсот девятисот",
}  # fmt: skip
RUSSIAN = {form: number for number, forms in RUSSIAN_FORMS.items() for form in forms.replace("ё", "е").split()}
SMALL = ENGLISH | RUSSIAN
SCALES = {"hundred": 100, "dozen": 12, "дюжина": 12, "дюжины": 12, "дюжин": 12} | {
    form: 10**power
    for power, forms in {
        3: "thousand тысяча тысячи тысяч тысячу тысячам тысячами тыс",
        6: "million mn mln миллион миллиона миллионов миллионам млн",
        9: "billion bn миллиард миллиарда миллиардов млрд",
        12: "trillion триллион триллиона триллионов трлн",
    }.items()
    for form in forms.split()
}
TIMES_WORDS = {"once": (1, "time"), "twice": (2, "time"), "thrice": (3, "time")} | {
    "однажды": (1, "раз"), "дважды": (2, "раз"), "трижды": (3, "раз"), "четырежды": (4, "раз"),
}  # fmt: skip
"""How often, in a word."""

MONTHS = {
    form: number
    for number, forms in enumerate(
        (
            "january jan январь января январе янв", "february feb февраль февраля феврале фев февр",
            "march mar март марта марте мар",
            "april apr апрель апреля апреле апр", "may май мая мае", "june jun июнь июня июне июн",
            "july jul июль июля июле июл", "august aug август августа августе авг",
            "september sept sep сентябрь сентября сентябре сент", "october oct октябрь октября октябре окт",
            "november nov ноябрь ноября ноябре нояб", "december dec декабрь декабря декабре дек",
        ),
        start=1,
    )
    for form in forms.split()
}  # fmt: skip

UNITS = {
    form: unit
    for unit, forms in {
        "%": "percent процент процента процентов процентам",
        "$": "dollar dollars usd доллар доллара долларов",
        "€": "euro euros eur евро",
        "£": "pound pounds gbp фунт фунта фунтов",
        "₽": "rouble roubles ruble rubles rub рубль рубля рублей рублю руб",
        "km": "kilometre kilometres kilometer kilometers км километр километра километров",
        "m": "metre metres meter meters м метр метра метров",
        "cm": "centimetre centimetres centimeter centimeters см сантиметр сантиметра сантиметров",
        "mm": "millimetre millimetres millimeter millimeters мм миллиметр миллиметра миллиметров",
        "kg": "kilogram kilograms kilogramme kilogrammes кг килограмм килограмма килограммов",
        "g": "gram grams gramme grammes г грамм грамма граммов",
        "t": "tonne tonnes ton tons т тонна тонны тонн",
        "l": "litre litres liter liters л литр литра литров",
        "h": "hour hours hr hrs ч час часа часов",
        "min": "minute minutes мин минута минуты минут",
        "s": "second seconds sec сек секунда секунды секунд",
        "°": "degree degrees градус градуса градусов",
        "year": "years yr yrs год года лет",
        "раз": "раза",
    }.items()
    for form in (unit, *forms.split())
}
NO_UNIT = listed(
    "a an the of in on at by for from to with and or but as is are was were be been has have had that which who "
    "than per each every when while since until after before into over under between among it its their his her "
    "this these и или а но в во на из с со к ко о об от до по за у для при под над что это как же был была было "
    "были его её их не not if then also so"
)
"""Words after a number that it does not count."""

# Claims

FILLING = listed(
    "a an the of in on at by for from to into onto with within and or as is are be been being am has have having "
    "do does that which who whom there here its their his her our your my this these those it they he she we you "
    "i than then so too very just per each about around approximately roughly nearly almost some circa и а в во "
    "на из с со к ко о об от до по за у для при над под через что это этот эта эти как же ли бы есть он она оно "
    "они мы вы я его её ее их наш ваш свой который которая которое которые около примерно приблизительно почти "
    "год года году годе г гг"
)
"""Words that two sentences need not share. Of other languages every word counts."""

MATTERING = listed(
    "not no never neither nor without only was were had did would will shall should could can may might must if "
    "unless although though but however не ни нет никогда без только лишь был была было были будет будут если "
    "хотя однако может могут должен должна можно"
)
"""Words that both have or none: with them it is another claim, or one of another time."""

WAS = listed("was were был была было были")

QUALIFYING = listed(
    "another other others second third next last previous former latter first new old additional extra more "
    "further also again still both each every some many most few several all any either half average mean median "
    "maximum minimum total sum spring summer autumn fall winter morning afternoon evening night daily weekly "
    "monthly yearly annual monday tuesday wednesday thursday friday saturday sunday weekday weekdays weekend "
    "weekends holiday holidays today yesterday tomorrow now then today's currently formerly originally initially "
    "eventually later earlier recently before after during until till since while when where planned expected "
    "estimated projected proposed reported adult adults child children member members male female men women boys "
    "girls north south east west northern southern eastern western upper lower left right inner outer student "
    "students pensioners senior except excluding including besides plus minus outside inside early late mid "
    "другой другая другое другие второй вторая третий третья следующий прошлый последний первый первая новый "
    "новая старый старая ещё еще также снова оба обе каждый каждая каждую некоторые многие все всего любой "
    "средний среднем максимум минимум весной летом осенью зимой весна лето осень зима утром днём днем вечером "
    "ночью ежедневно ежегодно понедельник вторник среду среда четверг пятницу пятница субботу суббота "
    "воскресенье выходные праздники сегодня вчера завтра сейчас теперь раньше позже потом затем недавно до после "
    "во время пока когда где планируется ожидается взрослые взрослых дети детей мужчины женщины северный южный "
    "восточный западный верхний нижний левый правый кроме"
)
"""Words that say for when, for whom or of which it holds: one of them in but one of two sentences makes them differ."""

SAME = {
    same: words[0]
    for words in (
        ("found", "founded", "established", "instituted"),
        ("build", "built", "constructed", "erected"),
        ("inhabitant", "inhabitants", "residents"),
        ("begin", "begins", "starts", "commences"),
        ("cost", "costs", "price", "priced"),
        ("close", "closes", "shuts"),
        ("основан", "основан", "основана", "основано", "основали", "учреждён", "учреждена", "учредили"),
        (
            "построен",
            "построен",
            "построена",
            "построено",
            "построили",
            "возвели",
            "возведён",
            "возведена",
            "соорудили",
        ),
        ("стоит", "стоит", "стоят", "обходится"),
    )
    for same in words[1:]
}
"""Words for the same, by how they are written."""

KINDS_OF_DOCUMENT = listed(
    "about article brochure bulletin catalogue facts faq file guide guidelines handbook history index info "
    "information introduction leaflet letter list manual minutes news newsletter note notes notice overview page "
    "paper plan policy press readme regulations release report rules schedule summary timetable visitor visitors "
    "welcome history text брошюра буклет бюллетень вестник информация история каталог новости о обзор отчёт "
    "отчет памятка письмо план положение правила протокол путеводитель расписание руководство сведения справка "
    "справочник статья"
)
"""Words of a title that tell what sort of document it is, and not what it is about."""
