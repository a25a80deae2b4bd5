"""The noise study of fingerprinting: how methods bear noise, and what a transfer gains."""
