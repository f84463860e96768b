"""Pixels and a plan in; a clean JPEG out."""
