"""Digests with news sent to a webhook or by e-mail: off unless defs.yaml says where, and at most once each.

Before anything is sent, a file beside the digest says that it is being sent; whoever finds that file never sends it
again, even where the machine died in between.  A failure is told and stops nothing.  No redirect is followed, no proxy
of the surroundings used, and no address of a hook stands in what is told.
"""

import json
import smtplib
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, time
from email.message import EmailMessage
from email.utils import format_datetime
from functools import partial
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path

from aformity_pipelines.domain.base import Document
from aformity_pipelines.domain.revalidation import Revalidation
from aformity_pipelines.domain.schedule import Mail, MailSecurity, Notify, Webhook
from aformity_pipelines.files.atomic import write_bytes
from aformity_pipelines.files.fingerprint import fingerprint
from aformity_pipelines.stages.revalidation.digests import Digest, digests_of, write_digests
from aformity_pipelines.stages.revalidation.posting import posted
from aformity_pipelines.stages.run import Run

Secrets = Callable[[str], str | None]
"""Name of an environment variable -> its text, or None."""
SECONDS = 10
"""That a server has to answer."""
BEGUN, SENT = "begun", "sent"


class Sending(Document):
    """What became of one digest at one hook."""

    owner: str
    hook: str
    """`webhook` or `email`."""
    outcome: str
    """`sent`, or why it was not, without secrets."""

    @property
    def is_sent(self) -> bool:
        """Whether the server took it."""
        return self.outcome == SENT


class NotSent(Exception):
    """A hook did not take a digest; the message says why, without secrets."""


class NotTried(Exception):
    """Nothing left the machine, so that it can be sent later; the message says what is missing, without secrets."""


def send_digests(run: Run, record: Revalidation, secrets: Secrets) -> tuple[Sending, ...]:
    """Send every digest with news to the hooks that defs.yaml names; return what was tried now, by owner.

    The caller holds the customer's lock.  What was begun before is not tried again, whatever came of it; where a secret
    is not set nothing begins.
    """
    hooks = _hooks(run, record, secrets)
    if not hooks:
        return ()
    folder = write_digests(run, record)
    return tuple(
        sending
        for digest in digests_of(run, record)
        if digest.has_news
        for hook, send in hooks.items()
        for sending in _once(folder, digest, hook, send)
    )


def _hooks(run: Run, record: Revalidation, secrets: Secrets) -> dict[str, Callable[[Digest], None]]:
    """Return the hooks that defs.yaml names, by name; none where it names none."""
    schedule = run.migration.customer.schedule
    notify = schedule.notify if schedule else Notify()
    hooks: dict[str, Callable[[Digest], None]] = {}
    if notify.webhook:
        hooks["webhook"] = partial(_post, run, record, notify.webhook, secrets)
    if notify.email:
        hooks["email"] = partial(_mail, run, record, notify.email, secrets)
    return hooks


def _once(folder: Path, digest: Digest, hook: str, send: Callable[[Digest], None]) -> list[Sending]:
    marker = folder / f"{digest.slug}.sent.json"
    told: dict[str, str] = json.loads(marker.read_bytes()) if marker.is_file() else {}
    if hook in told:
        return []
    _mark(marker, told | {hook: BEGUN})
    try:
        send(digest)
        outcome = SENT
    except NotTried as why:
        _unmark(marker, told)
        return [Sending(owner=digest.owner, hook=hook, outcome=str(why))]
    except NotSent as why:
        outcome = str(why)
    _mark(marker, told | {hook: outcome})
    return [Sending(owner=digest.owner, hook=hook, outcome=outcome)]


def _mark(marker: Path, told: dict[str, str]) -> None:
    write_bytes(marker, json.dumps(told, indent=1, sort_keys=True, ensure_ascii=False).encode() + b"\n")


def _unmark(marker: Path, told: dict[str, str]) -> None:
    """Put back what was told before."""
    if told:
        _mark(marker, told)
    else:
        marker.unlink()


def _post(run: Run, record: Revalidation, hook: Webhook, secrets: Secrets, digest: Digest) -> None:
    body = {
        "customer": run.slug,
        "wave": record.wave,
        "number": record.number,
        "as_of": record.as_of.isoformat(),
        "owner": digest.owner,
        **digest.counts,
        "text": digest.text,
    }
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "aformity"}
    if hook.token_env:
        headers["Authorization"] = f"Bearer {_secret(hook.token_env, secrets)}"
    try:
        status = posted(hook.url, json.dumps(body, ensure_ascii=False).encode(), headers, seconds=SECONDS)
    except (OSError, HTTPException, ValueError) as fault:
        raise NotSent(f"the webhook could not be reached ({_kind(fault)})") from fault
    if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        raise NotSent(f"the webhook answered {status}")


def _mail(run: Run, record: Revalidation, hook: Mail, secrets: Secrets, digest: Digest) -> None:
    if digest.slug not in hook.to:
        raise NotSent("no address is known")
    message = EmailMessage()
    message["From"], message["To"] = hook.sender, hook.to[digest.slug]
    message["Subject"] = f"{run.slug} {record.wave}: your open work, {record.as_of}"
    message["Date"] = format_datetime(datetime.combine(record.as_of, time(), UTC))
    name = fingerprint(run.slug, record.wave, str(record.number), digest.slug, digest.text)[:32]
    message["Message-ID"] = f"<{name}@aformity.invalid>"
    message.set_content(digest.text)
    signed_in = [_secret(each, secrets) for each in (hook.user_env, hook.password_env) if each]
    context = ssl.create_default_context()
    try:
        with _connected(hook, context) as server:
            if hook.security is MailSecurity.STARTTLS:
                server.starttls(context=context)
            if signed_in:
                server.login(*signed_in)
            server.send_message(message)
    except (OSError, smtplib.SMTPException, ValueError) as fault:
        raise NotSent(f"the mail server did not take it ({_kind(fault)})") from fault


def _connected(hook: Mail, context: ssl.SSLContext) -> smtplib.SMTP:
    if hook.security is MailSecurity.TLS:
        return smtplib.SMTP_SSL(
            hook.host, hook.port, local_hostname="localhost", timeout=SECONDS, context=context
        )
    return smtplib.SMTP(hook.host, hook.port, local_hostname="localhost", timeout=SECONDS)


def _secret(variable: str, secrets: Secrets) -> str:
    found = secrets(variable)
    if not found:
        raise NotTried(f"the environment variable {variable} is not set")
    return found


def _kind(fault: BaseException) -> str:
    """Return what went wrong without what was said: messages of servers and libraries hold addresses."""
    reason = getattr(fault, "reason", None)
    return type(reason if isinstance(reason, BaseException) else fault).__name__
