#pragma once

#include "status/api.h"
#include "status/json_writer.h"
#include "status/selection.h"
#include "status/words.h"

// What the answers have in common.
namespace backlogd::status {

// The members of a group's object, without the brackets.
void WriteGroup(const GroupRow& row, Language language, JsonWriter& json);

}  // namespace backlogd::status
