"""PDF files written by hand: one line of Helvetica after another."""

# A page of this text is a picture from edge to edge, and one that begins with it has text on that.
SCAN = "\f"
PICTURE = "q 612 0 0 792 0 0 cm BI /W 1 /H 1 /CS /G /BPC 8 ID x EI Q "


def pdf(*pages: str, title: str = "", trailer: str = "") -> bytes:
    """A PDF with these pages. trailer: more entries for its trailer dictionary."""
    kids = " ".join(f"{5 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        f"<< /Title ({title}) >>",
    ]
    for n, text in enumerate(pages):
        lines = text.removeprefix(SCAN).split("\n")
        shown = "".join(f"({line}) Tj T* " for line in lines if line)
        content = PICTURE * text.startswith(SCAN) + f"BT /F1 12 Tf 14 TL 72 720 Td {shown}ET"
        objects += [
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792]"
            f" /Resources << /Font << /F1 3 0 R >> >> /Contents {6 + 2 * n} 0 R >>",
            f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        ]
    body, offsets = "%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    return (
        f"{body}xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n"
        f"<< /Size {size} /Root 1 0 R /Info 4 0 R {trailer} >>\nstartxref\n{len(body)}\n%%EOF\n"
    ).encode("latin-1")


# Standard security handler, revision 2; the entries fit no password that anyone will try.
ENCRYPTED = (
    f"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{'41' * 32}> /U <{'42' * 32}> >>"
    f" /ID [<{'43' * 16}> <{'43' * 16}>]"
)
