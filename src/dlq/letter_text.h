#pragma once

#include <string>

#include "base/time.h"
#include "dlq/letter.h"

namespace backlogd::dlq {

// A letter for people to read, on several lines, the last of them empty. Fit for a terminal,
// whatever the record holds. Long keys, values, headers and messages are cut unless `full`.
std::string ToText(const Letter& letter, WallTime now, bool full);

}  // namespace backlogd::dlq
