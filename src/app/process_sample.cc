#include "app/process_sample.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace backlogd::app {
namespace {

using Maybe = std::optional<double>;

// The fields of /proc/self/stat from the third, "state", on: the second, the program's name, may
// hold blanks and parentheses.
std::vector<std::string> StatFields() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  const std::size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return {};
  std::istringstream rest(line.substr(name_end + 1));
  std::vector<std::string> fields;
  for (std::string field; rest >> field;) fields.push_back(field);
  return fields;
}

// Field `number` as proc(5) counts them. REQUIRES: number >= 3
Maybe Field(const std::vector<std::string>& fields, std::size_t number) {
  const std::size_t index = number - 3;
  return index < fields.size() ? Maybe(std::stod(fields[index])) : std::nullopt;
}

Maybe Sum(Maybe a, Maybe b) { return a && b ? Maybe(*a + *b) : std::nullopt; }
Maybe Scale(Maybe a, double factor) { return a ? Maybe(*a * factor) : std::nullopt; }

Maybe BootTimeSeconds() {
  std::ifstream file("/proc/stat");
  for (std::string word; file >> word;) {
    double seconds = 0;
    if (word == "btime" && file >> seconds) return seconds;
  }
  return std::nullopt;
}

Maybe OpenFiles() {
  std::error_code error;
  std::filesystem::directory_iterator entries("/proc/self/fd", error);
  if (error) return std::nullopt;
  double count = -1;  // without the one that reads the folder
  for (const auto end = std::filesystem::directory_iterator(); !error && entries != end;
       entries.increment(error)) {
    ++count;
  }
  return error ? std::nullopt : Maybe(count);
}

Maybe MaxFiles() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::nullopt;
  return static_cast<double>(limit.rlim_cur);
}

}  // namespace

exposition::ProcessSample ReadProcessSample() {
  static const Maybe boot_time = BootTimeSeconds();
  const double tick_seconds = 1.0 / static_cast<double>(sysconf(_SC_CLK_TCK));
  const auto page_size = static_cast<double>(sysconf(_SC_PAGESIZE));
  const std::vector<std::string> stat = StatFields();
  exposition::ProcessSample sample;
  sample.cpu_seconds = Scale(Sum(Field(stat, 14), Field(stat, 15)), tick_seconds);
  sample.start_time_seconds = Sum(boot_time, Scale(Field(stat, 22), tick_seconds));
  sample.virtual_memory_bytes = Field(stat, 23);
  sample.resident_memory_bytes = Scale(Field(stat, 24), page_size);
  sample.open_fds = OpenFiles();
  sample.max_fds = MaxFiles();
  return sample;
}

}  // namespace backlogd::app
