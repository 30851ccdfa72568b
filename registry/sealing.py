"""Sealing what only this site may read again: rows alone, as in a backup, open nothing."""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class NotOpened(ValueError):
    """It was sealed with another key, for another purpose, or damaged."""


def seal(content: bytes, *, purpose: str) -> bytes:
    """Encrypt with a key for this purpose that follows from TOKEN_PEPPER; → ASCII."""
    return _cipher(purpose).encrypt(content)


def unseal(sealed: bytes, *, purpose: str) -> bytes:
    """What was sealed for this purpose. Raises NotOpened."""
    try:
        return _cipher(purpose).decrypt(sealed)
    except InvalidToken:
        raise NotOpened(f"not sealed here for {purpose}") from None


def _cipher(purpose: str) -> Fernet:
    derived = HKDF(SHA256(), length=32, salt=None, info=purpose.encode()).derive(settings.TOKEN_PEPPER.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
