#include "kafka/client_configuration.h"

#include <gtest/gtest.h>

#include "kafka/librdkafka_client.h"
#include "kafka/recording_log.h"

namespace backlogd::kafka {
namespace {

using namespace std::chrono_literals;

config::Cluster With(std::map<std::string, std::string> properties) {
  config::Cluster cluster;
  cluster.name = "blue";
  cluster.bootstrap_servers = "localhost:1";
  cluster.properties = std::move(properties);
  return cluster;
}

std::string ValueOf(const config::Cluster& cluster, const char* property) {
  RecordingLog log;
  LibraryLog library_log{log, cluster.name, Secrets(cluster)};
  const ConfPtr conf = MakeConfiguration(cluster, 7s, library_log);
  std::array<char, 256> value{};
  std::size_t size = value.size();
  EXPECT_EQ(rd_kafka_conf_get(conf.get(), property, value.data(), &size), RD_KAFKA_CONF_OK);
  return value.data();
}

TEST(MakeConfiguration, PutsPropertiesOverDefaultsButNotOverGuards) {
  EXPECT_EQ(ValueOf(With({}), "group.id"), "backlogd");
  EXPECT_EQ(ValueOf(With({{"group.id", "mine"}}), "group.id"), "mine");
  EXPECT_EQ(ValueOf(With({{"client.id", "mine"}}), "client.id"), "mine");
  EXPECT_EQ(ValueOf(With({}), "bootstrap.servers"), "localhost:1");
  EXPECT_EQ(ValueOf(With({{"enable.metrics.push", "true"}}), "enable.metrics.push"), "false");
  EXPECT_EQ(ValueOf(With({{"allow.auto.create.topics", "true"}}), "allow.auto.create.topics"),
            "false");
  EXPECT_EQ(ValueOf(With({{"statistics.interval.ms", "1"}}), "statistics.interval.ms"), "7000");
}

TEST(MakeLibrdkafkaClient, NamesARefusedPropertyAndQuotesWhatIsNoSecret) {
  const struct {
    const char* property;
    const char* value;
    const char* message;
  } cases[] = {
      {"no.such.property", "hunter2",
       "properties.no.such.property: librdkafka has no such property, or was built without it"},
      {"security.protocol", "plain\ntext",
       "properties.security.protocol: librdkafka refuses \"plain text\": Invalid value \"plain "
       "text\" for configuration property \"security.protocol\""},
      {"socket.timeout.ms", "5",
       "properties.socket.timeout.ms: librdkafka refuses \"5\": Configuration property "
       "\"socket.timeout.ms\" value 5 is outside allowed range 10..300000"},
      {"enable.sasl.oauthbearer.unsecure.jwt", "hunter2",
       "properties.enable.sasl.oauthbearer.unsecure.jwt: librdkafka refuses the value; see its "
       "CONFIGURATION.md"},
      {"group.id", "", "properties.group.id: must not be empty"},
      {"debug", "broker,security",
       "properties.debug: the contexts all, security, protocol and conf may print "
       "secrets"},
  };
  for (const auto& c : cases) {
    RecordingLog log;
    try {
      MakeLibrdkafkaClient(With({{c.property, c.value}}), 1s, log);
      ADD_FAILURE() << c.property << " was accepted";
    } catch (const config::ConfigError& error) {
      EXPECT_STREQ(error.what(), c.message);
    }
  }
}

std::string RefusalOf(const config::Cluster& cluster) {
  RecordingLog log;
  try {
    MakeLibrdkafkaClient(cluster, 1s, log);
  } catch (const config::ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(MakeLibrdkafkaClient, DoesNotQuoteWhatCameFromAFile) {
  config::Cluster cluster = With({{"security.protocol", "hunter2"}});
  cluster.property_files["security.protocol"] = "protocol.txt";
  EXPECT_EQ(RefusalOf(cluster),
            "property_files.security.protocol: librdkafka refuses the value; see its "
            "CONFIGURATION.md");
}

TEST(MakeLibrdkafkaClient, NamesTheFileThatCannotBeRead) {
  for (const std::string property : {"ssl.ca.location", "ssl.certificate.location",
                                     "ssl.key.location", "ssl.keystore.location"}) {
    EXPECT_EQ(RefusalOf(With({{"security.protocol", "ssl"}, {property, "/nonexistent/x.pem"}})),
              "properties." + property +
                  ": \"/nonexistent/x.pem\" cannot be read: No such file or directory");
  }
  const std::string pasted = "-----BEGIN PRIVATE KEY-----hunter2";
  RecordingLog log;
  try {
    MakeLibrdkafkaClient(With({{"security.protocol", "ssl"}, {"ssl.key.location", pasted}}), 1s,
                         log);
    ADD_FAILURE() << "a file that is none was accepted";
  } catch (const config::ConfigError& error) {
    const std::string refusal = error.what();
    EXPECT_TRUE(refusal.starts_with("properties: librdkafka refuses")) << refusal;
    EXPECT_EQ(refusal.find("hunter2"), std::string::npos) << refusal;
  }
  EXPECT_FALSE(log.Has("hunter2"));
}

TEST(MakeLibrdkafkaClient, HidesSecretsInWhatLibrdkafkaSays) {
  RecordingLog log;
  const auto cluster = With({{"security.protocol", "ssl"}, {"ssl.key.pem", "hunter2 is no key"}});
  try {
    MakeLibrdkafkaClient(cluster, 1s, log);
    ADD_FAILURE() << "a broken key was accepted";
  } catch (const config::ConfigError& error) {
    const std::string message = error.what();
    EXPECT_EQ(message.find("hunter2"), std::string::npos) << message;
    EXPECT_TRUE(message.starts_with("properties: librdkafka refuses them: ")) << message;
  }
  EXPECT_FALSE(log.Has("hunter2"));
}

TEST(Secrets, HidesEachValue) {
  config::Cluster cluster = With({{"sasl.password", "abc"},
                                  {"ssl.key.password", "abcdef"},
                                  {"sasl.username", "user"},
                                  {"sasl.mechanism", ""},
                                  {"token.endpoint", "xyz"}});
  cluster.property_files["sasl.username"] = "user.txt";
  const Secrets secrets(cluster);
  EXPECT_EQ(secrets.Hide("abcdef abc user xyz other"), "<secret> <secret> <secret> <secret> other");
  EXPECT_EQ(Secrets(With({})).Hide("abc"), "abc");
}

TEST(Secrets, HidesAKeyByItsLines) {
  const std::string line = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg";
  const std::string pem =
      "-----BEGIN PRIVATE KEY-----\n" + line + "\nAbCdEfGhIj\n-----END PRIVATE KEY-----\n";
  const config::Cluster cases[] = {With({{"ssl.key.pem", pem}}), With({{"ssl.key.location", pem}})};
  for (const config::Cluster& cluster : cases) {
    const Secrets secrets(cluster);
    EXPECT_EQ(secrets.Hide("fopen(" + pem + ", r)"), "fopen(<secret>, r)");
    EXPECT_EQ(secrets.Hide("cannot read " + line + " and AbCdEfGhIj"),
              "cannot read <secret> and <secret>");
    EXPECT_EQ(secrets.Hide("fopen(" + line.substr(0, 20)), "fopen(<secret>");
    EXPECT_EQ(secrets.Hide("a file that begins with MIGHAgE"), "a file that begins with MIGHAgE");
  }
}

TEST(Secrets, HidesAKeyByItsLinesOfAnotherSystem) {
  const std::string line = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg";
  const Secrets secrets(With({{"ssl.key.pem", line + "\r\nAbCdEfGhIj\r\n"}}));
  EXPECT_EQ(secrets.Hide(line + " AbCdEfGhIj"), "<secret> <secret>");
}

}  // namespace
}  // namespace backlogd::kafka
