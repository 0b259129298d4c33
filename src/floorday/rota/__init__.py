"""The rota: who comes to which team in a month, and where the gaps are."""
