"""Where photos come from: yields paths and bytes, and never decodes a picture."""
