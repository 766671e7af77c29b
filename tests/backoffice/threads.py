"""Several threads that start at the same moment, each with a database connection of its own."""

import threading
from collections.abc import Callable
from typing import TypeVar

from django.db import connection

T = TypeVar("T")


def together(work: Callable[[], T], number: int = 6) -> list[T]:
    """What ``work`` gave in each of the threads. A thread that failed is an error here."""
    results: list[T] = []
    errors: list[BaseException] = []
    gate = threading.Barrier(number)

    def run() -> None:
        try:
            gate.wait(10)
            results.append(work())
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _thread in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert len(results) == number
    return results
