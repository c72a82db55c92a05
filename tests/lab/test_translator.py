import pytest

from jubako.i18n.language import Language
from jubako.lab.configuration import CHOICES
from jubako.lab.texts import TEXTS
from jubako.lab.translator import Translator


@pytest.mark.parametrize("name", [*CHOICES["loss"][1:], *CHOICES["solver"]])
def test_every_loss_and_optimizer_has_a_name_in_both_languages(name):
    assert name in TEXTS


@pytest.mark.parametrize("language", Language)
def test_one_that_has_no_text_yet_goes_by_its_own_name(language):
    assert Translator(language).option("my_loss") == "my loss"
    assert Translator(language).activation("my_activation") == "my_activation"
