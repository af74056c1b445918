"""Office files and books written by hand: the fewest parts that their readers ask for."""

from collections.abc import Mapping
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

OPEN = "http://schemas.openxmlformats.org"
DOCUMENT = "urn:oasis:names:tc:opendocument:xmlns"

# How a compound file begins: Office's formats before 2007, and any that is encrypted.
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
ENCRYPTED = COMPOUND + "EncryptedPackage".encode("utf-16-le") + bytes(600)

ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    stream = BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def relations(*related: tuple[str, str]) -> str:
    """related: (last word of the type, target); their ids are r1, r2, in order."""
    listed = "".join(
        f'<Relationship Id="r{number}" Target="{target}"'
        f' Type="{OPEN}/officeDocument/2006/relationships/{kind}"/>'
        for number, (kind, target) in enumerate(related, 1)
    )
    return f'<Relationships xmlns="{OPEN}/package/2006/relationships">{listed}</Relationships>'


def core(title: str) -> str:
    return (
        f'<cp:coreProperties xmlns:cp="{OPEN}/package/2006/metadata/core-properties"'
        f' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title>'
        "<dc:creator>Someone</dc:creator></cp:coreProperties>"
    )


def word(body: str, prolog: str = "", **parts: str) -> bytes:
    """body: of the document, in WordprocessingML. parts: of word/, without their suffix."""
    space = f'xmlns:w="{OPEN}/wordprocessingml/2006/main"'
    return zipped(
        {
            "[Content_Types].xml": f'<Types xmlns="{OPEN}/package/2006/content-types"/>',
            "_rels/.rels": relations(("officeDocument", "word/document.xml")),
            "word/document.xml": (
                f"{prolog}<w:document {space}><w:body>{body}</w:body></w:document>"
            ),
            **{
                f"word/{name}.xml": f"<w:{name} {space}>{content}</w:{name}>"
                for name, content in parts.items()
            },
            "docProps/core.xml": core("The Title"),
        }
    )


def paragraph(text: str, properties: str = "") -> str:
    """Of a Word file."""
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def presentation(*slides: str, related: Mapping[str, str] | None = None) -> bytes:
    """slides: shapes, in the order in which they are shown; the parts are the other way round.

    related: kind of relation of the first slide → the part's shapes.
    """
    space = (
        f'xmlns:p="{OPEN}/presentationml/2006/main" xmlns:a="{OPEN}/drawingml/2006/main"'
        f' xmlns:r="{OPEN}/officeDocument/2006/relationships"'
    )
    numbers = range(len(slides), 0, -1)
    listed = "".join(f'<p:sldId id="{256 + n}" r:id="r{n}"/>' for n in range(1, len(slides) + 1))
    return zipped(
        {
            "_rels/.rels": relations(("officeDocument", "ppt/presentation.xml")),
            "ppt/presentation.xml": (
                f"<p:presentation {space}><p:sldIdLst>{listed}</p:sldIdLst></p:presentation>"
            ),
            "ppt/_rels/presentation.xml.rels": relations(
                *(("slide", f"slides/slide{n}.xml") for n in numbers)
            ),
            **{
                f"ppt/slides/slide{n}.xml": f"<p:sld {space}><p:cSld>{shapes}</p:cSld></p:sld>"
                for n, shapes in zip(numbers, slides, strict=True)
            },
            f"ppt/slides/_rels/slide{len(slides)}.xml.rels": relations(
                *((kind, f"/ppt/other/{kind}.xml") for kind in related or {})
            ),
            **{
                f"ppt/other/{kind}.xml": f"<p:part {space}>{shapes}</p:part>"
                for kind, shapes in (related or {}).items()
            },
            "docProps/core.xml": core("The Deck"),
        }
    )


def shape(*paragraphs: str, kind: str | None = None) -> str:
    """Of a slide. kind: of the placeholder; None: a text box."""
    holder = "" if kind is None else f'<p:nvPr><p:ph type="{kind}"/></p:nvPr>'
    lines = "".join(
        text if text.startswith("<") else f"<a:p><a:r><a:t>{text}</a:t></a:r></a:p>"
        for text in paragraphs
    )
    return f"<p:sp>{holder}<p:txBody>{lines}</p:txBody></p:sp>"


def workbook(more: Mapping[str, str] | None = None, /, **sheets: str) -> bytes:
    """An Excel file. more: any other parts. sheets: name → rows, in SpreadsheetML."""
    space = f'xmlns="{OPEN}/spreadsheetml/2006/main"'
    listed = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(sheets, 1)
    )
    return zipped(
        {
            "_rels/.rels": relations(("officeDocument", "xl/workbook.xml")),
            "xl/workbook.xml": (
                f'<workbook {space} xmlns:r="{OPEN}/officeDocument/2006/relationships">'
                f"<sheets>{listed}</sheets></workbook>"
            ),
            "xl/_rels/workbook.xml.rels": relations(
                *(("worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(sheets) + 1))
            ),
            "xl/styles.xml": (
                f'<styleSheet {space}><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>'
                "</styleSheet>"
            ),
            **{
                f"xl/worksheets/sheet{n}.xml": (
                    f"<worksheet {space}><sheetData>{rows}</sheetData></worksheet>"
                )
                for n, rows in enumerate(sheets.values(), 1)
            },
            "docProps/core.xml": core("The Numbers"),
            **(more or {}),
        }
    )


def row(number: int, *cells: str) -> str:
    """Of an Excel sheet. cells: as they are if they are elements, else text; "" is no cell."""
    made = "".join(
        cell.replace("<c", f'<c r="{chr(65 + at)}{number}"', 1)
        if cell.startswith("<")
        else f'<c r="{chr(65 + at)}{number}" t="inlineStr"><is><t>{cell}</t></is></c>'
        for at, cell in enumerate(cells)
        if cell
    )
    return f'<row r="{number}">{made}</row>'


def open_document(kind: str, body: str, manifest: str = "", prolog: str = "") -> bytes:
    """kind: "text", "presentation" or "spreadsheet". body: of content.xml."""
    space = " ".join(
        f'xmlns:{name}="{DOCUMENT}:{name}:1.0"'
        for name in ("office", "text", "table", "style", "draw", "presentation")
    )
    return zipped(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "content.xml": (
                f"{prolog}<office:document-content {space}><office:body><office:{kind}>{body}"
                f"</office:{kind}></office:body></office:document-content>"
            ),
            "meta.xml": (
                f'<office:document-meta {space} xmlns:dc="http://purl.org/dc/elements/1.1/">'
                "<dc:title>The Title</dc:title></office:document-meta>"
            ),
            "META-INF/manifest.xml": f"<manifest>{manifest}</manifest>",
        }
    )


def book(
    chapters: Mapping[str, str], contents: str = "", more: Mapping[str, str] | None = None
) -> bytes:
    """chapters: file → HTML, in reading order. contents: of toc.ncx. more: any other parts."""
    items = "".join(
        f'<item id="c{n}" href="text/{name.replace(" ", "%20")}"'
        ' media-type="application/xhtml+xml"/>'
        for n, name in enumerate(chapters)
    )
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(len(chapters)))
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": (
                '<container><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles>'
                "</container>"
            ),
            "OEBPS/book.opf": (
                '<package xmlns:dc="http://purl.org/dc/elements/1.1/">'
                "<metadata><dc:title>The Book</dc:title></metadata><manifest>"
                '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
                f"{items}</manifest><spine>{spine}</spine></package>"
            ),
            "OEBPS/toc.ncx": f"<ncx>{contents}</ncx>",
            **{f"OEBPS/text/{name}": html for name, html in reversed(list(chapters.items()))},
            **(more or {}),
        }
    )
