#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "config/error_of.h"
#include "config/load.h"

// Each file in tests/data/config is wrong in one way and says in its first line what backlogd must
// answer, after the name of the file.
namespace backlogd::config {
namespace {

const std::filesystem::path kFolder =
    std::filesystem::path(BACKLOGD_SOURCE_DIR) / "tests/data/config";

std::vector<std::filesystem::path> BadFiles() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    if (entry.path().string().ends_with(".bad.yaml")) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string ExpectedError(const std::filesystem::path& file) {
  const std::string mark = "# error: ";
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  EXPECT_TRUE(line.starts_with(mark)) << file;
  return line.substr(std::min(line.size(), mark.size()));
}

TEST(BadFiles, EachGivesTheMessageThatItPromises) {
  const std::vector<std::filesystem::path> files = BadFiles();
  ASSERT_GE(files.size(), 50u);
  for (const auto& file : files) {
    EXPECT_EQ(ErrorOf([&] { Load(file); }), file.string() + ":" + ExpectedError(file));
  }
}

TEST(BadFiles, NoMessageGivesASecretAway) {
  for (const auto& file : BadFiles()) {
    EXPECT_EQ(ErrorOf([&] { Load(file); }).find("hunter"), std::string::npos) << file;
  }
}

}  // namespace
}  // namespace backlogd::config
