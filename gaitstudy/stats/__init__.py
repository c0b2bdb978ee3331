"""What tables and arrays say: models, missing data, resampling, outcomes. Imports nothing above but the conventions."""
