"""Orders, negotiation and the case between its two sides: lifecycle, deadlines, filing, response, settlement."""
