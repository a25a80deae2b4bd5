"""What views show: frozen view states and Qt item models."""
