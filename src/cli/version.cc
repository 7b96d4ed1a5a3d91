#include "cli/version.h"

namespace backlogd::cli {

std::string VersionLine(std::string_view program) {
  return std::string(program) + " " BACKLOGD_VERSION " (revision " BACKLOGD_REVISION ")";
}

}  // namespace backlogd::cli
