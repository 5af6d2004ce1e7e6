"""Hostile text and the means to put it into every string field of a record."""

from collections.abc import Callable
from datetime import date
from enum import Enum

from pydantic import BaseModel

from aformity_pipelines.domain.launch.export_files import Graph
from aformity_pipelines.domain.launch_record import LaunchRecord

PAYLOADS = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg/onload=alert(1)//",
    '"><script>alert(1)</script>',
    "'><script>alert(1)</script>",
    '" onmouseover="alert(1)',
    "' onmouseover='alert(1)",
    '" autofocus onfocus=alert(1) x="',
    "` onmouseover=alert(1) `",
    "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "</style><img src=https://evil.example/x>",
    "</textarea><script>alert(1)</script>",
    "</svg><script>alert(1)</script>",
    "</text></svg><b>out</b>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<!--<script>alert(1)</script>-->",
    "--><script>alert(1)</script>",
    "<?xml version='1.0'?><x/>",
    "<!DOCTYPE html><html><body onload=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<a href='javascript:alert(1)'>press</a>",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "https://evil.example/?steal",
    "<base href=https://evil.example/>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<form action=https://evil.example><input name=a></form>",
    "<object data=https://evil.example></object>",
    "<embed src=https://evil.example>",
    "<math><mtext></mtext><script>alert(1)</script></math>",
    "<details open ontoggle=alert(1)>",
    "<table><tr><td>cell",
    "</td></tr></table><h1>fake</h1>",
    "</details></section><h1>fake</h1>",
    "<template><script>alert(1)</script></template>",
    "<style>*{display:none}</style>",
    "@import url(https://evil.example/x.css);",
    "}; body{background:url(https://evil.example)} {",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "{{ 7 * 7 }}{% raw %}{% endraw %}",
    "{{ record.__class__.__mro__ }}",
    "${7*7}#{7*7}<%= 7*7 %>",
    "=HYPERLINK(\"https://evil.example\";\"press\")",
    "\x00<scr\x00ipt>alert(1)</scr\x00ipt>",
    "\u202egnp.exe\u2066<b>\u2069",
    "line one\r\nline two\u2028<i>three</i>",
    "%s %(name)s {0} {name} \\",
    "\ufeff\u200b<u>\u200d</u>",
    "＜script＞alert(1)＜/script＞",
)  # fmt: skip


def rewritten(record: LaunchRecord, change: Callable[[str], str]) -> LaunchRecord:
    """Return `record` with every free text changed; names that join its parts still join."""
    hostile = record.model_validate(_walked(record, change))
    edges = tuple(
        ("/".join(map(change, start.split("/"))), "/".join(map(change, end.split("/"))))
        for start, end in record.graph.edges
    )
    return hostile.model_copy(update={"graph": Graph(nodes=hostile.graph.nodes, edges=edges)})


def _walked(value: object, change: Callable[[str], str], *, is_fixed: bool = False) -> object:
    if isinstance(value, BaseModel):
        fixed = {
            name for name, field in type(value).model_fields.items() if "Literal" in str(field.annotation)
        }
        return {
            name: _walked(getattr(value, name), change, is_fixed=name in fixed)
            for name in type(value).model_fields
        }
    if isinstance(value, dict):
        return {key: _walked(item, change) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(_walked(item, change) for item in value)
    if isinstance(value, str) and not isinstance(value, Enum | date) and not is_fixed:
        return change(value)
    return value
