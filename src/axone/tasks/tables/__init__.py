"""Classification and regression on tables."""
