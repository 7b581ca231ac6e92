"""The page, the REST interface and the stream."""
