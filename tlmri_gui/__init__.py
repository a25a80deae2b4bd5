"""The window of tlmri: views, the session they show and the controller between them and `core`."""
