#include "dlq/export_contents.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "dlq/failure.h"
#include "dlq/gzip.h"

namespace backlogd::dlq {
namespace {

constexpr std::size_t kBlock = std::size_t{1} << 20;
constexpr std::size_t kMaxMember = std::size_t{1} << 30;  // packed
constexpr std::string_view kLineBegin = R"({"topic":")";

class Scan {
 public:
  Scan(int descriptor, off_t size) : descriptor_(descriptor), size_(size) {}

  ExportContents Lines() {
    std::string rest;
    for (off_t offset = 0; offset < size_;) {
      const std::string block = Block(offset, kBlock);
      offset += static_cast<off_t>(block.size());
      rest += block;
      const std::size_t taken = TakeLines(rest);
      contents_.whole += static_cast<off_t>(taken);
      rest.erase(0, taken);
      if (!BeginsLike(rest, kLineBegin)) RefuseForeign();
    }
    return Finish();
  }

  ExportContents Members() {
    std::string bytes, text;
    for (off_t offset = 0; offset < size_;) {
      // A member that goes on in what was not read yet is tried anew: twice as much each time.
      const std::string block = Block(offset, std::max(kBlock, bytes.size()));
      offset += static_cast<off_t>(block.size());
      bytes += block;
      std::size_t begin = 0;
      while (begin < bytes.size() && TakeMember(bytes, text, begin)) continue;
      contents_.whole += static_cast<off_t>(begin);
      bytes.erase(0, begin);
      if (bytes.size() > kMaxMember) RefuseForeign();
    }
    if (!BeginsLike(bytes, GzipHeader())) RefuseForeign();
    return Finish();
  }

 private:
  [[noreturn]] static void Refuse(const std::string& why) {
    throw Failure(why + "; name another file: this one was left as it is");
  }
  [[noreturn]] void RefuseForeign() const {
    Refuse("from byte " + std::to_string(contents_.whole) +
           " on it holds what backlogd-dlq did not write");
  }

  static bool BeginsLike(std::string_view text, std::string_view begin) {
    return text.starts_with(begin.substr(0, text.size()));
  }

  ExportContents Finish() {
    contents_.records.Sort();
    return std::move(contents_);
  }

  std::string Block(off_t offset, std::size_t size) const {
    std::string block(size, '\0');
    const ssize_t got = pread(descriptor_, block.data(), size, offset);
    if (got < 0) throw Failure(std::strerror(errno));
    if (got == 0) throw Failure("it shrank while it was read");
    block.resize(static_cast<std::size_t>(got));
    return block;
  }

  // False: the bytes from `begin` on are no whole member.
  bool TakeMember(std::string_view bytes, std::string& text, std::size_t& begin) {
    const std::string_view rest = bytes.substr(begin);
    if (!BeginsLike(rest.substr(0, 2), GzipHeader())) Refuse("it is not in gzip's format");
    std::size_t used = 0;
    switch (ReadMember(rest, text, used)) {
      case MemberState::kWhole: break;
      case MemberState::kTooLarge: RefuseForeign();
      case MemberState::kDamaged: RefuseDamaged(begin);
      case MemberState::kUnfinished:
        // Another one behind: so nothing of this one is missing.
        if (rest.find(GzipHeader(), 1) != std::string_view::npos) RefuseDamaged(begin);
        return false;
    }
    if (TakeLines(text) != text.size()) Refuse("it holds other things than records");
    begin += used;
    return true;
  }

  [[noreturn]] void RefuseDamaged(std::size_t begin) const {
    Refuse("it is damaged behind byte " +
           std::to_string(contents_.whole + static_cast<off_t>(begin)) +
           ", which is no unfinished end");
  }

  // Notes the records of the whole lines; how many bytes these take.
  std::size_t TakeLines(std::string_view text) {
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = text.find('\n', begin)) != std::string_view::npos;
         begin = end + 1) {
      ++lines_;
      const auto line = ReadLine(text.substr(begin, end - begin));
      if (!line) {
        Refuse("line " + std::to_string(lines_) + " is not a record that backlogd-dlq wrote");
      }
      contents_.records.Add(line->name, line->fingerprint);
    }
    return begin;
  }

  int descriptor_;
  off_t size_;
  std::size_t lines_ = 0;
  ExportContents contents_;
};

}  // namespace

void ExportedRecords::Sort() {
  for (auto& [partition, records] : partitions_) std::ranges::sort(records);
}

bool ExportedRecords::Has(const RecordName& name, const std::string& line) const {
  const auto found = partitions_.find({name.topic, name.partition});
  if (found == partitions_.end()) return false;
  const std::pair<kafka::Offset, std::uint64_t> first(name.offset, 0);
  const auto same_name = std::ranges::lower_bound(found->second, first);
  if (same_name == found->second.end() || same_name->first != name.offset) return false;
  const auto read = ReadLine(line);
  return read &&
         std::ranges::binary_search(found->second, std::pair(name.offset, read->fingerprint));
}

ExportContents ReadExport(int descriptor, off_t size, bool gzip) {
  Scan scan(descriptor, size);
  return gzip ? scan.Members() : scan.Lines();
}

}  // namespace backlogd::dlq
