"""Print how well the word lists in force read the labelled replies."""

from django.core.management.base import BaseCommand

from policies import measure_tone
from policies.languages import LANGUAGES
from policies.management.commands.measure_triggers import shares


class Command(BaseCommand):
    help = "Print precision and recall of the word lists in force on the labelled replies, per kind and language."

    def add_arguments(self, parser):
        parser.add_argument("--part", choices=measure_tone.PARTS, help="all when it is left out")
        parser.add_argument("--mistakes", action="store_true", help="list the sentences that were read wrongly")

    def handle(self, *args, part, mistakes, **options):
        scores, wrong = measure_tone.measure(part)
        languages = (*LANGUAGES, "all")
        self.stdout.write("| kind |" + "".join(f" {language} |" for language in languages))
        self.stdout.write("|---|" + "---|" * len(languages))
        for kind in (*measure_tone.WORDING, *measure_tone.FRAME):
            cells = [shares(scores[language, kind]) for language in languages]
            self.stdout.write(f"| {kind.label} |" + "".join(f" {cell} |" for cell in cells))
        if mistakes:
            for mistake in wrong:
                said = mistake.sentence
                why = [f"missed {kind}" for kind in sorted(mistake.missed)]
                why += [f"{kind} by {', '.join(words) or 'absence'}" for kind, words in mistake.wrong.items()]
                self.stdout.write(f"{said.language} {said.part}: {said.text} -> {'; '.join(why)}")
