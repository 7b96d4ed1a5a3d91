#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>
#include <vector>

#include "deadletters/classify.h"
#include "deadletters/decode.h"
#include "fuzz/header_names.h"
#include "fuzz/input.h"

// Whatever the headers hold: nothing but views into them comes out, within the bounds.
namespace {

using namespace backlogd::deadletters;  // NOLINT(google-build-using-namespace)
using backlogd::fuzz::Require;
using backlogd::fuzz::Take;
using backlogd::fuzz::TakeNumber;

// Per header: which name (or one of its own), null or how long, and the bytes.
std::vector<Header> TakeHeaders(std::string_view& input) {
  std::vector<Header> headers(TakeNumber(input) % 24);
  for (Header& header : headers) {
    const std::size_t name = TakeNumber(input);
    header.name = name < std::size(kHeaderNames) ? kHeaderNames[name] : Take(input, name % 32);
    const std::size_t size = TakeNumber(input);
    if (size != 255) header.value = Take(input, size * (size % 8 == 7 ? 16 : 1));
  }
  return headers;
}

void CheckBounds(const DeadLetter& letter) {
  Require(letter.faults.size() <= FaultChain::kCapacity);
  for (const Fault& fault : letter.faults) {
    Require(fault.type.size() <= kMaxTextBytes && fault.message.size() <= kMaxTextBytes);
  }
  Require(!letter.origin.partition || *letter.origin.partition >= 0);
  Require(!letter.source.offset || *letter.source.offset >= 0);
  Require(!letter.attempts || *letter.attempts >= 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto of_topic = static_cast<Framework>(TakeNumber(input) % kFrameworkCount);
  const std::vector<Header> headers = TakeHeaders(input);
  const std::size_t topic = TakeNumber(input);
  RecordView record{.topic = topic == 0 ? "nakadi.dead.letter.queue" : Take(input, topic % 32),
                    .headers = headers};
  record.value = input;
  FrameworkVotes votes;
  votes.Add(record);
  for (const Framework framework : {Framework::kNone, of_topic, votes.Winner()}) {
    const DeadLetter letter = Decode(record, framework);
    CheckBounds(letter);
    const Reason reason = Classify(letter);
    Require(ParseReason(ToText(reason)) == reason);
    Require(Classify(letter) == reason);
  }
  return 0;
}
