"""Real US cities with their state, ZIP codes and area code. Random data alone would put Boston into Nevada."""

from attrs import frozen


@frozen
class Place:
    """A city.

    Attributes:
        zip_codes: first and last five-digit ZIP code of the city, inclusive.
        area_code: the telephone area code.
    """

    city: str
    state: str
    zip_codes: tuple[int, int]
    area_code: str


PLACES = (
    Place("Albuquerque", "New Mexico", (87102, 87123), "505"),
    Place("Atlanta", "Georgia", (30303, 30349), "404"),
    Place("Austin", "Texas", (78701, 78759), "512"),
    Place("Baltimore", "Maryland", (21201, 21239), "410"),
    Place("Boise", "Idaho", (83702, 83716), "208"),
    Place("Boston", "Massachusetts", (2108, 2136), "617"),
    Place("Chicago", "Illinois", (60601, 60661), "312"),
    Place("Columbus", "Ohio", (43201, 43235), "614"),
    Place("Denver", "Colorado", (80202, 80239), "303"),
    Place("Honolulu", "Hawaii", (96813, 96826), "808"),
    Place("Kansas City", "Missouri", (64101, 64139), "816"),
    Place("Miami", "Florida", (33125, 33196), "305"),
    Place("Milwaukee", "Wisconsin", (53202, 53228), "414"),
    Place("Minneapolis", "Minnesota", (55401, 55455), "612"),
    Place("Nashville", "Tennessee", (37201, 37221), "615"),
    Place("New Orleans", "Louisiana", (70112, 70131), "504"),
    Place("Omaha", "Nebraska", (68102, 68164), "402"),
    Place("Philadelphia", "Pennsylvania", (19102, 19154), "215"),
    Place("Phoenix", "Arizona", (85003, 85054), "602"),
    Place("Portland", "Maine", (4101, 4109), "207"),
    Place("Portland", "Oregon", (97201, 97233), "503"),
    Place("Raleigh", "North Carolina", (27601, 27617), "919"),
    Place("Salt Lake City", "Utah", (84101, 84124), "801"),
    Place("San Diego", "California", (92101, 92139), "619"),
    Place("San Francisco", "California", (94102, 94134), "415"),
    Place("Seattle", "Washington", (98101, 98199), "206"),
)
