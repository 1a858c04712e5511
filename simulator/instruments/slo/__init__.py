"""Service level objectives as rules: error ratios, burn rates, budgets and their alerts."""
