"""The roster: files of the school and words of people in, facts with history out."""
