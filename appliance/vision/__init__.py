"""The only code that decodes strangers' bytes: pictures in, faces out."""
