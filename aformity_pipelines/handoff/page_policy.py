"""What a page of ours may do: its one stylesheet and its one script, and the policy that allows exactly these.

The policy names both by hash, so that text which slipped into the page as markup would still neither run nor
load nor restyle anything.  Style attributes are not allowed; nothing writes one.
"""

from base64 import b64encode
from hashlib import sha256

from jinja2 import Environment
from markupsafe import Markup


def joined(env: Environment, *names: str) -> Markup:
    """Return the texts of the templates `names` as one, as they are: they are ours and hold no value."""
    if env.loader is None:
        raise ValueError("the environment has no loader, so there are no stylesheets to join")
    return Markup("\n".join(env.loader.get_source(env, name)[0].strip() for name in names))


def content_policy(style: str, script: str = "") -> str:
    """Return the Content-Security-Policy of a page with this content of `<style>` and of `<script>`."""
    rules = ["default-src 'none'", f"style-src {_source(style)}"]
    rules += [f"script-src {_source(script)}"] if script else []
    rules += ["img-src data:", "base-uri 'none'", "form-action 'none'"]
    return "; ".join(rules)


def _source(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
