"""How well we do: ratings, pulse, quality reviews, turnover, the Friday scorecard. Writes only its own rows."""
