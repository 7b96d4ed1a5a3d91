#pragma once

#include <map>
#include <string_view>
#include <vector>

#include "exposition/compatibility.h"

namespace backlogd::exposition {

using Labels = std::vector<std::string_view>;

// What an exporter documents: its families, and their labels. (Not taken from our catalog.)
using Documented = std::map<std::string_view, Labels>;
Documented DocumentedOf(Peer peer);

}  // namespace backlogd::exposition
