"""The conversation: people, teams, channels, customers, tickets, messages. Knows nothing of floors, clocks or policies."""
