#pragma once

#include "exposition/self_metrics.h"

namespace backlogd::app {

// Version of the project, and the git revision it was configured from ("unknown" without git).
exposition::BuildInfo Build();

}  // namespace backlogd::app
