"""Answers computed from a Network, one module a question: plain values, without a word of how they are shown."""
