from pathlib import Path

import pytest
from selenium.webdriver import Keys

from tests.browser.visitor import Visitor

pytestmark = pytest.mark.slow

DROP = """
    const given = new DataTransfer();
    given.items.add(new File([arguments[1]], arguments[0]));
    for (const kind of ["dragenter", "dragover", "drop"]) {
        document.body.dispatchEvent(
            new DragEvent(kind, { dataTransfer: given, bubbles: true, cancelable: true }));
    }
"""


def test_collections_files_and_chunks_are_browsed(visitor: Visitor) -> None:
    visitor.open("#sources")
    visitor.click(".shelf", "demo")
    visitor.click(".file-name a", "guide.md")
    assert "Marta Lindqvist" in visitor.see(".file-text .listing").text
    visitor.type("[aria-label='Search inside this file']", "paraffin")
    assert visitor.see(".chunks", "paraffin").text.count("Lamp") == 1
    assert "1 chunk with" in visitor.see("#sources-out [role=status]", "with").text


def test_a_filter_lets_files_through(visitor: Visitor) -> None:
    visitor.open("#sources/demo")
    visitor.type("[aria-label='Filter files by name or text']", "duration")
    visitor.until(lambda: [each.text for each in visitor.all(".file-name a")] == ["timer.py"])


def test_a_dropped_file_is_found_and_deleted(visitor: Visitor) -> None:
    visitor.open("#search")
    visitor.run(DROP, "harbour.md", "The harbour master keeps a parrot named Admiral.\n")
    visitor.see("#upload-collection option[value=demo]")
    visitor.click("#upload-send")
    visitor.see("#upload .outcome.good", "Indexed")
    visitor.click("#upload-close")
    visitor.type("#query", "parrot of the harbour master", Keys.ENTER)
    assert "Admiral" in visitor.see(".hit", "harbour.md").text
    visitor.open("#sources/demo")
    visitor.click("[title='Delete harbour.md']")
    visitor.click("#confirm-yes")
    visitor.until(lambda: "harbour.md" not in visitor.see(".files").text)


def test_a_chosen_file_goes_into_a_new_collection(visitor: Visitor, tmp_path: Path) -> None:
    file = tmp_path / "kettle.md"
    file.write_text("The kettle whistles at ninety-four degrees.\n")
    visitor.open("#sources")
    visitor.see(".shelf")
    visitor.driver.find_element("id", "upload-input").send_keys(str(file))
    visitor.see("#upload-collection option[value=demo]")
    visitor.run(
        "const choice = document.getElementById('upload-collection');"
        "choice.selectedIndex = choice.length - 1; choice.dispatchEvent(new Event('change'))"
    )
    visitor.type("#upload-new", "kitchen")
    visitor.click("#upload-send")
    visitor.see("#upload .outcome.good", "Indexed")
    visitor.click("#upload-close")
    visitor.see(".shelf", "kitchen")


def test_a_refused_file_is_told_with_its_reason(visitor: Visitor) -> None:
    visitor.open("#sources")
    visitor.run(DROP, ".env", "SECRET=1")
    visitor.see("#upload-collection option[value=demo]")
    visitor.click("#upload-send")
    assert ".env" in visitor.see("#upload [role=alert]").text
    visitor.click("#upload-close")
