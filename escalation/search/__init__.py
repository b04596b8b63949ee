"""Search over everything that a person may see: tickets, messages, customers, scripts, decisions (docs/search.md)."""
