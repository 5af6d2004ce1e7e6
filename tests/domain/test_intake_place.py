"""Where files arrive besides the intake folder: a place, never a secret."""

import pytest
from pydantic import ValidationError

from aformity_pipelines.domain.customer import Intake


@pytest.mark.parametrize("url", ["s3://bucket/acme", "memory://acme", "sftp://files.example.com/acme/in@box"])
def test_a_place_is_a_url_that_fsspec_knows(url: str) -> None:
    assert Intake(url=url).url == url


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("bucket/acme", "names no place"),
        ("sftp://jo:secret@files.example.com/acme", "credentials come from the environment"),
        ("https://files.example.com/acme?sig=abc", "credentials come from the environment"),
        ("simplecache::s3://bucket/acme", "names no place"),
        ("s3://bucket::file://x", "a chain of places"),
    ],
)
def test_a_secret_or_a_chain_in_it_is_refused(url: str, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Intake(url=url)
