"""The vocabulary of the made-up customer: names of companies, people, towns and events.

Only words belong here; which record gets which is drawn in `lumen_rows`.  Nobody in here is real, and
every address ends in `.example`.
"""


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST_WORDS = _split(
    "Alpen Amber Atlas Bergmann Birke Boréal Brücken Canal Cedar Cirrus Côte Delta Domaine Eiche Elbe Falken Fjord "
    "Garonne Granit Hafen Havel Helvetia Île Iris Isar Jade Jura Kastell Kiefer Kobalt Lagune Linden Lumière Marken "
    "Mistral Mosel Möwen Neckar Nova Oder Opal Orion Pegasus Polar Quarz Quelle Rhône Riviera Saale Saphir Seine "
    "Solaris Spree Stern Tannen Taurus Thames Traun Ulmen Vega Vesta Walden Weser Ypsilon Zephyr Zirkon"
)
SECOND_WORDS = _split(
    "Analytics Antriebe Bank Bau Biotech Cloud Consulting Dental Dynamics Foods Freight Gartenbau Genossenschaft Health "
    "Handel Insurance Instruments Kliniken Logistik Maschinenbau Medien Optik Partners Pharma Print Retail Robotics "
    "Schulen Software Solar Stadtwerke Systems Textil Travel Verlag Werkzeuge"
)
LEGAL_FORMS = ("GmbH", "AG", "Ltd", "SARL", "B.V.", "Inc.", "KG", "")
FIRST_NAMES = _split(
    "Ana André Anja Aylin Bjørn Çağla Chloé Daniel Elif Émile Florian Frauke Grzegorz Günther Hélène Ines Jana Jörg "
    "Jürgen Kateřina Karl Lars Lucía Łukasz Mehmet Miriam Noémie Olaf Paula Pieter Renate Rosa Søren Sofia Stéphane "
    "Tariq Ulrike Ursula Vera Wanda Yusuf Zoë"
)
GERMAN_FIRST_NAMES = _split(
    "Anja Anke Bärbel Bernd Birgit Björn Carola Dieter Dörte Elke Florian Frauke Gerd Günther Hannelore Heike Holger "
    "Ines Jörg Jürgen Karin Käthe Klaus Lothar Manfred Mechthild Norbert Olaf Petra Rüdiger Sabine Sönke Sören Thomas "
    "Ulrike Ursula Volker Wiebke Wolfgang Zoë"
)
LAST_NAMES = _split(
    "Albers Bäcker Baumann Böhm Brandl Claßen Dreßler Eichler Engelhardt Fährmann Fuchs Gärtner Gruber Hänsel Heß "
    "Hoffmann Jäger Jansen Jürgens Kästner Keßler Klöckner König Krüger Lange Löffler Maaß Möller Neumann Nürnberg "
    "Öztürk Petersen Pfeiffer Quast Rößler Sauer Schäfer Schröder Stößel Tönnies Uhl Vöß Wächter Weiß Wölfl Zöllner"
)
STAFF_LAST_NAMES = _split(
    "Adeyemi Baker Caldeira Dąbrowski Eriksen Fischer Gómez Haddad Ivanova Johansson Kaya Lefèvre Moreau Nakamura "
    "O'Neill Papadopoulos Quinn Romano Sørensen Tanaka Ueda Vermeer Walsh Xu Yılmaz Zając"
)
TOWNS = (
    ("Deutschland", "Dresden", "01067", "+49 351"),
    ("Germany", "Leipzig", "04109", "+49 341"),
    ("GER", "Köln", "50667", "+49 221"),
    ("Deutschland", "Lübeck", "23552", "+49 451"),
    ("DE", "Würzburg", "97070", "+49 931"),
    ("United Kingdom", "London", "EC1A 1BB", "+44 20"),
    ("UK", "Leeds", "LS1 4DY", "+44 113"),
    ("Great Britain", "Edinburgh", "EH1 1YZ", "+44 131"),
    ("USA", "Boston", "02134", "+1 617"),
    ("U.S.A.", "Newark", "07102", "+1 973"),
    ("United States", "Austin", "78701", "+1 512"),
    ("Österreich", "Wien", "1010", "+43 1"),
    ("Austria", "Graz", "8010", "+43 316"),
    ("Schweiz", "Zürich", "8001", "+41 44"),
    ("Suisse", "Genève", "1204", "+41 22"),
    ("France", "Besançon", "25000", "+33 381"),
    ("Nederland", "Utrecht", "3511 AD", "+31 30"),
    ("Holland", "Groningen", "9711 LM", "+31 50"),
    ("España", "A Coruña", "15001", "+34 981"),
    ("Polska", "Łódź", "90-001", "+48 42"),
)
"""Country as the CRM spells it, town, postal code, dialling code."""
SEGMENTS = (
    "SaaS",
    "Fin/Insurance",
    "Health care",
    "Manufacturing",
    "Retail",
    "Logistics",
    "Energy",
    "Education",
    "Public/NGO",
    "Consulting",
    "Food & Beverage",
    "Misc",
)
JOB_TITLES = (
    "Geschäftsführer",
    "Einkäuferin",
    "Buchhaltung",
    "Leiter IT",
    "Qualitätsprüfer",
    "Assistenz der Geschäftsführung",
    "Vertriebsleiterin",
    "Büroleitung",
    "Projektleiter",
    "",
)
SUBJECTS = (
    "Quarterly review",
    "Renewal talk",
    "Asked about the new dashboard",
    "Onboarding workshop, day 2",
    "Complaint about slow exports",
    "Prix pour dix sièges supplémentaires ?",
    "Rückfrage zur Rechnung",
    "Schulung für das Büro in Köln",
    "Went live 🎉",
    "Outage call ☎️ with their IT",
    "Visita en A Coruña",
    'Wants the "old" report back',
    "Preis für 3 Arbeitsplätze; Angebot folgt",
    "Price list, 2024 edition",
)
