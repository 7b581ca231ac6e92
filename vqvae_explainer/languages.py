"""The languages of the page."""

LANGUAGES = ("en", "es")
FOLDERS = {language: "" if language == LANGUAGES[0] else f"{language}/" for language in LANGUAGES}  # of their documents
