"""The page as files: for the server and for static hosts."""
