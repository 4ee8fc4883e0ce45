"""Cases for programs: ``/api/v1/cases/``, and the records they leave."""
