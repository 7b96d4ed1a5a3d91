#include "config/sim.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <vector>

#include "config/load.h"
#include "config/yaml_document.h"

namespace backlogd::config {
namespace {

const std::string kReference = std::string(BACKLOGD_SOURCE_DIR) + "/config/sim.yaml";

std::string ErrorOf(std::string_view yaml, const Overrides& overrides = {}) {
  try {
    ParseSim(yaml, "sim.yaml", overrides);
  } catch (const ConfigError& e) {
    return e.what();
  }
  return "";
}

void AppendKeys(const YamlNode& node, const std::string& path, std::vector<std::string>& keys) {
  for (const YamlEntry& entry : node.entries) {
    keys.push_back(Join(path, entry.key));
    AppendKeys(entry.value, Join(path, entry.key), keys);
  }
}

TEST(SimReference, HasTheDefaultsOfTheCode) { EXPECT_EQ(LoadSim(kReference, {}), Sim()); }

TEST(SimReference, HasEveryKeyInTheOrderOfTheCode) {
  std::ifstream stream(kReference);
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  std::vector<std::string> keys;
  AppendKeys(ParseYaml(text), "", keys);
  EXPECT_EQ(keys, KnownSimKeys());
}

TEST(SimReference, HasExamplesThatCanBeUsed) {
  std::ifstream stream(kReference);
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  const Sim sim =
      ParseSim(std::regex_replace(text, std::regex(R"((\{\})\n *# e\.g\. )"), ""), "examples", {});
  EXPECT_EQ(sim.cluster.properties.count("security.protocol"), 1u);
  EXPECT_EQ(sim.cluster.property_files.count("sasl.password"), 1u);
}

TEST(Sim, IsChangedByOverrides) {
  const Sim sim = ParseSim("consume: {members: 2, group: g}\n", "sim.yaml",
                           {{"consume.members", "3"},
                            {"consume.handling_ms", "0.5"},
                            {"consume.failures.kinds", "format,timeout"},
                            {"kafka.bootstrap_servers", "b:1"},
                            {"listen_addresses", "127.0.0.1:0"}});
  EXPECT_EQ(sim.consume.members, 3);
  EXPECT_EQ(sim.consume.group, "g");
  EXPECT_EQ(sim.consume.handling_ms, 0.5);
  EXPECT_EQ(sim.consume.failures.kinds, (std::vector<std::string>{"format", "timeout"}));
  EXPECT_EQ(sim.cluster.bootstrap_servers, "b:1");
  EXPECT_EQ(sim.listen_addresses, std::vector<std::string>{"127.0.0.1:0"});
}

TEST(Sim, NamesTheKeyOfAnOverrideAndThePlaceOfALine) {
  EXPECT_EQ(ErrorOf("", {{"consume.members", "x"}}),
            "consume.members: must be a whole number such as 10000, got \"x\"");
  EXPECT_EQ(ErrorOf("", {{"consume.members", "0"}}),
            "consume.members: must be between 1 and 1000, got 0");
  EXPECT_EQ(ErrorOf("consume:\n  members: 0\n"),
            "sim.yaml:2:12: consume.members: must be between 1 and 1000, got 0");
  EXPECT_EQ(ErrorOf("consume: 3\n", {{"consume.members", "2"}}).substr(0, 20),
            "sim.yaml:1:10: consu");
}

struct Refusal {
  const char* key;
  const char* text;
  const char* says;
};

TEST(Sim, RefusesWhatMakesNoSense) {
  for (const auto& [key, text, says] : {
           Refusal{"topic", "a b", "must be the name of a topic"},
           Refusal{"topic", "..", "must be the name of a topic"},
           Refusal{"length", "-1s", "must be a duration"},
           Refusal{"timeout", "1ms", "must be between 100ms and 1d, got 1ms"},
           Refusal{"produce.schedule", "sin", "must be one of none, constant"},
           Refusal{"produce.rate", "nan", "must be a number such as"},
           Refusal{"produce.rate", "-1", "must be between 0 and 1e+09, got -1"},
           Refusal{"produce.value_bytes", "1GiB", "must be between 0 and 64MiB, got 1GiB"},
           Refusal{"produce.max_value_bytes", "10", "must not be below produce.value_bytes (100)"},
           Refusal{"produce.abort_rate", "1.5", "must be between 0 and 1, got 1.5"},
           Refusal{"produce.push.back_pressure.url", "ftp://x", "must begin with http://"},
           Refusal{"produce.push.back_pressure.url", "http://x", "has no limit beside it"},
           Refusal{"produce.push.back_pressure.max_lag_records", "5", "must name a backlogd"},
           Refusal{"consume.group", "", "must not be empty"},
           Refusal{"consume.max_poll_interval", "5s", "must not be below consume.session_timeout"},
           Refusal{"consume.failures.kinds", "format,bad", "got \"bad\""},
           Refusal{"consume.handling", "growing", ""},
           Refusal{"capacity.repeats", "1", "must be between 2 and 20, got 1"},
           Refusal{"listen_addresses", "x", "must be host:port"},
       }) {
    const std::string error = ErrorOf("", {{key, text}});
    EXPECT_NE(error.find(says), std::string::npos) << key << " " << text << ": " << error;
  }
  EXPECT_NE(ErrorOf("produce: {schedule: burst, period: 5s}\n").find("burst_length"),
            std::string::npos);
  EXPECT_NE(ErrorOf("produce: {timestamp_behind: 1s, timestamp_ahead: 1s}\n").find("goes not with"),
            std::string::npos);
}

TEST(Sim, IsWrittenWithoutSecretsAndReadBack) {
  Sim sim =
      ParseSim("kafka: {properties: {sasl.password: hunter2}}\nconsume: {handling_ms: 0.25}\n",
               "sim.yaml", {});
  const std::string text = DumpSim(sim);
  EXPECT_EQ(text.find("hunter2"), std::string::npos) << text;
  sim.cluster.properties["sasl.password"] = "<secret>";
  EXPECT_EQ(ParseSim(text, "dump", {}), sim);
}

}  // namespace
}  // namespace backlogd::config
