"""Print how well the rules in force read the labelled sentences."""

from django.core.management.base import BaseCommand

from policies import measure, triggers


class Command(BaseCommand):
    help = "Print precision and recall of the rules in force on the labelled sentences, per risk and language."

    def add_arguments(self, parser):
        parser.add_argument("--part", choices=measure.PARTS, help="tune or check; both when it is left out")
        parser.add_argument("--mistakes", action="store_true", help="list the sentences that were read wrongly")

    def handle(self, *args, part, mistakes, **options):
        scores, wrong = measure.measure(triggers.in_force(), part)
        languages = sorted({language for language, _risk in scores} - {"all"}) + ["all"]
        self.stdout.write("| risk |" + "".join(f" {language} |" for language in languages))
        self.stdout.write("|---|" + "---|" * len(languages))
        for risk in (*measure.RISKS, "all"):
            cells = [shares(scores[language, risk]) for language in languages]
            self.stdout.write(f"| {risk} |" + "".join(f" {cell} |" for cell in cells))
        if mistakes:
            for mistake in wrong:
                found = "; ".join(f"{risk} by {', '.join(words)}" for risk, words in mistake.wrong.items())
                missed = f"missed {', '.join(sorted(mistake.missed))}" if mistake.missed else ""
                said = mistake.sentence
                why = "; ".join(filter(None, (missed, found)))
                self.stdout.write(f"{said.language} {said.part}: {said.text} -> {why}")


def shares(score: measure.Score) -> str:
    """Return precision / recall in per cent."""
    return " / ".join("–" if share is None else f"{share:.0%}" for share in (score.precision, score.recall))
