#!/usr/bin/env python3
"""Shapes."""
import os.path
import json as j, sys
from . import base
from .shapes import Box as B, Circle
from math import *

MAX = 3
name = "a"


class Shape(base.Base):
    """A shape."""

    LIMIT = 2
    sides = 0

    def __init__(self, width, *rest, height=1, **options):
        self.width = width

    @property
    def area(self) -> float:
        """Area."""
        return self.width

    def _hidden(self):
        pass


def classify(items, a: int, b=None):
    """Count what it finds.

    In more lines.
    """
    count = 0
    for item in items:
        if a and b:
            count += 1
        elif item is None:
            count -= 1
        else:
            print(lambda x: x + 1)
    match count:
        case 1:
            return 1
        case 2:
            return 2
        case _:
            pass
    return 1 if a else 2


async def later():
    def inner():
        return inner()
    return inner


def test_box():
    assert True
