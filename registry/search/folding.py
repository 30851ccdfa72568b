"""The folding of search, which is `registry.folding`: linkage, which is pure, folds in the same way."""

from registry.folding import (
    CJK,
    CJK_RUN,
    MAX_TOKEN_CHARS,
    WORD,
    bigrams,
    fold,
    index_tokens,
    split,
    tokens,
)

__all__ = ["CJK", "CJK_RUN", "MAX_TOKEN_CHARS", "WORD", "bigrams", "fold", "index_tokens", "split", "tokens"]
