#include "cli/core_dumps.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cstdlib>

namespace backlogd::cli {
namespace {

[[noreturn]] void LookInAProcessOfItsOwn() {
  if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 1) std::_Exit(2);
  ForbidCoreDumps();
  rlimit limit{1, 1};
  getrlimit(RLIMIT_CORE, &limit);
  const bool none = limit.rlim_cur == 0 && limit.rlim_max == 0;
  std::_Exit(none && prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 ? 0 : 1);
}

TEST(ForbidCoreDumpsTest, TheKernelWritesNoneWhateverItsPattern) {
  EXPECT_EXIT(LookInAProcessOfItsOwn(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace backlogd::cli
