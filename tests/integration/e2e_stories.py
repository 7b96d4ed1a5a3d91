"""Stories besides those of the demo: too slow to be watched, or not one that a viewer would tell
from another."""

from support.stories import Alert, Start, Story

_MEMBERS = ("--topic=mails", "--group=mails.sender", "--members=2", "--handling-ms=1",
            "--commit=periodic", "--commit-interval=1s")

HANGING_CONSUMER = Story(
    "hanging-consumer", "All members are there, and none of them gets on with its work.",
    "mails.sender", {"mails": (2, {})},
    calm=(Start("sender", "consume", _MEMBERS),
          Start("mails", "produce", ("--topic=mails", "--schedule=constant", "--rate=20"))),
    trouble=(Start("sender", "consume", (*_MEMBERS, "--fault.kind=hang", "--fault.after=1s")),),
    cure=(Start("sender", "consume", _MEMBERS),),
    status="stalled", cause="consumer_stopped",
    alert=Alert("BacklogdGroupStuck", "group", "mails.sender",
                r"\d.* records are waiting .* nothing has shown that it reads any"))

FURTHER_STORIES = (HANGING_CONSUMER,)
