#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <vector>

#include "config/load.h"
#include "config/schema.h"
#include "config/yaml_document.h"

// config/backlogd.yaml is documentation that runs: these tests hold it against the code.
namespace backlogd::config {
namespace {

const std::string kFolder = std::string(BACKLOGD_SOURCE_DIR) + "/config/";

std::string ReadText(const std::string& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// The text with each "# e.g." line in the place of the empty value on the line before.
std::string WithExamples(const std::string& text) {
  return std::regex_replace(text, std::regex(R"((\[\]|\{\})\n *# e\.g\. )"), "");
}

void AppendKeys(const YamlNode& node, const std::string& path, std::vector<std::string>& keys) {
  for (const YamlNode& item : node.items) AppendKeys(item, path + "[]", keys);
  for (const YamlEntry& entry : node.entries) {
    const std::string key = Join(path, entry.key);
    keys.push_back(key);
    AppendKeys(entry.value, key, keys);
  }
}

TEST(Reference, HasTheDefaultsOfTheCode) { EXPECT_EQ(Load(kFolder + "backlogd.yaml"), Config()); }

TEST(Reference, HasEveryKeyInTheOrderOfTheCode) {
  std::vector<std::string> keys;
  AppendKeys(ParseYaml(WithExamples(ReadText(kFolder + "backlogd.yaml"))), "", keys);
  std::erase_if(keys, [](const std::string& key) {  // librdkafka's, not ours
    return key.find(".properties.") != std::string::npos ||
           key.find(".property_files.") != std::string::npos;
  });
  EXPECT_EQ(keys, KnownKeys());
}

TEST(Reference, HasExamplesThatCanBeUsed) {
  const std::string text = WithExamples(ReadText(kFolder + "backlogd.yaml"));
  EXPECT_EQ(text.find("e.g. ["), std::string::npos);
  const Config config = Parse(text, "examples");
  EXPECT_EQ(config.clusters[0].properties.count("security.protocol"), 1u);
  EXPECT_EQ(config.clusters[0].property_files.count("sasl.password"), 1u);
  EXPECT_EQ(config.clusters[0].topics.exclude.size(), 2u);
  EXPECT_EQ(config.clusters[0].groups.exclude.size(), 1u);
  EXPECT_EQ(config.analysis.isolation_rules.size(), 1u);
  EXPECT_EQ(config.analysis.capacity_hints.size(), 1u);
  EXPECT_EQ(config.metrics.detail_rules.size(), 1u);
  EXPECT_EQ(config.compatibility.size(), 1u);
  EXPECT_EQ(config.dead_letters.exclude.size(), 1u);
  EXPECT_EQ(config.dead_letters.queues.size(), 1u);
  EXPECT_EQ(config.dead_letters.reasons.size(), 1u);
}

TEST(Reference, GivesAReasonForEveryKey) {
  std::ifstream stream(kFolder + "backlogd.yaml");
  std::string before;
  for (std::string line; std::getline(stream, line); before = line) {
    if (!std::regex_search(line, std::regex("^ +[a-z_]+: ?[^ ]"))) continue;  // opens a section
    EXPECT_NE(before.find("# "), std::string::npos) << line;
  }
}

// Other exporters' keys stand in the other columns of the tables there.
TEST(Migration, NamesKeysThatExist) {
  const std::vector<std::string> known = KnownKeys();
  std::ifstream stream(std::string(BACKLOGD_SOURCE_DIR) + "/docs/migration.md");
  const std::regex key(
      R"(`((clusters\[\]|poll|analysis|metrics|dead_letters|web|log)\.[a-z_.]+)`)");
  std::size_t found = 0;
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("|")) line = line.substr(line.rfind("| ", line.size() - 3));
    for (std::sregex_iterator at(line.begin(), line.end(), key), end; at != end; ++at, ++found) {
      EXPECT_NE(std::ranges::find(known, (*at)[1].str()), known.end()) << (*at)[1];
    }
  }
  EXPECT_GT(found, 30u);
}

TEST(Migration, HasAnExampleThatCanBeUsed) {
  const std::string text = ReadText(std::string(BACKLOGD_SOURCE_DIR) + "/docs/migration.md");
  const std::size_t begin = text.find("```yaml\n") + 8;
  const Config config = Parse(text.substr(begin, text.find("```", begin) - begin), "example");
  EXPECT_EQ(config.compatibility.size(), 1u);
}

TEST(Minimal, IsTheDefaults) { EXPECT_EQ(Load(kFolder + "minimal.yaml"), Config()); }

TEST(KnownKeys, ArePaths) {
  const std::vector<std::string> keys = KnownKeys();
  for (const char* key :
       {"clusters", "clusters[].topics.internal", "poll.timeout",
        "analysis.isolation_rules[].isolation", "analysis.capacity_hints[].groups",
        "metrics.detail_rules[].groups", "dead_letters.queues[].handling_group",
        "dead_letters.reasons[].reason", "log.format"}) {
    EXPECT_EQ(std::count(keys.begin(), keys.end(), key), 1) << key;
  }
}

}  // namespace
}  // namespace backlogd::config
