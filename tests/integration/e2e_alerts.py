"""Which story causes which alert: all of alerts/backlogd.rules.yaml, and why one has none."""

STORY_OF_ALERT = {
    "BacklogdAbsent": "daemon-gone",
    "BacklogdAuthenticationFailing": "password-changed",
    "BacklogdBrokerLimits": "broker-lost",
    "BacklogdClusterNotUp": "cluster-gone",
    "BacklogdCommitsMissing": "never-committing",
    "BacklogdDataStale": "cluster-gone",
    "BacklogdDeadLetters": "dead-letters",
    "BacklogdDeadLettersExpired": "expired",
    "BacklogdDeadLettersGrowing": "one-reason",
    "BacklogdDeadLettersOld": "old",
    "BacklogdDeadLettersOneReason": "one-reason",
    "BacklogdDeadLettersShare": "dead-letters",
    "BacklogdDeadLettersSurge": "one-reason",
    "BacklogdDeadLettersUnhandled": "unhandled",
    "BacklogdDown": "daemon-gone",
    "BacklogdGroupLagGrowing": "producer-surge",
    "BacklogdGroupLate": "stopped-consumer",
    "BacklogdGroupLateBurn": "stopped-consumer",
    "BacklogdGroupRewound": "rewound",
    "BacklogdGroupStuck": "hanging-consumer",
    "BacklogdGroupUnderprovisioned": "underprovisioned",
    "BacklogdGroupWithoutMembers": "stopped-consumer",
    "BacklogdLagUnknown": "broker-lost",
    "BacklogdPartitionsUnderReplicated": "broker-lost",
    "BacklogdPartitionsWithoutLeader": "broker-lost",
    "BacklogdPollFailing": "flapping",
    "BacklogdPollRefused": "question-refused",
    "BacklogdRecordsLost": "retention-overtakes",
    "BacklogdReloadFailed": "configuration-broken",
    "BacklogdRetentionNear": "retention-nears",
    "BacklogdSeriesMany": "over-budget",
    "BacklogdWatchdog": "always",
}
# Alerts without a story. What keeps it from having one must stay true.
WITHOUT_STORY = {
    "BacklogdGroupLateBurnSlow": "it looks back a day: 12 minutes of this test's time",
}
# What must arrive when a whole part is gone.
ABSENCES = {
    "cluster-gone": ("BacklogdClusterNotUp", "BacklogdDataStale"),
    "daemon-gone": ("BacklogdDown", "BacklogdAbsent"),
    "always": ("BacklogdWatchdog",),
}
