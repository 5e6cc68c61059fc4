"""The list of cases: each a function with a sentence for a name, which gets a codebase of its own."""

CASES = []


class Case:
    def __init__(self, function, tags, own_database):
        self.function, self.tags, self.own_database = function, set(tags.split()), own_database
        self.name = "%s: %s" % (function.__module__.replace("cases_", ""), function.__name__.replace("_", " "))


def case(tags="", own_database=False):
    """tags: star = also under AddressSanitizer; short = also under ThreadSanitizer; root = needs root."""
    def add(function):
        CASES.append(Case(function, tags, own_database))
        return function
    return add
