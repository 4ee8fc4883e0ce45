"""Advice on tone while people write: word lists of our own, and one matcher for pages and programs.

It advises and does nothing else: no verb asks it, and what it finds is not stored, not logged and shown to nobody but
the writer.
"""
