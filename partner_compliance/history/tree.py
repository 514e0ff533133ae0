"""The Merkle tree over a log's entries: leaf, node and root hashes, and appending without reading old entries.

A log of `size` entries is remembered as its compact range: the roots of the perfect subtrees that cover it,
largest first, one for each bit set in `size`. Source: RFC 6962 §2.1.
"""

from collections.abc import Sequence
from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one entry (RFC 6962 §2.1)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash that joins two subtrees (RFC 6962 §2.1)."""
    return sha256(b"\x01" + left + right).digest()


def append(subtrees: list[bytes], size: int, leaf: bytes) -> None:
    """Add one leaf hash to the compact range of a log that had `size` entries; changes the list in place."""
    while size & 1:
        leaf = node_hash(subtrees.pop(), leaf)
        size >>= 1
    subtrees.append(leaf)


def root_hash(subtrees: Sequence[bytes]) -> bytes:
    """The root of the whole tree, from its compact range (RFC 6962 §2.1)."""
    if not subtrees:
        return EMPTY_ROOT
    root = subtrees[-1]
    for subtree in reversed(subtrees[:-1]):
        root = node_hash(subtree, root)
    return root


def spans(size: int) -> list[tuple[int, int]]:
    """Which entries, from the first to before the last number, each hash of a compact range covers."""
    covered, start = [], 0
    for bit in reversed(range(size.bit_length())):
        if size >> bit & 1:
            covered.append((start, start + (1 << bit)))
            start += 1 << bit
    return covered
