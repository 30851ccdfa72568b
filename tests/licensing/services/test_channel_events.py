"""What the channels of authorisation tell is among the events that webhooks know and the page lists."""

from pathlib import Path

from licensing.services import channel_events
from registry.services import webhooks

PAGE = Path(__file__).resolve().parents[3] / "docs" / "webhooks.md"


def test_every_event_of_the_channels_can_be_told() -> None:
    told = {value for name, value in vars(channel_events).items() if name.isupper() and "." in str(value)}
    told -= {value for value in told if value.startswith("registry.")}
    assert told <= set(webhooks.EVENTS)


def test_the_page_lists_every_event_and_no_other() -> None:
    table = PAGE.read_text(encoding="utf-8").split("## Events")[1].split("## ")[0]
    first = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    listed = {name for cell in first for name in cell.replace("`", " ").split()} - {"type"}
    assert listed == {*webhooks.EVENTS, webhooks.TEST}
