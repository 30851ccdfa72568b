"""Layout of the letter table: one 32-bit entry a code point.

Bits 0–20 value, 21–22 kind, 24–26 word class. An alphabetic letter is one symbol, its folded code point (< 0x2E80). Any
other letter (Han, kana, …) is two symbols, so that one (k, w) serves both: lead `0x4000 | code >> 7` and trail
`0x8000 | code & 0x7F`. The mapping is injective, and a trail is recognised wherever one lands in the stream.
"""

CODE_POINTS = 0x110000
PAGE = 256
FIRST_PAIR = 0x2E80
TRAIL = 0x8000

KIND_SHIFT = 21
KIND_SINGLE, KIND_PAIR, KIND_EXPANSION = 0, 1, 2
VALUE_MASK = (1 << 21) - 1

WORD_SHIFT = 24
WORD_NONE, WORD_LETTER, WORD_APOSTROPHE, WORD_CHARACTER, WORD_TRANSPARENT = 0, 1, 2, 3, 4
