"""The figures of the scorecard: what each one means, in the order in which it is shown (P8, P8.5)."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from metrics import sources
from metrics.models import Figure
from metrics.sources import Source
from tickets.refusals import NotFound

Unit = Figure.Unit
MEAN, SHARE, COUNT = "mean", "share", "count"


@dataclass(frozen=True)
class Metric:
    """One figure. `how` is mean (of amounts), share (percent of rows with amount 1) or count (of rows with amount 1).

    `source` gives the rows behind it; figures about people (morale, turnover) have none and are computed by name.
    """

    key: str
    name: str
    unit: str
    how: str
    definition: str
    formula: str
    left_out: str
    source: Source | None = None
    sample: str = ""

    @property
    def has_tickets(self) -> bool:
        return self.source is not None


_TICKETS = ngettext_lazy("from %(n)d ticket", "from %(n)d tickets", "n")
_NO_IMPORTS = _("Imported tickets: their dates have no time of day.")

EIGHT = (
    Metric(
        "morale",
        _("Morale pulse"),
        Unit.POINTS,
        MEAN,
        _("Average sentiment of the frontline team in the weekly survey, from 0 to 100."),
        _("Sum of the week's scores / number of answers."),
        _("Shown when the week is over and at least five people have answered; no answer can be traced to a person."),
        sample=ngettext_lazy("from %(n)d answer", "from %(n)d answers", "n"),
    ),
    Metric(
        "satisfaction",
        _("End-user satisfaction"),
        Unit.PERCENT,
        SHARE,
        _("Share of customers who were satisfied or very satisfied with the outcome."),
        _("Ratings of 4 or 5 given in the week / all ratings given in the week."),
        _("A rating that is changed later counts in the week in which it was first given."),
        sources.ratings,
        ngettext_lazy("from %(n)d rating", "from %(n)d ratings", "n"),
    ),
    Metric(
        "first_response_time",
        _("First response time"),
        Unit.MINUTES,
        MEAN,
        _("Minutes from the arrival of a ticket to the first public answer by a person."),
        _("Mean over the tickets that were first answered in the week."),
        _NO_IMPORTS,
        sources.first_responses,
        _TICKETS,
    ),
    Metric(
        "resolution_time",
        _("Resolution time"),
        Unit.HOURS,
        MEAN,
        _("Hours from the arrival of a ticket to its resolution, waiting included."),
        _("Mean over the tickets resolved in the week."),
        _NO_IMPORTS,
        sources.resolution_times,
        _TICKETS,
    ),
    Metric(
        "backlog",
        _("Backlog"),
        Unit.TICKETS,
        COUNT,
        _("Tickets that are open at the end of the week and came in more than 7 days before."),
        _("Number of open tickets older than 7 days, out of all open tickets."),
        _("Nothing. A reopened ticket is as old as its first arrival."),
        sources.open_tickets,
        ngettext_lazy("from %(n)d open ticket", "from %(n)d open tickets", "n"),
    ),
    Metric(
        "qa_score",
        _("QA quality score"),
        Unit.PERCENT,
        MEAN,
        _("Average score of the reviews of calls, chats and mails, from 0 to 100."),
        _("Sum of the scores / number of reviews made in the week."),
        _("Nothing."),
        sources.reviews,
        ngettext_lazy("from %(n)d review", "from %(n)d reviews", "n"),
    ),
    Metric(
        "turnover",
        _("Agent turnover"),
        Unit.PERCENT,
        SHARE,
        _("People of the front line who left, as a rate per year."),
        _("People who left in the 365 days before the week's end / years worked by all in those days."),
        _("Teams of fewer than five people."),
        sample=ngettext_lazy("from %(n)d person", "from %(n)d people", "n"),
    ),
    Metric(
        "sla_adherence",
        _("SLA adherence"),
        Unit.PERCENT,
        SHARE,
        _("Share of tickets that were answered and solved within the times promised when they came in."),
        _("Tickets resolved in the week with both promises kept / tickets resolved in the week."),
        _("Imported tickets. Only opening hours count, and waiting for the customer not against the solution."),
        sources.kept_promises,
        _TICKETS,
    ),
)

BESIDE = (
    Metric(
        "resolved_within_24h",
        _("Resolved within 24 hours"),
        Unit.PERCENT,
        SHARE,
        _("Share of resolved tickets that took at most 24 hours from arrival to resolution."),
        _("Tickets resolved in the week within 24 hours / tickets resolved in the week."),
        _NO_IMPORTS,
        sources.resolved_in_a_day,
        _TICKETS,
    ),
    Metric(
        "guided_by_script",
        _("Answered with a script"),
        Unit.PERCENT,
        SHARE,
        _("Share of tickets that were answered with an approved script or handout."),
        _("Tickets first answered in the week with a script in any answer / tickets first answered in the week."),
        _NO_IMPORTS,
        sources.scripted,
        _TICKETS,
    ),
    Metric(
        "floor_1_closed",
        _("Closed on Floor 1"),
        Unit.PERCENT,
        SHARE,
        _("Share of resolved tickets that were resolved on Floor 1."),
        _("Tickets resolved on Floor 1 in the week / tickets resolved in the week."),
        _("Nothing. Imported history counts by its dates."),
        sources.closed_on_floor_1,
        _TICKETS,
    ),
    Metric(
        "floor_2_rate",
        _("Went to Floor 2"),
        Unit.PERCENT,
        SHARE,
        _("Share of new tickets that needed Floor 2 or went straight to Floor 3."),
        _("Tickets opened in the week that left Floor 1 upwards before it ended / tickets opened in the week."),
        _("Nothing. Imported history counts by its dates."),
        sources.reached_floor_2,
        _TICKETS,
    ),
    Metric(
        "specialist_assignment_time",
        _("Time to a specialist"),
        Unit.MINUTES,
        MEAN,
        _("Minutes from arrival on Floor 2 until somebody has the ticket."),
        _("Mean over the stays on Floor 2 that were first assigned in the week."),
        _("Imported history. Stays that nobody was assigned to."),
        sources.assignments_on_floor_2,
        ngettext_lazy("from %(n)d stay", "from %(n)d stays", "n"),
    ),
    Metric(
        "floor_3_decision_time",
        _("Time to the final decision"),
        Unit.MINUTES,
        MEAN,
        _("Minutes from arrival on Floor 3 to the signed final resolution."),
        _("Mean over the tickets resolved on Floor 3 in the week."),
        _("Imported history. Tickets that were sent down again."),
        sources.decisions_on_floor_3,
        _TICKETS,
    ),
    Metric(
        "floor_3_completion",
        _("Completed on Floor 3"),
        Unit.PERCENT,
        SHARE,
        _("Share of the tickets that came to Floor 3 and were resolved before the week ended."),
        _("Tickets that came to Floor 3 in the week and were resolved at its end / tickets that came to Floor 3."),
        _("Nothing."),
        sources.completed_on_floor_3,
        _TICKETS,
    ),
    Metric(
        "first_contact_resolution",
        _("First-contact resolution"),
        Unit.PERCENT,
        SHARE,
        _("Share of resolved tickets for which the customer had to write only once."),
        _("Tickets resolved in the week, never reopened, with one message by the customer / tickets resolved."),
        _("Imported tickets: what else the customer wrote is not known."),
        sources.solved_at_first_contact,
        _TICKETS,
    ),
    Metric(
        "told_of_review",
        _("Told of a review in time"),
        Unit.PERCENT,
        SHARE,
        _("Share of decisions beyond the matrix of which the customer was told as soon as promised."),
        _("Reviews whose customer was written to in the time promised / reviews begun by a decision."),
        _("Nothing."),
        sources.told_of_reviews,
        ngettext_lazy("from %(n)d review", "from %(n)d reviews", "n"),
    ),
)

METRICS = {metric.key: metric for metric in EIGHT + BESIDE}


def get(key: str) -> Metric:
    """Return the metric KEY, or NotFound."""
    try:
        return METRICS[key]
    except KeyError:
        raise NotFound(_("There is no figure '%(key)s'.") % {"key": key}, code="not_found") from None
