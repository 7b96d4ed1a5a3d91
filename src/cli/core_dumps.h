#pragma once

namespace backlogd::cli {

// From here on the kernel writes no core dump of this process, however it is set up, and no process
// without privileges reads its memory: it holds secrets of the configuration. What has
// CAP_SYS_PTRACE can still look into it. Programs that it starts keep the limit of size 0, no more.
// Call it before any secret is read.
void ForbidCoreDumps();

}  // namespace backlogd::cli
