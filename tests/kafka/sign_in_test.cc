#include "kafka/sign_in.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "kafka/librdkafka_client.h"
#include "kafka/recording_log.h"

namespace backlogd::kafka {
namespace {

using namespace std::chrono_literals;
using Properties = std::map<std::string, std::string>;

config::Cluster With(Properties properties) {
  config::Cluster cluster;
  cluster.bootstrap_servers = "localhost:1";
  cluster.properties = std::move(properties);
  return cluster;
}

Properties Asking(const std::string& endpoint) {
  return {{"security.protocol", "sasl_ssl"},
          {"sasl.mechanisms", "OAUTHBEARER"},
          {"sasl.oauthbearer.method", "OIDC"},
          {"sasl.oauthbearer.token.endpoint.url", endpoint}};
}

std::string AwaitedBy(const config::Cluster& cluster) {
  RecordingLog log;
  LibraryLog library_log{log, cluster.name, Secrets(cluster)};
  return AwaitedToken(cluster, MakeConfiguration(cluster, 0ms, library_log).get());
}

TEST(AwaitedToken, NamesTheHostAndNothingElseOfTheEndpoint) {
  const std::string begin = "no SASL OAUTHBEARER token yet: ";
  const std::string end = "sasl.oauthbearer.token.endpoint.url has not answered";
  const struct {
    const char* endpoint;
    const char* named;
  } cases[] = {
      {"http://idp:8080/token", "idp:8080 of "},
      {"https://me:hunter2@idp.example/token?key=hunter2", "idp.example of "},
      {"https://[::1]:443", "[::1]:443 of "},
      // Where a secret may hold what ends a host, nothing is named.
      {"https://me:hunt/er2@idp/token", ""},
      {"https://idp/token?mail=a@hunter2", ""},
      {"me:hunter2@idp", ""},
      {"https://hunter 2/", ""},
  };
  for (const auto& c : cases) {
    std::string expected = begin;
    expected.append(c.named).append(end);
    EXPECT_EQ(AwaitedBy(With(Asking(c.endpoint))), expected) << c.endpoint;
  }
  config::Cluster cluster = With(Asking("http://hunter2/token"));
  cluster.property_files["sasl.oauthbearer.token.endpoint.url"] = "url";
  EXPECT_EQ(AwaitedBy(cluster), begin + end);
  EXPECT_EQ(AwaitedBy(With({{"security.protocol", "sasl_ssl"}, {"sasl.mechanism", "OAUTHBEARER"}})),
            begin + "sasl.oauthbearer.method must be oidc");
}

TEST(AwaitedToken, IsOfOauthbearerOnly) {
  EXPECT_EQ(AwaitedBy(With({})), "");
  EXPECT_EQ(AwaitedBy(With({{"security.protocol", "sasl_ssl"}, {"sasl.mechanism", "PLAIN"}})), "");
}

// A folder that PATH consists of, with or without a kinit that leaves a mark.
class OnlyPath {
 public:
  explicit OnlyPath(bool with_kinit)
      : folder_(testing::TempDir() + "backlogd_kinit_" + std::to_string(getpid())),
        before_(std::getenv("PATH")) {
    std::filesystem::create_directory(folder_);
    if (with_kinit) {
      const std::string kinit = folder_ + "/kinit";
      std::ofstream(kinit) << "#!/bin/sh\n: >" << mark() << "\n";
      EXPECT_EQ(chmod(kinit.c_str(), 0700), 0);
    }
    setenv("PATH", folder_.c_str(), 1);
  }
  ~OnlyPath() {
    setenv("PATH", before_.c_str(), 1);
    std::filesystem::remove_all(folder_);
  }
  OnlyPath(const OnlyPath&) = delete;
  OnlyPath& operator=(const OnlyPath&) = delete;

  const std::string& folder() const { return folder_; }
  std::string mark() const { return folder_ + "/mark"; }
  bool WasRun() const { return std::filesystem::exists(mark()); }

 private:
  std::string folder_;
  std::string before_;
};

TEST(HasProgram, LooksInEachFolderOfAPath) {
  const OnlyPath path(true);
  EXPECT_TRUE(HasProgram("/nonexistent::" + path.folder(), "kinit"));
  EXPECT_FALSE(HasProgram("/nonexistent:" + path.folder(), "klist"));
  EXPECT_FALSE(HasProgram("", "kinit"));
}

const Properties kKerberos = {{"security.protocol", "sasl_plaintext"},
                              {"sasl.kerberos.keytab", "/etc/backlogd/a keytab"}};

TEST(Kerberos, RunsKinitForAClientAndNotToCheckIt) {
  const OnlyPath path(true);
  RecordingLog log;
  CheckProperties(With(kKerberos), log);
  EXPECT_FALSE(path.WasRun());
  const auto client = MakeLibrdkafkaClient(With(kKerberos), 1s, log);
  const auto patience = std::chrono::steady_clock::now() + 20s;
  while (!path.WasRun() && std::chrono::steady_clock::now() < patience) std::this_thread::yield();
  EXPECT_TRUE(path.WasRun());
  EXPECT_FALSE(log.Has("kinit is not installed"));
}

TEST(Kerberos, SaysOnceThatThereIsNoKinit) {
  const OnlyPath path(false);
  RecordingLog log;
  testing::internal::CaptureStderr();
  const auto client = MakeLibrdkafkaClient(With(kKerberos), 1s, log);
  // From the third on, each call has a fresh handle.
  for (int i = 0; i < 4; ++i) {
    EXPECT_FALSE(client->FetchMetadata(std::chrono::steady_clock::now() + 100ms));
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(log.Count("kinit is not installed: Kerberos tickets are not renewed "
                      "kafka_cluster=default"),
            1U);
}

TEST(Kerberos, DemandsAKeytabUnlessTicketsComeFromElsewhere) {
  const OnlyPath path(true);
  RecordingLog log;
  Properties properties = {{"security.protocol", "sasl_plaintext"}};
  try {
    CheckProperties(With(properties), log);
    ADD_FAILURE() << "accepted";
  } catch (const config::ConfigError& error) {
    EXPECT_STREQ(error.what(),
                 "properties.sasl.kerberos.keytab: must be set, because kinit gets a Kerberos "
                 "ticket with it; or set sasl.kerberos.min.time.before.relogin to 0 if tickets "
                 "come from elsewhere");
  }
  properties["sasl.kerberos.min.time.before.relogin"] = "0";
  EXPECT_NO_THROW(CheckProperties(With(properties), log));
}

}  // namespace
}  // namespace backlogd::kafka
