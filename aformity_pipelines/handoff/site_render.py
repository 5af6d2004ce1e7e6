"""Render the site of all customers: its index, one page a customer and one a wave's difference, from the site's document alone.

Values pass the same door as in the report: made visible, then escaped.  The one script searches; without it every
word is readable.
"""

from datetime import date
from functools import cache

from markupsafe import Markup

from aformity_pipelines.domain.difference import Difference
from aformity_pipelines.domain.site import CustomerLine, Site
from aformity_pipelines.handoff.page_policy import content_policy, joined
from aformity_pipelines.handoff.render import environment

STYLES = ("base.css", "site/site.css")
SCRIPT = "site/search.js"


def render_index(site: Site) -> str:
    """Return the page that lists every customer.  Same site, same bytes."""
    return _page("site/index.html.j2", script=SCRIPT, site=site, as_of=site.as_of)


def render_customer(customer: CustomerLine, as_of: date) -> str:
    """Return one customer's page: all waves, all handoffs, the newest first, and what changed at each."""
    return _page("site/customer.html.j2", script="", customer=customer, as_of=as_of)


def render_difference(customer: CustomerLine, difference: Difference, as_of: date) -> str:
    """Return the page of what differs between an export and the one before: counts and names, no value."""
    return _page("site/difference.html.j2", script="", customer=customer, difference=difference, as_of=as_of)


def _page(template: str, *, script: str, **values: object) -> str:
    style, code, policy = _parts(script)
    return environment().get_template(template).render(style=style, script=code, policy=policy, **values)


@cache
def _parts(script: str) -> tuple[Markup, Markup, str]:
    """Return a page's style, its script and the policy that allows these two; hundreds of pages share them."""
    env = environment()
    style = joined(env, *STYLES)
    code = joined(env, script) if script else Markup()
    return style, code, content_policy(style, code)
