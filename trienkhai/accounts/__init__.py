"""Who logs in: users and their API tokens.

Nothing here says what somebody may do; that is `access`. Passwords and tokens are never part of the history.
"""
