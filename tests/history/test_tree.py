from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from partner_compliance.history.tree import EMPTY_ROOT, append, leaf_hash, node_hash, root_hash, spans

#: Inputs and roots of the certificate-transparency project's reference tests.
REFERENCE_INPUTS = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]
REFERENCE_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def subtrees_of(entries: list[bytes]) -> list[bytes]:
    subtrees: list[bytes] = []
    for size, entry in enumerate(entries):
        append(subtrees, size, leaf_hash(entry))
    return subtrees


def root_by_definition(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 §2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return node_hash(root_by_definition(leaves[:split]), root_by_definition(leaves[split:]))


@pytest.mark.parametrize("size", range(1, 9))
def test_the_reference_vectors_of_certificate_transparency_give_their_roots(size: int) -> None:
    entries = [bytes.fromhex(entry) for entry in REFERENCE_INPUTS[:size]]
    assert root_hash(subtrees_of(entries)).hex() == REFERENCE_ROOTS[size - 1]


def test_an_empty_log_has_the_root_of_nothing() -> None:
    assert root_hash([]) == EMPTY_ROOT == sha256(b"").digest()


@given(st.lists(st.binary(max_size=40), max_size=70))
def test_the_root_is_that_of_the_definition_and_of_another_implementation(entries: list[bytes]) -> None:
    subtrees = subtrees_of(entries)
    other = InmemoryTree(algorithm="sha256")
    for entry in entries:
        other.append_entry(entry)
    assert root_hash(subtrees) == root_by_definition([leaf_hash(entry) for entry in entries]) == other.get_root()
    assert len(subtrees) == len(entries).bit_count()


@given(st.integers(0, 10**9))
def test_spans_cover_every_entry_once(size: int) -> None:
    covered = spans(size)
    assert len(covered) == size.bit_count()
    assert [start for start, _ in covered] == [0, *(end for _, end in covered)][: len(covered)]
    assert not covered or covered[-1][1] == size


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=40))
def test_each_hash_of_a_range_is_the_root_of_the_entries_it_spans(entries: list[bytes]) -> None:
    leaves = [leaf_hash(entry) for entry in entries]
    of_spans = [root_by_definition(leaves[start:end]) for start, end in spans(len(leaves))]
    assert subtrees_of(entries) == of_spans
