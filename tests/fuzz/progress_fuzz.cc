#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "deadletters/progress.h"
#include "fuzz/input.h"

// Whatever stands beside a commit: what is read of it is in order, can be written, and is then read
// back as the same.
namespace {

using namespace backlogd::deadletters;  // NOLINT(google-build-using-namespace)
using backlogd::fuzz::Require;

void CheckOrder(const Progress& progress) {
  std::int64_t end = progress.next;
  Require(end >= 0);
  for (const OffsetRange& range : progress.ahead) {
    Require(end < range.begin && range.begin < range.end);
    Require(!IsHandled(progress, range.begin - 1) && IsHandled(progress, range.begin));
    end = range.end;
  }
}

// Two marks, taken from what is there: the order stays, and both are handled.
void CheckMarks(Progress progress) {
  for (const OffsetRange& range : std::vector<OffsetRange>(progress.ahead)) {
    const std::int64_t begin = std::max(progress.next, range.begin - 2);
    MarkHandled(begin, range.end, progress);
    Require(CountHandled(progress, begin, range.end) == range.end - begin);
  }
  CheckOrder(progress);
}

}  // namespace

// The commit, in the machine's own order of bytes, and what stands beside it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::int64_t committed = 0;
  if (size < sizeof committed) return 0;
  std::memcpy(&committed, data, sizeof committed);
  const std::string_view metadata(reinterpret_cast<const char*>(data) + sizeof committed,
                                  size - sizeof committed);
  const Progress progress = DecodeProgress(committed, metadata);
  CheckOrder(progress);
  const auto text = EncodeMetadata(progress);
  if (text) Require(DecodeProgress(progress.next, *text) == progress);
  CheckMarks(progress);
  return 0;
}
