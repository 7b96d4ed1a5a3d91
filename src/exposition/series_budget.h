#pragma once

#include <cstdint>

#include "exposition/compatibility.h"
#include "exposition/rendering.h"

// Private to exposition.
namespace backlogd::exposition {

// Most series that the page can have at the levels of `r`: as if all were known, and every
// partition in trouble. It grows with topics, groups and partitions, and not with an incident.
std::uint64_t MostSeries(const Rendering& r, const Compatibility& compatibility);

// Lowers the levels of `r` until MostSeries() is within the budget, or none is left to be lowered:
// one Droppable after the other, groups and topics as a whole, the largest first. Sizes are
// compared by powers of two, and then names: a group that grows a little changes places with none.
void KeepToBudget(const Compatibility& compatibility, Rendering& r);

}  // namespace backlogd::exposition
