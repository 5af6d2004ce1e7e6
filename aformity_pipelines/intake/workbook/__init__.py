"""Workbooks: sheets to tables, with rows numbered as a spreadsheet does."""
