from typing_extensions import TypedDict

from trinax.web.declaring.wording import of_record, of_route


class Measured(TypedDict):
    """What a scale shows. net, gross: in grams. unit: as it
    is printed: short."""

    net: int
    gross: int
    unit: str


class Priced(Measured):
    """price: in cents."""

    price: int


FIELDS = ("net", "gross", "unit", "price")


def test_a_record_is_described_by_what_stands_before_its_fields() -> None:
    assert of_record(Measured, FIELDS)[0] == "What a scale shows."


def test_each_of_several_names_is_described() -> None:
    assert of_record(Measured, FIELDS)[1] == {
        "net": "in grams.",
        "gross": "in grams.",
        "unit": "as it is printed: short.",
    }


def test_fields_of_another_record_are_described_there() -> None:
    about, notes = of_record(Priced, FIELDS)
    assert about == ""
    assert notes["price"] == "in cents."
    assert notes["net"] == "in grams."


def test_a_word_before_a_colon_that_names_no_field_is_text() -> None:
    assert of_record(Measured, ["net"]) == (
        "What a scale shows. net, gross: in grams. unit: as it is printed: short.",
        {},
    )


def test_a_routes_first_sentence_is_its_summary() -> None:
    def weigh() -> None:
        """Weighs a parcel, which must
        lie still. Takes a second.

        Twice."""

    assert of_route(weigh) == ("Weighs a parcel, which must lie still", "Takes a second. Twice.")
