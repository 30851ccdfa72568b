"""What words mean in titles and names: closed lists, in the folded spelling of `registry.folding`."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _listed(text: str) -> list[str]:
    return text.split()


ARTICLES = _words(
    "the a an le la les l un une der die das ein eine el los las il lo gli het een de den det en ett os o"
)
LEADING_ARTICLES = _words("the a an le la les un une der die das ein eine el los las il het een")
STOP = ARTICLES | _words(
    "of and in to for on with at by from or as is his her its their my our own "
    "und et y e i von van du des del della dem "
    "auf zu zur im à au aux con por para ou oder"
)
CUT_AND = {"&": "and", "und": "and", "et": "and"}

# What numbers a part of a whole; a number has to follow or, for ordinals, to stand before
UNITS = _words(
    "vol vols volume volumes v bd band baende tome tom tomo teil part parts pt pts parte partie book bk "
    "no nr num number "
    "numbers issue jaargang deel osa nide livre libro slice series reihe serie chapter chapters act cilt kotet "
    "liber pars tomus volumen livraison fascicule heft lieferung "
    "τομοσ μεροσ"
)
PART_UNITS = UNITS - {"series", "reihe", "serie"}
# … before which an ordinal may stand: "second series", "troisième partie", "zweiter Band"
AFTER_ORDINALS = UNITS - _words(
    "v vols volumes parts pts no nr num number numbers act chapters slice book bk livre libro issue"
)
# … before which a plain number is an ordinal: "2. Teil"
AFTER_NUMBERS = _words("bd band baende teil reihe serie heft jaargang osa nide kotet cilt")

NUMBER_WORDS = {
    word: number
    for number, word in enumerate(
        _listed(
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
            "seventeen eighteen nineteen twenty"
        )
    )
}
TENS = {word: 10 * number for number, word in enumerate(_listed("thirty forty fifty sixty seventy eighty ninety"), 3)}
ORDINALS = {
    word: number
    for number, word in enumerate(
        _listed("first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"), 1
    )
} | {f"{number}{ending}": number for number in range(1, 40) for ending in ("st", "nd", "rd", "th")}
ORDINALS |= {f"{number}{ending}": number for number in range(1, 40) for ending in ("e", "eme", "er", "ere", "re")}
ORDINALS |= {
    word: number
    for number, words in enumerate(
        (
            "erster erste erstes premier premiere primo prima primero primera primus primum πρωτοσ πρωτη",
            "zweiter zweite zweites seconde deuxieme secondo seconda segundo segunda secundus secunda secundum "
            "δευτεροσ",
            "dritter dritte drittes troisieme terzo terza tercero tercera terceiro tertius tertia tertium τριτοσ",
            "vierter vierte viertes quatrieme quarto quarta cuarto cuarta quartus quartum τεταρτοσ",
            "funfter funfte funftes cinquieme quinto quinta quintus quintum πεμπτοσ",
            "sechster sechste sechstes sixieme sesto sexto sextus sextum εκτοσ",
            "siebenter siebter siebente septieme settimo septimo septimus septimum εβδομοσ",
            "achter achte achtes huitieme ottavo octavo octavus octavum",
            "neunter neunte neuntes neuvieme nono noveno nonus nonum",
            "zehnter zehnte zehntes dixieme decimo decimus decimum",
        ),
        1,
    )
    for word in words.split()
}
MONTHS = {
    month: names.split()[0]
    for names in (
        "january janvier januar",
        "february fevrier februar",
        "march mars marz",
        "april avril",
        "may mai",
        "june juin juni",
        "july juillet juli",
        "august aout",
        "september septembre",
        "october octobre oktober",
        "november novembre",
        "december decembre dezember",
    )
    for month in names.split()
}
ROMAN = {
    roman: number
    for number, roman in enumerate(
        _listed(
            "i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx xxi xxii xxiii xxiv xxv "
            "xxvi xxvii "
            "xxviii xxix xxx"
        ),
        1,
    )
}
HAN_DIGITS = {char: number for number, char in enumerate("一二三四五六七八九十", 1)}

# Titles made of nothing else (beside the author's name) name no particular book
GENERIC = _words(
    "work works opera oeuvres werke obras complete collected collection selected selections select various new "
    "poems poem poetry poetical poesies gedichte verse novels novel romances romance stories story tales tale short "
    "plays play dramas dramatic comedies tragedies essays essay letters letter writings prose miscellaneous "
    "miscellany portable reader anthology omnibus library edition editions volume volumes best great greatest "
    "sketches speeches sermons memoirs autobiography biography diary journal journals papers fiction novellas "
    "novelettes three two four five 1 2 3 4 5 6 7 8 9 10 12 20 one first second series other more book books esq "
    "全集 文集 诗集 选集"
)
GENERIC_HAN = ("全集", "文集", "诗集", "选集", "作品集", "诗选", "文选", "小说集")

# A book about, from or beside another one
KIN = _words(
    "summary sparknotes cliffsnotes cliffs guide companion analysis workbook coloring colouring parody screenplay "
    "abridged abridgement retold adaptation adapted notes study index supplement continuation sequel sampler trivia "
    "journal planner calendar cookbook unauthorized unofficial review"
)
COLLECTION_OPENINGS = _words("and together also plus including containing comprising")

NOBODY = _words(
    "various anonymous anon unknown unbekannt none n/a na nan null various authors anonym 佚名 无名氏 不详 author "
    "verschillende varios diverse diversos divers anonyme anonymus anonimo desconocido inconnu incerti auctores autores"
)
HONORIFICS = _words(
    "sir dame lady lord mr mrs miss ms dr prof professor rev reverend baron baroness count countess comte comtesse "
    "duke duchess esq jr sr ii iii phd md saint st king queen prince princess bishop captain capt major col general "
    "marquis marquise vicomte viscount earl graf freiherr mme madame m abbe father fr hon pseud pseudonym author "
    "editor ed eds translator trans transl illustrator et al novelist bart the of"
)
# … which are surnames as well: Stephen King, Ellery Queen
SURNAMES_TOO = _words(
    "king queen prince bishop baron duke earl count major marquis father abbe saint lord general graf st captain ed"
)
PARTICLES = _words("de da do dos das del della di du des la le van von der den ter ten zu zum af av el al")
