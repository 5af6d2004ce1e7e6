"""JSON, XML, Parquet, and archives of files."""
