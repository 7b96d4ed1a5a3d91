#include "kafka/credential_files.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace backlogd::kafka {
namespace {

class CredentialFilesTest : public testing::Test {
 protected:
  CredentialFilesTest() {
    std::filesystem::create_directories(folder_);
    Write("password", "one");
    Write("ca.pem", "one");
    cluster_.folder = folder_.string();
    cluster_.property_files["sasl.password"] = "password";
    cluster_.properties["ssl.ca.location"] = (folder_ / "ca.pem").string();
  }
  ~CredentialFilesTest() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& name, const std::string& content) {
    std::ofstream(folder_ / (name + ".new")) << content;
    std::filesystem::rename(folder_ / (name + ".new"), folder_ / name);
  }

  std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) /
      ("credentials-" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
  config::Cluster cluster_;
};

TEST_F(CredentialFilesTest, HaveChangedOnceWhenOneIsReplaced) {
  CredentialFiles files(cluster_);
  EXPECT_FALSE(files.Changed());
  for (const char* name : {"password", "ca.pem"}) {
    Write(name, "another");
    EXPECT_TRUE(files.Changed()) << name;
    EXPECT_FALSE(files.Changed()) << name;
  }
}

TEST_F(CredentialFilesTest, HaveChangedWhenALinkLeadsElsewhere) {
  Write("other", "one");
  std::filesystem::remove(folder_ / "password");
  std::filesystem::create_symlink("other", folder_ / "password");
  CredentialFiles files(cluster_);
  Write("other", "two");
  EXPECT_TRUE(files.Changed());
}

TEST_F(CredentialFilesTest, HaveNotChangedWhileOneIsGone) {
  CredentialFiles files(cluster_);
  std::filesystem::remove(folder_ / "password");
  EXPECT_FALSE(files.Changed());
  Write("password", "two");
  EXPECT_TRUE(files.Changed());
}

}  // namespace
}  // namespace backlogd::kafka
