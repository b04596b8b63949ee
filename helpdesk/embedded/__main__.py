"""Command line of the embedded services: `up`, `demo`, or `with -- COMMAND`."""

import argparse
import sys

from helpdesk.embedded.problems import Problem, explain


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m helpdesk.embedded", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("up", help="start everything in this terminal until Ctrl-C")
    verbs.add_parser("demo", help="the same with a day that plays on a virtual clock, in a directory of its own")
    throwaway = verbs.add_parser("with", help="run one command on throw-away services")
    throwaway.add_argument("command", nargs=argparse.REMAINDER, metavar="-- COMMAND")
    arguments = parser.parse_args()
    try:
        if arguments.verb in ("up", "demo"):
            from helpdesk.embedded import up

            return up.run(demo=arguments.verb == "demo")
        from helpdesk.embedded import throwaway

        command = arguments.command[1:] if arguments.command[:1] == ["--"] else arguments.command
        if not command:
            parser.error("name the command: with -- COMMAND ...")
        return throwaway.run(command)
    except Problem as problem:
        print(f"\n{problem}", file=sys.stderr)
    except OSError as error:
        print(f"\n{explain(error)}", file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return 1


if __name__ == "__main__":
    sys.exit(main())
