"""What this registry says of its own pages: facts about works may be read, found and mined; nothing in them licenses a
work. The terms of works are their holders' and stand in their kits.
"""

from django.conf import settings

from licensing.formats import robots_kit, rsl_writing, tdmrep
from licensing.formats.policy import Effect, Policy, Rule, Written

PRIVATE = (
    "/account",
    "/admin/",
    "/api/",
    "/checks",
    "/clearances",
    "/imports",
    "/jobs",
    "/linkages",
    "/reports",
    "/verdicts",
)


def policy() -> Policy:
    """The one policy that all three files are written from."""
    facts = Rule(Effect.PREFER_ALLOW)
    return Policy((facts,), holder=settings.SITE_URL, holder_address=settings.SITE_URL)


def tdmrep_file() -> Written:
    """`/.well-known/tdmrep.json`."""
    return tdmrep.write(Policy(policy().rules))


def licence_file() -> Written:
    """`/license.xml`: RSL knows permissions, not wishes, so what is allowed is a permission that costs nothing."""
    permitted = Rule(Effect.PERMIT, uses=("search_index", "rag_grounding", "pretraining", "fine_tuning"))
    return rsl_writing.write(Policy((permitted,), holder_address=settings.SITE_URL))


def robots_file() -> Written:
    """`/robots.txt`: public pages for everybody; what belongs to organisations is asked for in vain anyway."""
    written = robots_kit.write(policy(), licence=f"{settings.SITE_URL}/license.xml")
    text = written.content.decode()
    refused = "".join(f"Disallow: {path}\n" for path in PRIVATE)
    return Written(text.replace("Allow: /\n", f"Allow: /\n{refused}", 1).encode(), written.content_type, "robots.txt")
