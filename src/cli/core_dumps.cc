#include "cli/core_dumps.h"

#include <sys/prctl.h>
#include <sys/resource.h>

namespace backlogd::cli {

// Neither can fail with these arguments.
void ForbidCoreDumps() {
  // The limit alone: where the kernel hands a dump to a program, it asks nobody for the limit.
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
}

}  // namespace backlogd::cli
