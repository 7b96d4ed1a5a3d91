#pragma once

#include <string>
#include <string_view>

#include "dlq/survey.h"

// What to say of topics that are not there.
namespace backlogd::dlq {

// "topic 'order-dlt' does not exist; did you mean orders-dlt?"
std::string NoSuchTopic(const Survey& survey, std::string_view topic);
// The same, with the queues if nothing is near.
std::string UnknownTopic(const Survey& survey, std::string_view topic);

}  // namespace backlogd::dlq
