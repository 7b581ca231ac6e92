"""The page, the REST interface and the WebSocket stream."""
