#include "app/process_sample.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <fstream>
#include <vector>

namespace backlogd::app {
namespace {

TEST(ReadProcessSample, ReadsMemory) {
  const double before = ReadProcessSample().resident_memory_bytes.value();
  const std::vector<char> memory(64U << 20U, 'x');
  const exposition::ProcessSample after = ReadProcessSample();
  EXPECT_GT(before, 1e6);
  EXPECT_GT(after.resident_memory_bytes, before + 60e6);
  EXPECT_GE(after.virtual_memory_bytes, after.resident_memory_bytes);
  EXPECT_EQ(memory.back(), 'x');
}

TEST(ReadProcessSample, CountsOpenFiles) {
  const std::ifstream file("/proc/self/stat");
  int open = 0;
  for (int fd = 0; fd < 1024; ++fd) {
    if (fcntl(fd, F_GETFD) != -1) ++open;
  }
  EXPECT_EQ(ReadProcessSample().open_fds, open);
}

TEST(ReadProcessSample, ReadsLimitsTimeAndCpu) {
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  const exposition::ProcessSample sample = ReadProcessSample();
  EXPECT_EQ(sample.max_fds, static_cast<double>(limit.rlim_cur));
  EXPECT_GT(sample.start_time_seconds, 1.6e9);  // this code is younger than that
  EXPECT_EQ(sample.start_time_seconds, ReadProcessSample().start_time_seconds);
  EXPECT_GE(sample.cpu_seconds, 0);
}

}  // namespace
}  // namespace backlogd::app
