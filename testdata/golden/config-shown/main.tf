# Nothing that a rule asks about.
