#pragma once

#include <string>
#include <string_view>

#include "deadletters/discovery.h"

// Whose commits on a dead-letter queue mean that somebody took care of the records.
namespace backlogd::deadletters {

// The group in whose commits backlogd-dlq keeps how far it got with a queue.
std::string OwnHandlingGroup(std::string_view queue_topic);

// True for the name of such a group, whatever the queue.
bool IsOwnHandlingGroup(std::string_view group);

// True for groups that commit what they only look at: the listeners that Spring's @RetryableTopic
// adds for its own dead-letter topics ("billing-dlt" on "orders-dlt"), which log and commit at
// once, and kafka-console-consumer without a group of its own.
bool OnlyLooks(std::string_view group, const DeadLetterQueue& queue);

// Whether what the group has committed on the queue counts as handled: always for our own group;
// for the configured group and no other where there is one; else for all that do not only look.
bool Handles(std::string_view group, const DeadLetterQueue& queue);

}  // namespace backlogd::deadletters
