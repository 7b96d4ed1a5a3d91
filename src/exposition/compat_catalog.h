#pragma once

#include <span>

#include "exposition/compatibility.h"
#include "exposition/metric_catalog.h"

namespace backlogd::exposition {

// What is served under the names of `peer`, in the order in which the page shows it; the labels as
// one cluster has them.
std::span<const MetricSpec> FamiliesOf(Peer peer);

}  // namespace backlogd::exposition
