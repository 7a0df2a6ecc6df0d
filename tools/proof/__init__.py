"""The proof on rows: declarations go the real way over an emulated Airbyte, and the tables are held against the truth.

``lines`` says what is declared of a stream, ``worlds`` what a source holds and how it changes, ``ours`` takes the way
of the provider (check, update, read), ``others`` what one would do without it, ``play`` runs a script with one of them,
``truth`` judges the tables by two reference connections of each stream, ``scripts`` makes random histories.
"""
