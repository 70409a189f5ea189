"""The garbage collector looks rarely at large models, and is as it was afterwards."""

import gc

import pytest

from datasurface.collector import rare_collection


def test_the_collector_looks_rarely_and_is_as_it_was_afterwards() -> None:
    before = gc.get_threshold()
    with rare_collection():
        assert gc.isenabled()
        assert gc.get_threshold() > before
    assert gc.get_threshold() == before


def test_the_collector_is_as_it_was_after_an_error() -> None:
    before = gc.get_threshold()
    with pytest.raises(KeyError), rare_collection():
        raise KeyError
    assert gc.get_threshold() == before


def test_threads_that_begin_and_end_apart_leave_the_collector_as_it_was() -> None:
    before = gc.get_threshold()
    first, second = rare_collection(), rare_collection()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert gc.get_threshold() > before
    second.__exit__(None, None, None)
    assert gc.get_threshold() == before
