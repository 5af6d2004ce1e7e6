"""SVG as text: elements with escaped attributes and escaped, visible text.  No layout here."""

from markupsafe import Markup, escape

from aformity_pipelines.handoff.visible_text import shortened, visible

Scalar = str | int | float


def element(tag: str, *children: Markup, **attributes: Scalar) -> Markup:
    """Return one element; `css` is its class, and `_` in an attribute's name stands for `-`."""
    parts = [_attribute(name, value) for name, value in attributes.items()]
    return Markup("<{}{}>{}</{}>").format(
        Markup(tag), Markup("").join(parts), Markup("").join(children), Markup(tag)
    )


def label(text: str, *, x: float, y: float, most: int = 0, **attributes: Scalar) -> Markup:
    """Return one line of text; over `most` characters it is cut, with the whole in its title."""
    shown = shortened(text, most) if most else visible(text)
    children = [escape(shown)]
    if shown != visible(text):
        children.insert(0, element("title", escape(visible(text))))
    return element("text", *children, x=round(x, 1), y=round(y, 1), **attributes)


def title(text: str) -> Markup:
    """Return a `title` element: what a screen reader or a resting pointer says."""
    return element("title", escape(visible(text)))


def picture(
    *children: Markup, name: str, heading: str, description: str, width: float, height: float
) -> Markup:
    """Return the whole `svg`; `name` is unique in the page and comes from our own code."""
    return element(
        "svg",
        element("title", escape(visible(heading)), id=f"{name}-title"),
        element("desc", escape(visible(description)), id=f"{name}-desc"),
        *children,
        css=f"picture {name.split('-')[0]}",
        viewBox=f"0 0 {round(width)} {round(height)}",
        width=round(width),
        height=round(height),
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
    )


def _attribute(name: str, value: Scalar) -> Markup:
    spelled = "class" if name == "css" else name if name in {"viewBox"} else name.replace("_", "-")
    return Markup(' {}="{}"').format(Markup(spelled), value)
