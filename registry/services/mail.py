"""Mails of the site: plain text, and in every language of the site, for nobody knows which one the recipient reads."""

import logging
from collections.abc import Mapping
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation

logger = logging.getLogger(__name__)

BETWEEN_LANGUAGES = "\n\n" + "·" * 24 + "\n\n"


def compose(template: str, to: str, context: Mapping[str, Any], headers: dict[str, str] | None = None) -> EmailMessage:
    """A mail from `<template>_subject.txt` and `<template>_message.txt`; the language in use now comes first.

    A language without a translation of its own says the same again and is left out.
    """
    first = translation.get_language() or settings.LANGUAGE_CODE
    languages = sorted((code for code, _ in settings.LANGUAGES), key=lambda code: code != first)
    subjects, bodies = [], []
    for language in languages:
        with translation.override(language):
            subjects.append(" ".join(render_to_string(f"{template}_subject.txt", dict(context)).split()))
            bodies.append(render_to_string(f"{template}_message.txt", dict(context)).strip())
    subject = " · ".join(dict.fromkeys(subjects))
    body = BETWEEN_LANGUAGES.join(dict.fromkeys(bodies))
    return EmailMessage(subject, body + "\n", settings.DEFAULT_FROM_EMAIL, [to], headers=headers)


def send(message: EmailMessage) -> bool:
    """Hand a mail over; False when the mail server did not take it, which is logged without anybody's address."""
    try:
        message.send()
    except (SMTPException, OSError) as error:
        logger.error("a mail was not sent: %s", type(error).__name__)  # the error's text may quote the address
        return False
    return True
