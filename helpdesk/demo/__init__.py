"""Demo content, made by the product's own verbs, and a day of it that plays on a virtual clock (docs/demo.md)."""
