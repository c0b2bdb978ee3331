"""Files in, labelled arrays out."""
