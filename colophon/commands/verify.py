"""`colophon verify`: check a bundle, a receipt, an agreement's document or an audit's certificate, offline."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from colophon.commands.layout import add_command
from colophon.exits import CLEAR, FAILED, FINDINGS
from colophon.notices import print_json, tell

SUMMARY = "verify an evidence bundle, a receipt, an agreement or a certificate, offline"
DETAILS = """\
Checks every byte: files against the manifest, the manifest against the log, the log against the registry's signature.
The first thing that is wrong is named. Without --key only the bundle itself vouches for the key that signed it. Exit 0
verified, 1 not a valid bundle or does not verify, 2 cannot be opened. A receipt of a registered work (.json) is checked
in the same way: the record, its place in the log, the signature. Of an agreement (.jsonld) the signature is checked."""
EXAMPLE = """\
  colophon verify report.zip --key registry-key.txt
  colophon verify colophon-receipt-0123456789ab.json
  colophon verify colophon-agreement-0123456789ab.jsonld --key registry-key.txt"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = add_command(commands, "verify", SUMMARY, DETAILS, EXAMPLE)
    parser.add_argument("bundle", metavar="FILE", help="BUNDLE.zip, receipt.json, agreement.jsonld or certificate.json")
    parser.add_argument("--key", metavar="FILE", help="the registry's verifier key, obtained independently")
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Verify; the sentences are those of the verifier that travels inside each bundle."""
    from registry.merkle import bundle, certificate, receipt, signed_document  # noqa: PLC0415
    from registry.merkle.__main__ import is_receipt  # noqa: PLC0415

    if is_receipt(options.bundle):
        key = [] if options.key is None else [f"--key={options.key}"]
        flags = [*key, *(["--json"] if options.json else []), "--", options.bundle]
        if certificate.is_certificate(options.bundle):
            return certificate.main(flags)
        return (signed_document if signed_document.is_signed_document(options.bundle) else receipt).main(flags)
    if _is_pdf(options.bundle):
        return _refuse_pdf(options)
    if not options.json:
        key = [] if options.key is None else [f"--key={options.key}"]
        return bundle.main([*key, "--", options.bundle])
    try:
        pinned = None if options.key is None else read_key(options.key)
        print_json({"verified": True, **asdict(bundle.verify_bundle(options.bundle, pinned))})
    except bundle.BundleError as error:
        print_json({"verified": False, "file": error.file, "cause": error.cause})
        return FINDINGS
    except OSError as error:
        tell(f"{options.bundle}: cannot be opened: {error.strerror or error}")
        return FAILED
    return CLEAR


def _is_pdf(path: str) -> bool:
    try:
        with Path(path).open("rb") as stream:
            return stream.read(5) == b"%PDF-"
    except OSError:
        return False


def _refuse_pdf(options: argparse.Namespace) -> int:
    """Paper has no signature inside: the JSON-LD of an agreement has, and the registry knows the file."""
    cause = "a PDF is not verified offline: the registry's page /verify knows it, and its JSON-LD file is verified here"
    if options.json:
        print_json({"verified": False, "file": options.bundle, "cause": cause})
    else:
        tell(f"NOT VERIFIED: {options.bundle}: {cause}")
    return FINDINGS


def read_key(path: str) -> str:
    """A verifier key line from a file; CommandError where it is none."""
    from colophon.exits import CommandError  # noqa: PLC0415
    from registry.merkle.bundle import BundleError, parse_key  # noqa: PLC0415

    try:
        line = Path(path).read_text(encoding="utf-8").strip()
        parse_key(f"{line}\n".encode())
    except (OSError, UnicodeError) as error:
        raise CommandError(f"{path}: cannot be read: {error}") from error
    except BundleError as error:
        raise CommandError(f"{path}: {error.cause}") from error
    return line
