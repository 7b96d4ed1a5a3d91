#pragma once

#include "exposition/self_metrics.h"

namespace backlogd::app {

// Reads /proc of this process.
exposition::ProcessSample ReadProcessSample();

}  // namespace backlogd::app
