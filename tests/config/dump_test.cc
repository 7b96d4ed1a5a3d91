#include <gtest/gtest.h>

#include <string>

#include "config/load.h"

namespace backlogd::config {
namespace {

// librdkafka's properties that are or may hold secrets, and what an operator may take for one.
const char* const kSecretProperties[] = {
    "sasl.password",
    "sasl.pasword",
    "ssl.key.password",
    "ssl.key.pem",
    "ssl.keystore.password",
    "ssl_key",
    "ssl.certificate.pem",
    "sasl.jaas.config",
    "sasl.oauthbearer.config",
    "sasl.oauthbearer.client.secret",
    "sasl.oauthbearer.client.credentials.client.secret",
    "sasl.oauthbearer.extensions",
    "sasl.oauthbearer.token.endpoint.url",
    "sasl.oauthbearer.assertion.private.key.passphrase",
    "sasl.oauthbearer.assertion.private.key.pem",
    "ssl.truststore.password",
    "x",
};

TEST(Dump, ShowsNoSecret) {
  Config config;
  for (const char* name : kSecretProperties) config.clusters[0].properties[name] = "hunter2";
  config.clusters[0].properties["ssl.key.location"] = "-----BEGIN PRIVATE KEY-----\nhunter2";
  // As ResolvePropertyFiles leaves it.
  config.clusters[0].property_files["sasl.username"] = "/etc/backlogd/user";
  config.clusters[0].properties["sasl.username"] = "hunter2";

  const std::string dump = Dump(config);
  EXPECT_EQ(dump.find("hunter2"), std::string::npos) << dump;
  const Config read = Parse(dump, "dump");
  for (const char* name : kSecretProperties) {
    EXPECT_EQ(read.clusters[0].properties.at(name), "<secret>");
  }
  EXPECT_EQ(read.clusters[0].properties.count("sasl.username"), 0u);
  EXPECT_EQ(read.clusters[0].property_files.at("sasl.username"), "/etc/backlogd/user");
}

// A file with them is refused, so that the dump is not read back.
TEST(Dump, ShowsNothingOfPropertiesThatAreRefused) {
  Config config;
  for (const char* name : {"sasl.kerberos.kinit.cmd", "plugin.library.paths"}) {
    config.clusters[0].properties[name] = "hunter2";
  }
  const std::string dump = Dump(config);
  EXPECT_EQ(dump.find("hunter2"), std::string::npos) << dump;
}

TEST(Dump, ShowsWhatIsHarmless) {
  Config config;
  config.clusters[0].properties = {{"client.id", "backlogd"},
                                   {"debug", "broker"},
                                   {"group.id", "monitor"},
                                   {"sasl.mechanism", "SCRAM-SHA-512"},
                                   {"sasl.username", "backlogd"},
                                   {"security.protocol", "SASL_SSL"},
                                   {"socket.timeout.ms", "1000"},
                                   {"ssl.ca.location", "/etc/ca.pem"},
                                   {"ssl.key.location", "/etc/k.pem"},
                                   {"receive.message.max.bytes", "1000000"}};
  EXPECT_EQ(Parse(Dump(config), "dump"), config);
}

TEST(Dump, IsReadBackAsTheSame) {
  Config config;
  config.clusters.push_back(config.clusters[0]);
  config.clusters[0].name = "~";
  config.clusters[0].topics.include = {
      "x*",       "&y", "a: b # c", "\n\t\"'\\\\", "\u00E9\U0001F600", "!", "[*]", "- a", "", " ",
      "\x01\x7F", "@",  "%"};
  config.clusters[0].topics.internal = true;
  config.clusters[0].groups = {{}, {"null", "true", "017", "<secret>"}};
  config.clusters[1].property_files["sasl.password"] = "a\nb";
  config.poll = {std::chrono::seconds(90), std::chrono::milliseconds(1500)};
  config.analysis = {std::chrono::seconds(90),
                     std::chrono::milliseconds(1500),
                     Isolation::kReadCommitted,
                     {{"a", Isolation::kReadUncommitted}, {".*", Isolation::kReadCommitted}},
                     {{"a", 0.5}, {".*", 197}}};
  config.metrics = {Detail::kGroup, {{"a", ".*", Detail::kFull}, {".*", "b", Detail::kTopic}}};
  config.compatibility = {"kminion", "burrow"};
  config.dead_letters = {
      false,         true,
      {"a", "\\\\"}, {{"(.*)-x", "\\1", "g", "h"}, {"b", "", "", ""}},
      true,          7,
      (1 << 20) + 1, {{"a.b", "", DeathReason::kTimeout}, {"", "c: d", DeathReason::kUnknown}}};
  config.web = {{"[::1]:1", ":2"}, "/m"};
  config.log = {LogLevel::kError, LogFormat::kJson};
  EXPECT_EQ(Parse(Dump(config), "dump"), config) << Dump(config);
  EXPECT_EQ(Parse(Dump(Config()), "dump"), Config());
}

TEST(Dump, IsForPeople) {
  Config config;
  config.clusters[0].properties["sasl.password"] = "hunter2";
  EXPECT_EQ(Dump(config), R"(clusters:
  - name: "default"
    bootstrap_servers: "localhost:9092"
    properties:
      sasl.password: "<secret>"
    property_files: {}
    topics:
      include: [".*"]
      exclude: []
      internal: false
    groups:
      include: [".*"]
      exclude: []
poll:
  interval: 15s
  timeout: 10s
analysis:
  window: 5m
  drain_time: 30m
  isolation: read_uncommitted
  isolation_rules: []
  capacity_hints: []
metrics:
  detail: partition
  detail_rules: []
  series_budget: 1000000
compatibility: []
dead_letters:
  by_name: true
  masstransit: false
  exclude: []
  queues: []
  scan: false
  scan_records: 10000
  scan_bytes: 16MiB
  reasons: []
web:
  listen_addresses: [":12092"]
  telemetry_path: "/metrics"
log:
  level: info
  format: logfmt
)");
}

}  // namespace
}  // namespace backlogd::config
