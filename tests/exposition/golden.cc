#include "exposition/golden.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace backlogd::exposition {
namespace {

std::string FullPath(const std::string& path) {
  return std::string(BACKLOGD_SOURCE_DIR) + "/" + path;
}

bool IsUpdating() {
  const char* update = std::getenv("BACKLOGD_UPDATE_GOLDEN");
  return update != nullptr && std::string_view(update) == "1";
}

}  // namespace

void ExpectFile(const std::string& path, std::string_view text) {
  if (IsUpdating()) std::ofstream(FullPath(path), std::ios::binary) << text;
  EXPECT_EQ(ReadRepositoryFile(path), text)
      << path << " differs; run the tests with BACKLOGD_UPDATE_GOLDEN=1 and look at the change";
}

std::string ReadRepositoryFile(const std::string& path) {
  const std::ifstream file(FullPath(path), std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace backlogd::exposition
