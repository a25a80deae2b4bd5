"""The command ``tlmri``, one file a sub-command."""
