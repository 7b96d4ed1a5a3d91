#pragma once

namespace backlogd::cli {

// From here on the kernel writes no core dump of this process, nor of its children, however it is
// set up, and no process without privileges reads its memory: it holds secrets of the
// configuration. What has CAP_SYS_PTRACE can still look into it. Call it before any secret is read.
void ForbidCoreDumps();

}  // namespace backlogd::cli
