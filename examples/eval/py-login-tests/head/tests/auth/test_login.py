"""Who gets in and who does not."""

import pytest

from auth.accounts import Account, Locked, login


@pytest.fixture
def account():
    return Account.create(name="ada", password="correct horse")


def test_the_right_password_opens(account):
    assert login(account, "correct horse").name == "ada"


def test_five_wrong_ones_lock(account):
    for _ in range(5):
        assert login(account, "wrong") is None
    with pytest.raises(Locked):
        login(account, "correct horse")
