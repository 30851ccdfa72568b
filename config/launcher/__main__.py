"""`python -m config.launcher up|down|status|run|test|clean|elasticsearch`: what the Makefile calls.

Standard library only, so that `clean` works after the virtual environment is gone.
"""

import argparse
import sys
from pathlib import Path

from . import checks, elasticsearch, run, services
from .environment import LauncherError, Layout


def main(arguments: list[str] | None = None) -> int:
    """Carry out one command and return its exit code."""
    parser = _parser()
    options, rest = parser.parse_known_args(arguments)
    if rest and options.carry_out is not _test:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    options.arguments = rest
    try:
        return int(options.carry_out(Layout(options.root.resolve()), options))
    except LauncherError as error:
        sys.stderr.write(f"colophon: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m config.launcher", description=(__doc__ or "").split("\n", 1)[0])
    checkout = Path(__file__).resolve().parents[2]
    parser.add_argument("--root", type=Path, default=checkout, help="checkout whose var/ is used (default: this one)")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    verbs.add_parser("up", help="start the services in the background").set_defaults(carry_out=_up)
    verbs.add_parser("down", help="end them").set_defaults(carry_out=_down)
    verbs.add_parser("status", help="say what answers where").set_defaults(carry_out=_status)
    running = verbs.add_parser("run", help="services, main job, site; ends all it started")
    running.add_argument("--once", action="store_true", help="end after the main job instead of serving")
    running.set_defaults(carry_out=_run)
    verbs.add_parser("test", help="every check and test; more arguments go to pytest").set_defaults(carry_out=_test)
    verbs.add_parser("clean", help="end them and remove every trace").set_defaults(carry_out=_clean)
    search = verbs.add_parser("elasticsearch", help="a real Elasticsearch for the tests")
    search.add_argument("direction", choices=["up", "down"])
    search.set_defaults(carry_out=_elasticsearch)
    return parser


def _up(layout: Layout, _: argparse.Namespace) -> int:
    services.up(layout)
    return _status(layout, _)


def _down(layout: Layout, _: argparse.Namespace) -> int:
    ended = services.down(layout)
    sys.stdout.write(f"ended: {', '.join(ended)}\n" if ended else "nothing was running\n")
    return 0


def _status(layout: Layout, _: argparse.Namespace) -> int:
    found = services.status(layout)
    for name, (address, answers) in found.items():
        sys.stdout.write(f"{name:<23} {'up  ' if answers else 'down'} {address}\n")
    missing = [name for name in ("DATABASE_URL", "BROKER_URL") if name not in found]
    for name in missing:
        sys.stdout.write(f"{name:<23} down (run `make up`)\n")
    return 0 if not missing and all(answers for _, answers in found.values()) else 1


def _run(layout: Layout, options: argparse.Namespace) -> int:
    return run.run(layout, once=options.once)


def _test(layout: Layout, options: argparse.Namespace) -> int:
    return checks.run(layout, options.arguments)


def _clean(layout: Layout, _: argparse.Namespace) -> int:
    services.clean(layout)
    return 0


def _elasticsearch(layout: Layout, options: argparse.Namespace) -> int:
    with layout.locked("elasticsearch"):
        if options.direction == "down":
            elasticsearch.down(layout)
        else:
            elasticsearch.up(layout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
