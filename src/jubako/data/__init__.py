"""Layer 2: tables: reading, casting and encoding of columns, datasets, splits, targets."""
