#include "dlq/export.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "dlq/failure.h"
#include "dlq/gzip.h"

namespace backlogd::dlq {
namespace {

namespace fs = std::filesystem;

std::string LineOf(int offset) {
  return R"({"topic":"q","partition":0,"offset":)" + std::to_string(offset) + "}";
}

fs::path Fresh(const std::string& name) {
  const fs::path file = fs::path(testing::TempDir()) / ("export_test." + name);
  fs::remove(file);
  return file;
}

void Put(const fs::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}
std::string Get(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

void Write(const fs::path& file, std::initializer_list<int> offsets) {
  const auto to = OpenExportFile(file);
  for (const int offset : offsets) to->Append(LineOf(offset));
  EXPECT_EQ(to->Flush(), std::nullopt) << "cannot be written";
}

std::string ProblemOf(const fs::path& file) {
  try {
    OpenExportFile(file);
  } catch (const Failure& e) {
    return e.what();
  }
  return "";
}

bool Has(const Export& to, const RecordName& name) {
  return to.Has(name, R"({"topic":")" + name.topic + R"(","partition":)" +
                          std::to_string(name.partition) + R"(,"offset":)" +
                          std::to_string(name.offset) + "}");
}

TEST(Export, KnowsWhatItHolds) {
  for (const char* name : {"holds.jsonl", "holds.jsonl.gz"}) {
    const fs::path file = Fresh(name);
    Write(file, {3, 1});
    Write(file, {2});
    const auto to = OpenExportFile(file);
    for (const int offset : {1, 2, 3}) EXPECT_TRUE(Has(*to, {"q", 0, offset})) << name;
    EXPECT_FALSE(Has(*to, {"q", 0, 4}));
    EXPECT_FALSE(Has(*to, {"q", 1, 1}));
    EXPECT_FALSE(Has(*to, {"other", 0, 1}));
  }
}

TEST(Export, CutsOffWhatWasLeftUnfinishedAtEveryByte) {
  for (const char* name : {"cut.jsonl", "cut.jsonl.gz"}) {
    const fs::path file = Fresh(name);
    Write(file, {1, 2});
    const std::string first = Get(file);
    Write(file, {3});
    const std::string whole = Get(file);
    for (std::size_t size = first.size(); size < whole.size(); ++size) {
      Put(file, whole.substr(0, size));
      EXPECT_FALSE(Has(*OpenExportFile(file), {"q", 0, 3}));
      ASSERT_EQ(Get(file).size(), size) << name << " was changed by a look";
      Write(file, {3});
      ASSERT_EQ(Get(file), whole);
    }
  }
}

TEST(Export, ReadsManyAndLargeMembers) {
  const fs::path file = Fresh("large.gz");
  std::string bytes;
  const std::string padding(3'000'000, 'x');
  for (int i = 0; i < 5; ++i) {
    bytes += Gzip(R"({"topic":"q","partition":0,"offset":)" + std::to_string(i) +
                  R"(,"padding":")" + padding + "\"}\n");
  }
  for (int i = 5; i < 500; ++i) bytes += Gzip(LineOf(i) + "\n");
  Put(file, bytes);
  const auto to = OpenExportFile(file);
  EXPECT_TRUE(Has(*to, {"q", 0, 0}));
  EXPECT_TRUE(Has(*to, {"q", 0, 499}));
  EXPECT_EQ(Get(file).size(), bytes.size());
}

TEST(Export, RefusesFilesOfOthers) {
  const fs::path text = Fresh("text");
  Put(text, "root:x:0\nmore\n");
  EXPECT_NE(ProblemOf(text).find("line 1 is not a record"), std::string::npos);
  EXPECT_EQ(Get(text), "root:x:0\nmore\n");
  const fs::path plain = Fresh("plain.gz");
  Put(plain, LineOf(1) + "\n");
  EXPECT_NE(ProblemOf(plain).find("not in gzip's format"), std::string::npos) << ProblemOf(plain);
  const fs::path zipped = Fresh("zipped.gz");
  Put(zipped, Gzip("something else"));
  EXPECT_NE(ProblemOf(zipped).find("other things than records"), std::string::npos);
  EXPECT_NE(ProblemOf("/no/such/folder/file").find("No such file"), std::string::npos);
}

TEST(Export, KnowsRecordsByTheirContentToo) {
  const fs::path file = Fresh("content.jsonl");
  const auto line = [](const char* rest) {
    return R"({"topic":"q","partition":0,"offset":7,)" + std::string(rest) + "}";
  };
  const char* held[] = {
      R"("timestamp":"2026-01-31T12:00:00.000Z","key":"k","value":null,"headers":[])",
      R"("timestamp":"2026-01-31T12:00:00.000Z","key":"k","value":"\u202ev","headers":[])"};
  const auto first = OpenExportFile(file);
  for (const char* rest : held) first->Append(line(rest));
  ASSERT_EQ(first->Flush(), std::nullopt) << "cannot be written";
  const fs::path copy = Fresh("content.copy.jsonl");
  fs::copy_file(file, copy);
  const auto to = OpenExportFile(copy);
  for (const char* rest : held) {
    EXPECT_TRUE(to->Has({"q", 0, 7}, line(rest))) << rest;
    EXPECT_TRUE(to->Has({"q", 0, 7}, line((std::string(rest) + R"(,"reason":"x")").c_str())));
  }
  for (const char* rest :
       {R"("timestamp":"2026-01-31T12:00:00.001Z","key":"k","value":null,"headers":[])",
        R"("timestamp":"2026-01-31T12:00:00.000Z","key":null,"value":null,"headers":[])",
        R"("timestamp":"2026-01-31T12:00:00.000Z","key":"k","value":"w","headers":[])",
        R"("timestamp":"2026-01-31T12:00:00.000Z","key":"k","value_base64":"/w==","headers":[])",
        R"("timestamp":"2026-01-31T12:00:00.000Z","key":"k","value":null,)"
        R"("headers":[{"name":"a","value":null}])"}) {
    EXPECT_FALSE(to->Has({"q", 0, 7}, line(rest))) << rest;
  }
}

TEST(Export, LeavesFilesOfOthersAsTheyAre) {
  const std::string ours = Gzip(LineOf(1) + "\n"), next = Gzip(LineOf(2) + "\n");
  std::string flipped = ours;
  flipped[flipped.size() / 2] = static_cast<char>(flipped[flipped.size() / 2] ^ 0x10);
  std::string checksum = ours;
  checksum.back() ^= 1;
  std::string foreign = Gzip(std::string(5000, 'x') + "\nlines of others\n");
  foreign[9] = 3;  // written on Unix, by gzip
  const struct {
    const char* name;
    std::string bytes;
  } cases[] = {
      {"a.jsonl", "no line end"},
      {"b.jsonl", LineOf(1) + "\nno line end"},
      {"c.jsonl", LineOf(1) + "\n" + std::string(3, '\0')},
      {"d.jsonl", R"({"topics":["a)"},
      {"e.gz", foreign.substr(0, foreign.size() / 2)},
      {"f.gz", ours + foreign.substr(0, foreign.size() / 2)},
      {"g.gz", flipped + next},
      {"h.gz", ours + flipped + next},
      {"i.gz", ours + checksum},
      {"j.gz", ours + "text"},
      {"k.gz", ours + std::string(100, '\0')},
      {"l.gz", "x"},
  };
  for (const auto& each : cases) {
    const fs::path file = Fresh(each.name);
    Put(file, each.bytes);
    const std::string problem = ProblemOf(file);
    EXPECT_EQ(problem.find(file.string() + ": cannot be used: "), 0U) << each.name << problem;
    EXPECT_NE(problem.find("name another file"), std::string::npos) << each.name << problem;
    EXPECT_EQ(Get(file), each.bytes) << each.name;
  }
}

TEST(Export, RefusesWhatIsNoRegularFile) {
  const fs::path pipe = Fresh("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  for (const fs::path& file : {pipe, fs::path("/dev/null")}) {
    EXPECT_NE(ProblemOf(file).find("not a regular file"), std::string::npos) << ProblemOf(file);
  }
  EXPECT_NE(ProblemOf(testing::TempDir()).find("s a directory"), std::string::npos);
}

TEST(Export, MakesItsFileWithTheFirstLines) {
  const fs::path file = Fresh("made.jsonl");
  const auto to = OpenExportFile(file);
  EXPECT_EQ(to->Flush(), std::nullopt) << "cannot be written";
  EXPECT_FALSE(fs::exists(file));
  to->Append(LineOf(1));
  EXPECT_EQ(to->Flush(), std::nullopt) << "cannot be written";
  EXPECT_EQ(Get(file), LineOf(1) + "\n");
}

TEST(Export, LetsOneProcessWrite) {
  const fs::path file = Fresh("locked");
  Write(file, {1});
  const auto first = OpenExportFile(file);
  EXPECT_NE(ProblemOf(file).find("another process writes to it"), std::string::npos);
}

}  // namespace
}  // namespace backlogd::dlq
