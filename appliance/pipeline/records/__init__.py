"""What has to be on record, and what a person may ask for: holds, retention, erasure, access, audits, reminders."""
