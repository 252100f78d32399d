"""Which pairs are in a test set: by slide or patient, by picture, by text. What becomes of them is decided later."""
