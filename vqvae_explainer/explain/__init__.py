"""From a drawing to everything that the page shows of it."""
