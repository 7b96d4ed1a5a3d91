#include "app/version.h"

namespace backlogd::app {

exposition::BuildInfo Build() { return {BACKLOGD_VERSION, BACKLOGD_REVISION}; }

}  // namespace backlogd::app
