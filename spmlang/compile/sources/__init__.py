"""Read rows of a source with the columns that plans read, across references and dated tables."""
