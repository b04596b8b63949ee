"""Telling staff: who hears of what (`events`, `audiences`), in which words, by which way, and when."""
