"""Carries an organisation of many levels from resolution to result.

One Django project, one app for each capability; `docs/style.md` says where things are and what may import what.
"""
