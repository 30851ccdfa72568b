"""A small evidence bundle, proven by a small log."""

import functools

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.merkle import bundle, bundle_writer, checkpoint, tree

LOG_NAME = "registry.example/log"
LOG_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
VERIFIER_KEY = checkpoint.verifier_key(LOG_KEY, LOG_NAME)
MEMBERS = {
    "report.pdf": b"%PDF-1.7 a report",
    "findings.jsonl": '{"work":"w1","title":"红楼梦"}\n'.encode(),
    "passages/w1.html": b"<p>side by side</p>",
    "passages/红楼梦.html": b"<p>two</p>",
    "empty.txt": b"",
}
EARLIER_LEAVES = [b'{"kind":"grant.recorded","n":%d}' % number for number in range(11)]
FACTS = {3: EARLIER_LEAVES[3], 7: EARLIER_LEAVES[7]}


def log_evidence(manifest, *, key=LOG_KEY, later=2, report_leaf=None):
    """What the log gives for a report's manifest: eleven entries before it, `later` after it."""
    leaf = bundle_writer.report_leaf(manifest, kind="report.issued") if report_leaf is None else report_leaf
    leaves = [*EARLIER_LEAVES, leaf, *(b'{"n":%d}' % number for number in range(later))]
    size = len(leaves)
    node = tree.memory_nodes(map(tree.leaf_hash, leaves))

    def prove(index):
        return bundle_writer.ProvenEntry(index, leaves[index], tuple(tree.inclusion_path(index, size, node)))

    return bundle_writer.LogEvidence(
        checkpoint=checkpoint.sign(LOG_NAME, size, tree.root_at(size, node), key, LOG_NAME),
        verifier_key=checkpoint.verifier_key(key, LOG_NAME),
        tree_size=size,
        report=prove(11),
        facts=tuple(prove(index) for index in FACTS),
    )


def write(path, members=None, **options):
    members = MEMBERS if members is None else members
    manifest = bundle_writer.manifest_bytes(members, facts=FACTS, about=options.get("about"))
    return bundle_writer.write_bundle(path, members, log=log_evidence(manifest), **options)


@pytest.fixture(scope="session")
def bundle_bytes(tmp_path_factory):
    path = tmp_path_factory.mktemp("bundle") / "evidence.zip"
    write(path, timestamps=[b"a token"])
    return path.read_bytes()


@pytest.fixture
def fast_signatures(monkeypatch):
    """The same signature is checked once, not thousands of times; every other one is checked as ever."""
    monkeypatch.setattr(bundle, "verify_ed25519", functools.cache(bundle.verify_ed25519))
