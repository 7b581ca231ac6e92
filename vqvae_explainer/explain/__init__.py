"""From a drawing to what the page shows of it: traces, gradients, listings, backends."""
