"""Small ONIX messages for tests."""

REFERENCE_NAMESPACE = "http://ns.editeur.org/onix/3.0/reference"
TITLE = (
    "<TitleDetail><TitleType>01</TitleType><TitleElement><TitleElementLevel>01</TitleElementLevel>"
    "<TitleText>Middlemarch</TitleText></TitleElement></TitleDetail>"
)


def message(*products: str, release: str = "3.0", namespace: str = REFERENCE_NAMESPACE, before: str = "") -> bytes:
    declared = f' xmlns="{namespace}"' if namespace else ""
    header = (
        "<Header><Sender><SenderName>Example Press</SenderName></Sender><SentDateTime>20260601</SentDateTime></Header>"
    )
    opened = f'<?xml version="1.0"?>{before}<ONIXMessage release="{release}"{declared}>'
    return f"{opened}{header}{''.join(products)}</ONIXMessage>".encode()


def product(
    reference: str = "r1",
    *,
    kind: str = "03",
    detail: str = TITLE,
    publishing: str = "",
    related: str = "",
    isbn: str = "",
) -> str:
    identifier = (
        f"<ProductIdentifier><ProductIDType>15</ProductIDType><IDValue>{isbn}</IDValue></ProductIdentifier>"
        if isbn
        else ""
    )
    return (
        f"<Product><RecordReference>{reference}</RecordReference><NotificationType>{kind}</NotificationType>{identifier}"
        f"<DescriptiveDetail>{detail}</DescriptiveDetail><PublishingDetail>{publishing}</PublishingDetail>{related}</Product>"
    )


def contributor(*, role: str = "A01", **elements: str) -> str:
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in elements.items())
    return f"<Contributor><ContributorRole>{role}</ContributorRole>{inner}</Contributor>"


def usage(kind: str, status: str) -> str:
    return (
        f"<EpubUsageConstraint><EpubUsageType>{kind}</EpubUsageType><EpubUsageStatus>{status}</EpubUsageStatus>"
        "</EpubUsageConstraint>"
    )


def licence(kind: str, address: str, dates: str = "") -> str:
    return (
        f"<EpubLicense><EpubLicenseName>Terms</EpubLicenseName><EpubLicenseExpression><EpubLicenseExpressionType>{kind}"
        f"</EpubLicenseExpressionType><EpubLicenseExpressionLink>{address}</EpubLicenseExpressionLink>"
        f"</EpubLicenseExpression>{dates}</EpubLicense>"
    )


def published(role: str, date: str, date_format: str = "00") -> str:
    return (
        f"<PublishingDate><PublishingDateRole>{role}</PublishingDateRole><DateFormat>{date_format}</DateFormat>"
        f"<Date>{date}</Date></PublishingDate>"
    )
