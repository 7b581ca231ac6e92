"""Tests that draw on the page in a real Chromium."""
