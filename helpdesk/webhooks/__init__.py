"""Telling other systems what happens to tickets: signed calls to addresses that administrators give."""
