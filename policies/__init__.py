"""What we promised and what we allow. Every policy is superseded, never edited, so a decision can cite its version."""
