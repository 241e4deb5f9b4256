"""The event stream: it tells open pages that a unit's figures changed, and they fetch them anew through `web`.

A small ASGI program of its own, without Django's views and models. It knows who may watch from a signed ticket, and
what changed from the rows of `live_event`, of which the ledger's poster notifies it.
"""
