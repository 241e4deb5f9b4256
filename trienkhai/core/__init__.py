"""What every app stands on: SQL files, the clock, errors, tables read from files, stored files, components.

No tables and no domain words live here. Everything above may import it; it imports no app.
"""
