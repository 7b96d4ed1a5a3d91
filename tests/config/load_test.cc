#include "config/load.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "config/error_of.h"

namespace backlogd::config {
namespace {

using std::chrono_literals::operator""ms;

// A folder of its own, gone at the end.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "backlogd-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::filesystem::path Write(const std::string& name, std::string_view content) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << content;
    return path_ / name;
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

std::string ParseError(std::string_view yaml) {
  return ErrorOf([yaml] { Parse(yaml, "f"); });
}

TEST(Parse, GivesTheDefaultsForWhatIsAbsentOrEmpty) {
  const char* const cases[] = {
      "",
      "\n\n",
      "# only a comment",
      "---\n",
      "---\n...\n",
      "{}",
      "~",
      "null",
      "poll:",
      "poll: {interval: }",
      "poll: ~\nweb: null\nclusters:\nlog: {level: ~}",
      "clusters: [{}]",
      "clusters:\n  - name:\n    topics: {include: , internal: }\n    properties: {debug: }",
      "\xEF\xBB\xBF",
      "%YAML 1.2\n---\npoll: {}\n",
  };
  for (const char* yaml : cases) EXPECT_EQ(Parse(yaml, "f"), Config()) << yaml;
}

TEST(Parse, ReadsEveryKey) {
  const Config read = Parse(R"(
clusters:
  - name: a
    bootstrap_servers: SASL_SSL://a:9093, [::1]:9092, b
    properties: {sasl.password: hunter2, socket.timeout.ms: 0100, group.id: 'x'}
    property_files: {ssl.key.password: key}
    topics: {include: [a.*, "\\Qb\\E"], exclude: [c], internal: true}
    groups: {include: [], exclude: [d]}
  - name: "é\n\"\u20ac"
    bootstrap_servers: b:9092
poll: {interval: 1h, timeout: 100ms}
analysis:
  window: 24h
  drain_time: 1s
  isolation: read_committed
  isolation_rules: [{groups: g, isolation: read_uncommitted}, {}, {groups: h}]
  capacity_hints: [{groups: g, member_records_per_second: 0.5}, {member_records_per_second: 1e3}]
metrics:
  detail: full
  detail_rules: [{groups: g, topics: t, detail: group}, {}, {topics: u, detail: topic}]
  series_budget: 1000000000
dead_letters:
  by_name: false
  masstransit: true
  exclude: [e, f.*]
  queues:
    - {topic: "(.*)-(.*)-lost", source_topic: "\\1", group: "\\2\\\\", handling_group: h-\1}
    - topic: lost
  scan: true
  scan_records: 1000000
  scan_bytes: 1GiB
  reasons:
    - {exception_class: Quota, message: "over (quota|limit).*", reason: business}
    - {message: slow, reason: timeout}
    - {exception_class: Odd}
web: {listen_addresses: ["127.0.0.1:0", "[::1]:9", "example-host:65535"], telemetry_path: /m/-/m_1.~}
log: {level: debug, format: json}
)",
                            "f");
  Config expected;
  expected.clusters = {
      {"a",
       "SASL_SSL://a:9093, [::1]:9092, b",
       {{"sasl.password", "hunter2"}, {"socket.timeout.ms", "0100"}, {"group.id", "x"}},
       {{"ssl.key.password", "key"}},
       {{{"a.*", "\\Qb\\E"}, {"c"}}, true},
       {{}, {"d"}},
       ""},
      {"é\n\"€", "b:9092", {}, {}, {}, {}, ""}};
  expected.poll = {std::chrono::hours(1), 100ms};
  expected.analysis = {std::chrono::hours(24),
                       1'000ms,
                       Isolation::kReadCommitted,
                       {{"g", Isolation::kReadUncommitted},
                        {".*", Isolation::kReadCommitted},
                        {"h", Isolation::kReadCommitted}},
                       {{"g", 0.5}, {".*", 1e3}}};
  expected.metrics = {
      Detail::kFull, {{"g", "t", Detail::kGroup}, {}, {".*", "u", Detail::kTopic}}, 1'000'000'000};
  expected.dead_letters = {false,
                           true,
                           {"e", "f.*"},
                           {{"(.*)-(.*)-lost", "\\1", "\\2\\\\", "h-\\1"}, {"lost", "", "", ""}},
                           true,
                           1'000'000,
                           1 << 30,
                           {{"Quota", "over (quota|limit).*", DeathReason::kBusiness},
                            {"", "slow", DeathReason::kTimeout},
                            {"Odd", "", DeathReason::kUnknown}}};
  expected.web = {{"127.0.0.1:0", "[::1]:9", "example-host:65535"}, "/m/-/m_1.~"};
  expected.log = {LogLevel::kDebug, LogFormat::kJson};
  EXPECT_EQ(read, expected);
}

TEST(Parse, ReadsEachWord) {
  const std::pair<const char*, LogLevel> levels[] = {{"debug", LogLevel::kDebug},
                                                     {"info", LogLevel::kInfo},
                                                     {"warn", LogLevel::kWarning},
                                                     {"error", LogLevel::kError}};
  for (const auto& [word, level] : levels) {
    EXPECT_EQ(Parse(std::string("log: {level: ") + word + "}", "f").log.level, level);
  }
  const std::pair<const char*, Detail> details[] = {{"group", Detail::kGroup},
                                                    {"topic", Detail::kTopic},
                                                    {"partition", Detail::kPartition},
                                                    {"full", Detail::kFull}};
  for (const auto& [word, detail] : details) {
    EXPECT_EQ(Parse(std::string("metrics: {detail: ") + word + "}", "f").metrics.detail, detail);
  }
  const std::pair<const char*, Isolation> isolations[] = {
      {"read_uncommitted", Isolation::kReadUncommitted},
      {"read_committed", Isolation::kReadCommitted}};
  for (const auto& [word, isolation] : isolations) {
    const std::string yaml = std::string("analysis: {isolation: ") + word + "}";
    EXPECT_EQ(Parse(yaml, "f").analysis.isolation, isolation);
  }
}

TEST(Parse, ReadsEachReasonOfADeath) {
  const std::pair<const char*, DeathReason> reasons[] = {
      {"retries_exhausted", DeathReason::kRetriesExhausted},
      {"format", DeathReason::kFormat},
      {"business", DeathReason::kBusiness},
      {"timeout", DeathReason::kTimeout},
      {"permission", DeathReason::kPermission},
      {"unknown", DeathReason::kUnknown}};
  for (const auto& [word, reason] : reasons) {
    const std::string rule = std::string("{message: m, reason: ") + word + "}";
    const Config read = Parse("dead_letters: {reasons: [" + rule + "]}", "f");
    ASSERT_EQ(read.dead_letters.reasons.size(), 1u);
    EXPECT_EQ(read.dead_letters.reasons[0].reason, reason) << word;
  }
}

TEST(Parse, ReadsBytesWithAndWithoutAUnit) {
  for (const char* size : {"2MiB", "2048KiB", "2097152"}) {
    const std::string yaml = std::string("dead_letters: {scan_bytes: ") + size + "}";
    EXPECT_EQ(Parse(yaml, "f").dead_letters.scan_bytes, 2 << 20) << size;
  }
}

TEST(Parse, TakesLineEndsOfAnyKindAndAByteOrderMark) {
  const Config read =
      Parse("\xEF\xBB\xBFpoll:\r\n  interval: 30s\r\nlog:\r\n  level: warn\r\n", "f");
  EXPECT_EQ(read.poll.interval, 30'000ms);
  EXPECT_EQ(read.log.level, LogLevel::kWarning);
  EXPECT_EQ(ParseError("\xEF\xBB\xBFpol: {}\r\n"), "f:1:1: pol: unknown key; did you mean poll?");
}

TEST(Parse, ShortensTheDefaultTimeoutToTheInterval) {
  EXPECT_EQ(Parse("poll: {interval: 5s}", "f").poll.timeout, 5'000ms);
  EXPECT_EQ(Parse("poll: {interval: 5s, timeout: }", "f").poll.timeout, 5'000ms);
  EXPECT_EQ(Parse("poll: {interval: 1m}", "f").poll.timeout, 10'000ms);
  EXPECT_NE(ParseError("poll: {interval: 5s, timeout: 10s}"), "");
}

TEST(Parse, TellsThePlaceOfWhatIsMissing) {
  EXPECT_EQ(ParseError("log: {}\nclusters:\n  - name: a\n  - {}\n  -   properties: {}\n"),
            "f:5:7: clusters[2].name: another cluster is called \"default\" too; give each a name "
            "of its own");
}

// Each would cost gigabytes or minutes, or crash, if it were read as YAML allows. The limits are
// far above what they take and far below what they would.
TEST(Parse, RefusesWhatIsMadeToHurtItSoon) {
  const auto repeat = [](std::string_view text, std::size_t bytes) {
    std::string all;
    while (all.size() + text.size() <= bytes) all += text;
    return all;
  };
  constexpr std::size_t kMax = std::size_t{1} << 20;
  const std::string cases[] = {
      repeat("[", 100'000),
      repeat("[", kMax),
      repeat("[\n", kMax),
      repeat("{a: ", kMax),
      repeat("{a: \n", kMax),
      repeat("[]", kMax),
      repeat("[a,", kMax),
      repeat("- ", kMax),
      repeat("- \n", kMax),
      repeat("? ", kMax),
      repeat("? \n", kMax),
      repeat("a: ", kMax),
      repeat("&a ", kMax),
      repeat("*a ", kMax),
      repeat("!", kMax),
      repeat("\"", kMax),
      repeat("'", kMax - 1),
      repeat("a\n", kMax),
      repeat("---\n", kMax),
      "a: \"" + repeat("\\n", kMax - 4),
      "a: |\n " + repeat("\n", kMax - 10) + "b",
      "[" + repeat("a,", kMax - 2) + "]",
      "[" + repeat("a,\n", kMax - 2) + "]",
      "{" + repeat("? a\n,", kMax - 2) + "}",
      "a: &a [x]\nb: [" + repeat("*a,", kMax - 20) + "]",
      "&a [*a]",
      "&a {b: *a}",
      repeat("x", kMax),
      repeat("x", kMax + 1),
      repeat("# comment\n", kMax) + "x",
  };
  for (const std::string& yaml : cases) {
    const auto start = std::chrono::steady_clock::now();
    const std::string error = ParseError(yaml);
    const auto took = std::chrono::steady_clock::now() - start;
    EXPECT_TRUE(error.starts_with("f:")) << yaml.substr(0, 40) << error;
    EXPECT_LT(error.size(), 300u);
    EXPECT_LT(took, std::chrono::seconds(20)) << yaml.substr(0, 40);
  }
}

TEST(Parse, RefusesALineOfBracketsBeforeParsingIt) {
  EXPECT_EQ(ParseError("clusters:\n" + std::string(100'000, '[')),
            "f:2:201: more than 200 brackets are open on this line; no key needs that");
  const std::string class_of_brackets = "[" + std::string(150, '[') + "]";
  EXPECT_EQ(ParseError("clusters: [{groups: {include: ['" + class_of_brackets + "']}}]"), "");
}

TEST(Parse, AcceptsAFileOfTheLargestSize) {
  std::string yaml = "poll: {interval: 30s}\n#";
  yaml.resize(std::size_t{1} << 20, 'x');
  EXPECT_EQ(Parse(yaml, "f").poll.interval, 30'000ms);
  EXPECT_EQ(ParseError(yaml + "x"), "f: larger than 1 MiB; this is not a configuration file");
}

TEST(Parse, CountsValues) {
  std::string patterns;
  for (int i = 0; i < 19'000; ++i) patterns += "a,\n";
  EXPECT_EQ(ParseError("clusters: [{groups: {include: [" + patterns + "]}}]"), "");
  EXPECT_EQ(ParseError("clusters: [{groups: {include: [" + patterns + patterns + "]}}]"),
            "f:19998:1: more than 20000 values; use patterns");
}

TEST(Load, NamesTheFileAndWhyItCannotBeRead) {
  const Folder folder;
  const std::string missing = (folder.path() / "missing.yaml").string();
  EXPECT_EQ(ErrorOf([&] { Load(missing); }),
            missing + ": cannot be read: No such file or directory");
  EXPECT_EQ(ErrorOf([&] { Load(folder.path()); }),
            folder.path().string() + ": is a folder; name a file");
  const std::string large = folder.Write("large.yaml", std::string((1 << 20) + 1, '#')).string();
  EXPECT_EQ(ErrorOf([&] { Load(large); }),
            large + ": larger than 1 MiB; this is not a configuration file");
  EXPECT_EQ(ErrorOf([&] { Load("/dev/zero"); }),
            "/dev/zero: larger than 1 MiB; this is not a configuration file");
  EXPECT_EQ(Load("/dev/null"), Config());
}

TEST(Load, PutsTheContentOfPropertyFilesIntoProperties) {
  const Folder folder;
  folder.Write("secrets/password", "hunter2\n");
  folder.Write("windows", "two\r\nlines\r\n");
  folder.Write("bare", " hunter3 \n\n");
  const std::string absolute = folder.Write("elsewhere", "hunter4").string();
  const Config config = Load(folder.Write("config.yaml",
                                          "clusters:\n  - property_files:\n"
                                          "      sasl.password: secrets/password\n"
                                          "      ssl.key.pem: windows\n"
                                          "      ssl.key.password: bare\n"
                                          "      sasl.username: " +
                                              absolute + "\n"));
  const std::map<std::string, std::string> expected = {{"sasl.password", "hunter2"},
                                                       {"ssl.key.pem", "two\r\nlines"},
                                                       {"ssl.key.password", " hunter3 \n"},
                                                       {"sasl.username", "hunter4"}};
  EXPECT_EQ(config.clusters[0].properties, expected);
}

TEST(Load, RefusesAPropertyFileWithoutUseAndDoesNotQuoteIt) {
  const Folder folder;
  folder.Write("empty", "\n");
  folder.Write("nul", std::string("hunter2\0", 8));
  folder.Write("large", std::string((1 << 20) + 1, 'h'));
  folder.Write("debug", "hunter2,all");
  const auto error_with = [&](const std::string& property, const std::string& file) {
    const auto path = folder.Write(
        "config.yaml", "clusters: [{property_files: {" + property + ": " + file + "}}]");
    return ErrorOf([&] { Load(path); }).substr(path.string().size());
  };
  EXPECT_EQ(error_with("sasl.password", "empty"),
            ":1:45: clusters[0].property_files.sasl.password: its file is empty; write the value "
            "into it");
  EXPECT_EQ(error_with("sasl.password", "nul"),
            ":1:45: clusters[0].property_files.sasl.password: its file holds a NUL byte, after "
            "which librdkafka would not read; remove it");
  EXPECT_EQ(error_with("sasl.password", "large"),
            ":1:45: clusters[0].property_files.sasl.password: its file is larger than 1 MiB; "
            "name another");
  EXPECT_EQ(error_with("debug", "debug").find("hunter"), std::string::npos);
  EXPECT_NE(error_with("debug", "debug").find("\"all\""), std::string::npos);
}

TEST(ResolvePropertyFiles, NamesTheKeyOfAFileThatCannotBeRead) {
  Config config;
  config.clusters[0].property_files["sasl.password"] = "hunter2";  // the secret, not its file
  EXPECT_EQ(ErrorOf([&] { ResolvePropertyFiles(config, "/nonexistent"); }),
            "clusters[0].property_files.sasl.password: its file cannot be read: No such file or "
            "directory");
  EXPECT_TRUE(config.clusters[0].properties.empty());
}

TEST(Locate, FindsAKeyOrWhatIsAroundIt) {
  const Folder folder;
  const std::string file =
      folder.Write("f.yaml", "clusters:\n  - properties:\n      bogus.x: 1\n").string();
  EXPECT_EQ(Locate(file, "clusters[0].properties.bogus.x"), file + ":3:16");
  EXPECT_EQ(Locate(file, "clusters[0].properties.other"), file + ":3:7");
  EXPECT_EQ(Locate(file, "poll.interval"), file);
  folder.Write("f.yaml", "[");
  EXPECT_EQ(Locate(file, "clusters[0]"), file);
  EXPECT_EQ(Locate("/nonexistent/f.yaml", "clusters[0]"), "/nonexistent/f.yaml");
}

TEST(Check, TellsTheKeyOfAValueThatWasChangedSinceLoading) {
  Config config;
  EXPECT_NO_THROW(Check(config));
  config.web.listen_addresses = {":9090", "localhost"};
  EXPECT_EQ(ErrorOf([&] { Check(config); }),
            "web.listen_addresses[1]: must be host:port, [IPv6 address]:port, or :port for all "
            "addresses; got \"localhost\"");
  try {
    Check(config);
  } catch (const ConfigError& error) {
    EXPECT_EQ(error.key(), "web.listen_addresses[1]");
    EXPECT_TRUE(error.problem().starts_with("must be host:port")) << error.problem();
  }
  config = Config();
  config.clusters[0].name = "\xFF";
  EXPECT_EQ(ErrorOf([&] { Check(config); }), "clusters[0].name: must be UTF-8 text");
}

}  // namespace
}  // namespace backlogd::config
