"""What programs read of a case: the same file as the page, in data. Nothing here asks the database."""
