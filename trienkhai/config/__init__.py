"""Assembly only, no rules: settings from the environment, routes, and how a process of this installation starts."""
