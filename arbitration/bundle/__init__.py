"""A case to take away: everything its reader may see, in one ZIP that can be checked without us."""
