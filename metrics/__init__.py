"""How well we do: ratings, pulse, quality reviews, turnover, the Friday scorecard. Reads down, writes only its own rows."""
