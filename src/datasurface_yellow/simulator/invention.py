"""Invented people and addresses: names and streets from mimesis, in real cities, all drawn from one seeded source."""

import re
import unicodedata
from random import Random

from mimesis import Address, Person
from mimesis.locales import Locale

from datasurface_yellow.simulator.changes import Value
from datasurface_yellow.simulator.places import PLACES

_DOMAINS = ("example.com", "example.net", "example.org")
"""Reserved for examples, so that no mail ever reaches anybody; likewise the telephone numbers 555-01xx."""
_LONGEST_NAME = 60
_BORN = (1935, 2005)
_EXTENDED_ZIP_SHARE = 0.2


class Inventor:
    """Makes up columns of customers and addresses. One seed, and one version of mimesis, give the same sequence."""

    def __init__(self, source: Random) -> None:
        self._source = source
        seed = source.getrandbits(64)
        self._person = Person(Locale.EN, seed=seed)
        self._address = Address(Locale.EN, seed=seed)

    def person(self) -> dict[str, Value]:
        """Names, birth date, e-mail and telephone; some have no e-mail or no telephone."""
        first, last = self._person.first_name(), self.last_name()
        return {
            "firstName": first,
            "lastName": last,
            "dob": self._person.birthdate(*_BORN),
            "email": None if self._source.random() < 0.1 else self.email(first, last),
            "phone": None if self._source.random() < 0.15 else self.phone(),
        }

    def last_name(self) -> str:
        """A family name."""
        return self._person.last_name()

    def email(self, first: str, last: str) -> str:
        """An address made of the name, with a number that tells namesakes apart."""
        plain = unicodedata.normalize("NFKD", f"{first}.{last}").encode("ascii", "ignore").decode().lower()
        name = re.sub("[^a-z.]", "", plain)[:_LONGEST_NAME]
        return f"{name}{self._source.randint(1, 999)}@{self._source.choice(_DOMAINS)}"

    def phone(self) -> str:
        """A number with the area code of a real city."""
        return f"+1-{self._source.choice(PLACES).area_code}-555-01{self._source.randint(0, 99):02}"

    def location(self) -> dict[str, Value]:
        """Street, city, state and ZIP code that belong together."""
        place = self._source.choice(PLACES)
        code = f"{self._source.randint(*place.zip_codes):05}"
        extended = self._source.random() < _EXTENDED_ZIP_SHARE
        return {
            "streetName": self.street(),
            "city": place.city,
            "state": place.state,
            "zipCode": self.extended_zip_code(code) if extended else code,
        }

    def street(self) -> str:
        """House number and street."""
        return f"{self._address.street_number()} {self._address.street_name()} {self._address.street_suffix()}"

    def extended_zip_code(self, five_digits: str) -> str:
        """A ZIP+4 code."""
        return f"{five_digits}-{self._source.randint(1, 9999):04}"
