#include "dlq/version.h"

namespace backlogd::dlq {

std::string_view Version() {
  return "backlogd-dlq " BACKLOGD_VERSION " (revision " BACKLOGD_REVISION ")";
}

}  // namespace backlogd::dlq
