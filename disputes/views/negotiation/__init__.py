"""What buyer and merchant ask, answer and write before there is a case."""
