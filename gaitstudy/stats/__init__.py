"""What tables and arrays say: models, missing data, outcomes. Imports nothing above but the conventions."""
