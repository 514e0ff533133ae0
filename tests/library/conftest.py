import pytest

from tests.library.shelves import SHEET, Shelf


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path)


@pytest.fixture
def sheet():
    return SHEET
