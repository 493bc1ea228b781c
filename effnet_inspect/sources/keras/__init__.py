"""Keras models: built, read from files, or live in the user's own code."""
