"""Fingerprints: same inputs, same text; any difference shows."""

import hashlib
from pathlib import Path

import pytest

from aformity_pipelines.files.fingerprint import canonical_json, fingerprint, sha256_of


def test_where_a_part_ends_counts() -> None:
    assert fingerprint("ab", "c") != fingerprint("a", "bc")
    assert fingerprint("a") != fingerprint("a", "")


def test_a_text_is_its_utf8_bytes() -> None:
    assert fingerprint("é") == fingerprint("é".encode())


def test_a_file_has_the_hash_of_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"abc")
    assert sha256_of(tmp_path / "x") == hashlib.sha256(b"abc").hexdigest()


def test_json_has_one_form() -> None:
    assert canonical_json({"b": 1, "a": ["é", None]}) == '{"a":["é",null],"b":1}'


def test_json_has_no_nan() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json(float("nan"))
