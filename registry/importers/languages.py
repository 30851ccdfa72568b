"""Languages as catalogues write them → BCP 47: ISO 639 codes of two and three letters, regional tags, plain names."""

from __future__ import annotations

import re

# ISO 639-2: terminological code and the two-letter code that BCP 47 prefers where there is one
_TERMINOLOGICAL = """
    aar:aa abk:ab afr:af aka:ak amh:am ara:ar arg:an asm:as ava:av ave:ae aym:ay aze:az bak:ba bam:bm bel:be
    ben:bn bih:bh bis:bi bod:bo bos:bs bre:br bul:bg cat:ca ces:cs cha:ch che:ce chu:cu chv:cv cor:kw cos:co
    cre:cr cym:cy dan:da deu:de div:dv dzo:dz ell:el eng:en epo:eo est:et eus:eu ewe:ee fao:fo fas:fa fij:fj
    fin:fi fra:fr fry:fy ful:ff gla:gd gle:ga glg:gl glv:gv grn:gn guj:gu hat:ht hau:ha heb:he her:hz hin:hi
    hmo:ho hrv:hr hun:hu hye:hy ibo:ig ido:io iii:ii iku:iu ile:ie ina:ia ind:id ipk:ik isl:is ita:it jav:jv
    jpn:ja kal:kl kan:kn kas:ks kat:ka kau:kr kaz:kk khm:km kik:ki kin:rw kir:ky kom:kv kon:kg kor:ko kua:kj
    kur:ku lao:lo lat:la lav:lv lim:li lin:ln lit:lt ltz:lb lub:lu lug:lg mah:mh mal:ml mar:mr mkd:mk mlg:mg
    mlt:mt mon:mn mri:mi msa:ms mya:my nau:na nav:nv nbl:nr nde:nd ndo:ng nep:ne nld:nl nno:nn nob:nb nor:no
    nya:ny oci:oc oji:oj ori:or orm:om oss:os pan:pa pli:pi pol:pl por:pt pus:ps que:qu roh:rm ron:ro run:rn
    rus:ru sag:sg san:sa sin:si slk:sk slv:sl sme:se smo:sm sna:sn snd:sd som:so sot:st spa:es sqi:sq srd:sc
    srp:sr ssw:ss sun:su swa:sw swe:sv tah:ty tam:ta tat:tt tel:te tgk:tg tgl:tl tha:th tir:ti ton:to tsn:tn
    tso:ts tuk:tk tur:tr twi:tw uig:ug ukr:uk urd:ur uzb:uz ven:ve vie:vi vol:vo wln:wa wol:wo xho:xh yid:yi
    yor:yo zha:za zho:zh zul:zu
"""
# … and the bibliographic codes that libraries and ONIX (code list 74) use instead
_BIBLIOGRAPHIC = """
    tib:bo cze:cs wel:cy ger:de gre:el baq:eu per:fa fre:fr arm:hy ice:is geo:ka mac:mk mao:mi may:ms bur:my
    dut:nl rum:ro slo:sk alb:sq chi:zh
"""
# ISO 639-2 codes without a two-letter code, which BCP 47 takes as they are
_THREE_LETTERS = """
    ace ach ada ady afa afh ain akk ale alg alt ang anp apa arc arn arp art arw ast ath aus awa bad bai bal ban
    bas bat bej bem ber bho bik bin bla bnt bra btk bua bug byn cad cai car cau ceb cel chb chg chk chm chn cho
    chp chr chy cmc cnr cop cpe cpf cpp crh crp csb cus dak dar day del den dgr din doi dra dsb dua dum dyu efi
    egy eka elx enm ewo fan fat fil fiu fon frm fro frr frs fur gaa gay gba gem gez gil gmh goh gon gor got grb
    grc gsw gwi hai haw hil him hit hmn hsb hup iba ijo ilo inc ine inh ira iro jbo jpr jrb kaa kab kac kam kar
    kaw kbd kha khi kho kmb kok kos kpe krc krl kro kru kum kut lad lah lam lez lol loz lua lui lun luo lus mad
    mag mai mak man map mas mdf mdr men mga mic min mis mkh mnc mni mno moh mos mul mun mus mwl mwr myn myv nah
    nai nap nds new nia nic niu nog non nqo nso nub nwc nym nyn nyo nzi osa ota oto paa pag pal pam pap pau peo
    phi phn pon pra pro raj rap rar roa rom rup sad sah sai sal sam sas sat scn sco sel sem sga sgn shn sid sio
    sit sla sma smi smj smn sms snk sog son srn srr ssa suk sus sux syc syr tai tem ter tet tig tiv tkl tlh tli
    tmh tog tpi tsi tum tup tut tvl tyv udm uga umb und vai vot wak wal war was wen xal yao yap ypk zap zbl zen
    zgh znd zun zxx zza
"""
# What ONIX and Chinese booksellers add to ISO 639-2
_ADDED = {"cmn": "zh", "yue": "yue", "nan": "nan", "wuu": "wuu", "hak": "hak"}
_NAMES = {
    "english": "en", "英文": "en", "英语": "en", "英語": "en",
    "chinese": "zh", "中文": "zh", "汉语": "zh", "漢語": "zh", "华文": "zh",
    "simplified chinese": "zh-Hans", "chinese (simplified)": "zh-Hans", "简体中文": "zh-Hans", "简体": "zh-Hans",
    "traditional chinese": "zh-Hant", "chinese (traditional)": "zh-Hant", "繁體中文": "zh-Hant", "繁体中文": "zh-Hant",
    "繁體": "zh-Hant", "french": "fr", "français": "fr", "法语": "fr", "法文": "fr", "german": "de", "deutsch": "de",
    "德语": "de", "德文": "de", "spanish": "es", "español": "es", "西班牙语": "es", "italian": "it", "italiano": "it",
    "意大利语": "it", "portuguese": "pt", "português": "pt", "葡萄牙语": "pt", "russian": "ru", "русский": "ru",
    "俄语": "ru", "俄文": "ru", "japanese": "ja", "日本語": "ja", "日语": "ja", "日文": "ja", "korean": "ko",
    "한국어": "ko", "韩语": "ko", "韩文": "ko", "arabic": "ar", "阿拉伯语": "ar", "dutch": "nl", "nederlands": "nl",
    "swedish": "sv", "svenska": "sv", "danish": "da", "dansk": "da", "norwegian": "no", "norsk": "no",
    "finnish": "fi", "suomi": "fi", "polish": "pl", "polski": "pl", "czech": "cs", "čeština": "cs", "greek": "el",
    "latin": "la", "hebrew": "he", "turkish": "tr", "türkçe": "tr", "hungarian": "hu", "magyar": "hu", "hindi": "hi",
    "ukrainian": "uk", "українська": "uk", "vietnamese": "vi", "thai": "th", "indonesian": "id", "romanian": "ro",
    "catalan": "ca", "català": "ca",
}  # fmt: skip
# Codes that say no language: mul several, und undetermined, zxx none, mis uncoded
UNSPECIFIC = frozenset(("mul", "und", "zxx", "mis"))
_TAG = re.compile(r"([a-z]{2,3})(?:[-_]([a-z]{4}))?(?:[-_]([a-z]{2}|[0-9]{3}))?", re.IGNORECASE)


def _read_pairs(text: str) -> dict[str, str]:
    return {code: short for code, _, short in (pair.partition(":") for pair in text.split())}


_CODES: dict[str, str] = {
    **{code: code for code in _THREE_LETTERS.split() if code not in UNSPECIFIC},
    **{two: two for two in _read_pairs(_TERMINOLOGICAL).values()},
    **_read_pairs(_TERMINOLOGICAL),
    **_read_pairs(_BIBLIOGRAPHIC),
    **_ADDED,
}


def normalise_language(value: str) -> str | None:
    """The BCP 47 tag of a code or name, "" for one that says no language, None for what is not known."""
    known = _CODES.get(value)
    if known is not None:
        return known
    folded = " ".join(value.split()).casefold()
    if not folded or folded in UNSPECIFIC:
        return ""
    if folded in _NAMES:
        return _NAMES[folded]
    tag = _TAG.fullmatch(folded)
    language = _CODES.get(tag.group(1)) if tag else None
    if tag is None or language is None:
        return None
    script, region = tag.group(2), tag.group(3)
    return "-".join(part for part in (language, script and script.title(), region and region.upper()) if part)
