"""One module for each file format: headers, samples, colour and limits."""
