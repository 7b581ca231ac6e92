"""Small models that are trained for the page, each in a process of its own."""
