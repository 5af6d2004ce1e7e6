"""Delimited and fixed-width text: from bytes to tables, with what cannot be read set apart."""
