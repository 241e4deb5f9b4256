"""The history: every change is an operation (who, what, when, why) with the rows it changed.

The database copies changed rows under the operation's id and refuses a write that has none, so that a page, bulk
SQL, a shell and a data fix leave the same trail. The application may add history and cannot change it.
"""
