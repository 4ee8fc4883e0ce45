"""The platform's side: preliminary review, information requests, rulings, remedies, reviews."""
