"""Views: one file a panel. They offer ``set_*`` methods and emit intents, and compute nothing."""
