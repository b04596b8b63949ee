"""The scorecard as files for spreadsheets. Text in them stays text: nothing a person typed becomes a formula."""

import csv
from datetime import date
from decimal import Decimal
from io import BytesIO

import xlsxwriter
from django.http import HttpResponse
from django.utils.translation import gettext as _
from xlsxwriter.utility import xl_range_abs

from metrics import fridays
from metrics.catalogue import METRICS
from metrics.models import Figure
from metrics.scorecard import Sheet
from metrics.targets import sign

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")

COLUMNS = (
    "week", "edition", "key", "name", "value", "unit", "comparison", "target", "met", "previous", "sample",
    "numerator", "denominator", "owner", "notes", "why_empty",
)  # fmt: skip


def as_csv(sheet: Sheet) -> HttpResponse:
    """Return SHEET as CSV (RFC 4180, UTF-8 with a mark so that spreadsheets see it); numbers with a decimal point."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{_name(sheet)}.csv"'
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow(COLUMNS)
    for figure in sheet.figures:
        writer.writerow([harmless(cell) for cell in _row(sheet, figure)])
    return response


def as_xlsx(sheet: Sheet, history: dict[str, list[tuple[date, Decimal | None]]]) -> HttpResponse:
    """Return SHEET as a workbook: the figures, each with a line of twelve weeks, and the values of these weeks."""
    stream = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(stream, options)
    bold = book.add_format({"bold": True, "bottom": 1})
    number = book.add_format({"num_format": "#,##0.0###"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    main, weeks = book.add_worksheet(_("Scorecard")[:31]), book.add_worksheet(_("12 weeks")[:31])
    main.write_row(0, 0, [*COLUMNS, "trend"], bold)
    main.freeze_panes(1, 4)
    main.set_landscape()
    main.set_paper(9)
    main.fit_to_pages(1, 0)
    main.set_column(0, 2, 12)
    main.set_column(3, 3, 28)
    main.set_column(13, 13, 18)
    main.set_column(14, 15, 40, wrapped)
    main.set_column(16, 16, 24)
    weeks.set_column(0, 0, 28)
    for line, figure in enumerate(sheet.figures, start=1):
        for column, cell in enumerate(_row(sheet, figure)):
            _write(main, line, column, cell, number)
        points = [*history.get(figure.key, [])[:-1], (sheet.week, figure.value)]
        if line == 1:
            weeks.write_row(0, 0, ["key", *(fridays.name(week) for week, _value in points)], bold)
        weeks.write_string(line, 0, figure.key)
        for column, (_week, value) in enumerate(points, start=1):
            _write(weeks, line, column, value, number)
        main.add_sparkline(
            line,
            len(COLUMNS),
            {"range": f"'{weeks.name}'!{xl_range_abs(line, 1, line, len(points))}", "markers": True},
        )
    book.close()
    response = HttpResponse(stream.getvalue(), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{_name(sheet)}.xlsx"'
    return response


def harmless(cell: object) -> object:
    """Return CELL so that no spreadsheet takes text for a formula (OWASP, CSV injection); numbers stay numbers."""
    if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS):
        return f"'{cell}"
    return cell


def _row(sheet: Sheet, figure: Figure) -> list[object]:
    metric = METRICS.get(figure.key)
    said = "; ".join(f"{note['author']}: {note['text']}" for note in figure.notes)
    met = {True: "yes", False: "no", None: ""}[figure.met]
    comparison = "" if figure.target is None else sign(figure.better, figure.strict)
    return [
        sheet.name, sheet.edition or "draft", figure.key, str(metric.name) if metric else figure.key, figure.value,
        str(figure.unit), comparison, figure.target, met, figure.previous, figure.n, figure.numerator,
        figure.denominator, figure.owner, said, figure.why_empty,
    ]  # fmt: skip


def _write(page, line: int, column: int, cell: object, number) -> None:
    if cell is None or cell == "":
        return
    if isinstance(cell, str):
        page.write_string(line, column, cell)
    else:
        page.write_number(line, column, cell, number if isinstance(cell, Decimal) else None)


def _name(sheet: Sheet) -> str:
    edition = f"edition-{sheet.edition}" if sheet.edition else "draft"
    team = f"-{sheet.team.slug}" if sheet.team else ""
    return f"scorecard-{sheet.name}-{edition}{team}"
