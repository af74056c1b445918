"""Writes what is generated of the documentation: the reference, then the handbook from it.

make docs
"""

from tests.docs.generated import generated


def main() -> None:
    for page, text in generated().items():
        page.parent.mkdir(parents=True, exist_ok=True)
        if not page.exists() or page.read_text("utf-8") != text:
            page.write_text(text, "utf-8")
            print(page)


if __name__ == "__main__":
    main()
