"""What the daemon's statuses, causes and reasons are called, their colours, and what to do."""

# From best to worst, as in docs/metrics.md.
STATUSES = {
    "ok": ("OK", "green"),
    "catching_up": ("Catching up", "blue"),
    "falling_behind": ("Falling behind", "yellow"),
    "rewound": ("Rewound", "purple"),
    "not_committing": ("Does not commit", "orange"),
    "stalled": ("Stalled", "dark-orange"),
    "stopped": ("Stopped", "red"),
    "losing_data": ("Losing data", "dark-red"),
}

# Name: what it is called, its colour, what to do first.
CAUSES = {
    "broker": ("Broker", "red",
               "Mend the broker: leaders, replicas, slow or throttled requests."),
    "consumer_stopped": ("Consumer stopped", "dark-red",
                         "Start or restart the consumers; look for a record they cannot pass."),
    "skew": ("Skew", "purple",
             "Spread the key over more partitions; more members do not help."),
    "producer_surge": ("Producer surge", "yellow",
                       "Wait if it ends soon; else throttle producers or add members."),
    "consumer_slowdown": ("Consumer slowdown", "orange",
                          "Roll back the last change, or mend what the consumers call."),
    "too_few_partitions": ("Too few partitions", "blue",
                           "Add partitions: every one has a member already."),
    "underprovisioned": ("Underprovisioned", "dark-yellow",
                         "Add members, up to the number needed."),
    "unknown": ("Unknown", "text",
                "Nothing known explains it: see the consumers' own logs and metrics."),
}

REASONS = {
    "retries_exhausted": "orange", "format": "purple", "business": "yellow", "timeout": "blue",
    "permission": "red", "unknown": "text",
}
