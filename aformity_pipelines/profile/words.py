"""What a header says, as words that can be compared.  Keep out: what follows from equal words."""

import re
import unicodedata

_SAME = {
    "account": ("company", "organisation", "organization", "org", "firm", "firma", "customer", "client", "kunde", "société"),
    "email": ("mail", "emailaddress", "courriel"),
    "phone": ("telephone", "tel", "telefon", "mobile", "cell", "téléphone"),
    "last_name": ("lastname", "surname", "nachname", "familyname", "nom"),
    "first_name": ("firstname", "givenname", "vorname", "forename", "prénom"),
    "country": ("land", "pays", "nation"),
    "city": ("town", "ort", "stadt", "ville"),
    "owner": ("rep", "manager", "responsible", "assignee"),
    "role": ("permission", "profile"),
    "stage": ("status", "state", "phase"),
    "id": ("no", "nr", "num", "number", "key", "code", "ref", "identifier"),
    "start": ("begin", "from", "beginn"),
    "end": ("until", "expiry", "expires", "ende"),
    "price": ("amount", "betrag", "cost"),
}  # fmt: skip
_MEANT = {other: word for word, others in _SAME.items() for other in others}
_JOINED = (("e", "mail", "email"), ("first", "name", "first_name"), ("last", "name", "last_name"))


def folded(header: str) -> str:
    """Return a header without capitals, kinds of blanks and other spellings of one character."""
    return " ".join(unicodedata.normalize("NFKC", header).casefold().split())


def words_of(header: str) -> frozenset[str]:
    """Return the words of a header in one form each: `E-Mail`, `email` and `Mails` are the same."""
    spaced = re.sub(r"(?<=[a-z\d])(?=[A-Z])", " ", unicodedata.normalize("NFKC", header))
    words = {_singular(word) for word in re.findall(r"[^\W_]+", spaced.casefold())}
    for first, second, joined in _JOINED:
        if {first, second} <= words:
            words = words - {first, second} | {joined}
    return frozenset(part for word in words for part in _MEANT.get(word, word).split("_"))


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
