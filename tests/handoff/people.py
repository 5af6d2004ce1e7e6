"""The people of the launch records in tests."""

from aformity_pipelines.domain.customer import Person, Side

MARA = Person(name="Mara Lindqvist", role="Head of operations", side=Side.CUSTOMER)
TOM = Person(name="Tom Okafor", role="CRM administrator", side=Side.CUSTOMER)
INES = Person(name="Inés Duarte", role="Implementation lead", side=Side.IMPLEMENTATION)
