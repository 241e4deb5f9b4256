from decimal import Decimal

import pytest

from trienkhai.progress.rules import measured, plain_number


@pytest.mark.parametrize(
    ("text", "point", "number"),
    [
        ("1.234,5", ",", "1234.5"),
        ("1.234.567", ",", "1234567"),
        ("1.234", ",", "1234"),
        ("1.5", ",", "1.5"),
        ("12,75", ",", "12.75"),
        ("1 234,5", ",", "1234.5"),
        ("1,234.5", ".", "1234.5"),
        ("1,5", ".", "1.5"),
        ("-3", ",", "-3"),
    ],
)
def test_a_number_is_read_as_its_reader_writes_it(text, point, number):
    assert Decimal(plain_number(text, point=point)) == Decimal(number)


@pytest.mark.parametrize("text", ["1.23,5", "1,2,3", "1.2.3", "mười", "1,234.5"])
def test_what_is_no_number_is_left_for_the_form_to_refuse(text):
    with pytest.raises(ArithmeticError):
        Decimal(plain_number(text, point=","))


def test_a_ratio_is_shown_as_its_measure_says():
    assert measured(Decimal(285), Decimal(300), measure="%") == 95
    assert measured(Decimal(9), Decimal(2), measure="ngày") == Decimal("4.5")
    assert measured(Decimal(12), None, measure="%") == 12
