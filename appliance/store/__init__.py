"""SQLite databases and files of one home. The only package that knows sqlite-utils."""
