"""When later waves are tested again, and who is told outside of the project: `schedule` in defs.yaml.

No secret stands in a file: tokens and passwords are named by the environment variables that hold them.
"""

from enum import StrEnum
from ipaddress import ip_address
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, StringConstraints, model_validator
from pydantic import Field as Setting

from aformity_pipelines.domain.base import Document, Slug

Variable = Annotated[str, StringConstraints(pattern=r"^[A-Z_][A-Z0-9_]*$")]
"""Name of an environment variable."""
Address = Annotated[str, StringConstraints(pattern=r"^[^@\s<>,;]+@[^@\s<>,;]+$")]
"""One e-mail address, without a name."""


class Webhook(Document):
    """A service that gets every digest with news as JSON, by HTTP POST."""

    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s/@]+(/\S*)?$")]
    """http or https; where it moved to is never followed."""
    token_env: Variable | None = None
    """Environment variable whose text is sent as `Authorization: Bearer ...`: over https, or within this machine."""

    @model_validator(mode="after")
    def _tells_no_token_in_the_clear(self) -> Self:
        if self.token_env and self.url.startswith("http://") and not _is_this_machine(self.url):
            raise ValueError("a token is never sent in the clear; write `url` with https://")
        return self


def _is_this_machine(url: str) -> bool:
    """Whether what is sent to a URL never leaves this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


class MailSecurity(StrEnum):
    """How the connection to a mail server is protected."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class Mail(Document):
    """A mail server that takes every digest with news to its owner."""

    host: Annotated[str, StringConstraints(pattern=r"^\S+$")]
    port: int = Setting(default=587, ge=1, le=65_535)
    security: MailSecurity = MailSecurity.STARTTLS
    sender: Address = Setting(alias="from")
    to: dict[Slug, Address] = Setting(min_length=1)
    """Short name in `people` -> address; owners without one get no mail."""
    user_env: Variable | None = None
    """Environment variables that hold the user name and the password; left out, nobody signs in."""
    password_env: Variable | None = None

    @model_validator(mode="after")
    def _signs_in_wholly_or_not(self) -> Self:
        if (self.user_env is None) != (self.password_env is None):
            raise ValueError("`user_env` and `password_env` go together: name both, or neither")
        if self.user_env and self.security is MailSecurity.NONE:
            raise ValueError("a password is never sent in the clear; set `security` to starttls or tls")
        return self


class Notify(Document):
    """Where digests with news go besides their files; nowhere, unless it is said here."""

    webhook: Annotated[Webhook | None, BeforeValidator(lambda v: {"url": v} if isinstance(v, str) else v)] = (
        None
    )
    """A URL, or `url` and `token_env`."""
    email: Mail | None = None


class Schedule(Document):
    """When later waves are validated again, without exporting."""

    cron: str
    timezone: str = "UTC"
    """The zone that `cron` is written in, such as `Europe/Berlin`."""
    waves: Annotated[tuple[Slug, ...], BeforeValidator(lambda v: (v,) if isinstance(v, str) else v)]
    notify: Notify = Notify()
    """Owners get a digest after each re-validation, as a file; this sends it to them as well."""

    def addressees(self) -> tuple[str, ...]:
        """Return the short names of the people whose e-mail addresses are known."""
        return tuple(self.notify.email.to) if self.notify.email else ()
