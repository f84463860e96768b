"""How the model files beside this are made. The appliance reads those and `manifest.toml`; it never imports this."""
