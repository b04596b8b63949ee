"""The conversation: people, teams, channels, customers, tickets, messages. Knows no floors, clocks or policies."""
