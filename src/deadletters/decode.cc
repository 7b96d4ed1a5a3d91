#include "deadletters/decode.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <limits>

#include "deadletters/decode_names.h"
#include "deadletters/decode_values.h"

namespace backlogd::deadletters {
namespace {

using Value = std::optional<std::string_view>;

constexpr std::string_view kNakadiTopic = "nakadi.dead.letter.queue";
constexpr std::string_view kNakadiText = "Nakadi Auto DLQ: skipped due to failed commits";
constexpr std::size_t kMaxBodyBytes = 4096;
constexpr std::size_t kMaxNameBytes = 512;  // of topics, groups and the like; Kafka allows 249

constexpr std::size_t Index(Framework framework) { return static_cast<std::size_t>(framework); }

// Where in the record each framework's last own header stands, 0 = it has none there.
struct Marks {
  std::array<std::size_t, kFrameworkCount> last = {};

  bool Has(Framework framework) const { return last[Index(framework)] > 0; }
  std::size_t Count() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(last, [](std::size_t position) { return position > 0; }));
  }
};

Marks FindMarks(const RecordView& record) {
  Marks marks;
  for (std::size_t i = 0; i < record.headers.size(); ++i) {
    for (const HeaderMeaning& meaning : MeaningsOf(record.headers[i].name)) {
      if (meaning.proves) marks.last[Index(meaning.framework)] = i + 1;
    }
  }
  return marks;
}

bool IsNakadi(const RecordView& record) {
  const std::string_view body = record.value.value_or("").substr(0, kMaxBodyBytes);
  return record.topic == kNakadiTopic || body.find(kNakadiText) != std::string_view::npos;
}

bool HasHandMadeHeaders(const RecordView& record) {
  return std::ranges::any_of(record.headers, [](const Header& header) {
    return HandMadeMeaning(header.name) != Field::kNothing;
  });
}

Framework Choose(const RecordView& record, const Marks& marks, Framework of_topic) {
  if (of_topic != Framework::kNone && marks.Has(of_topic)) return of_topic;
  const auto last = std::ranges::max_element(marks.last);
  if (*last > 0) return static_cast<Framework>(last - marks.last.begin());
  if (IsNakadi(record)) return Framework::kNakadi;
  return HasHandMadeHeaders(record) ? Framework::kHandMade : Framework::kNone;
}

// The first and the last value of each field among one framework's headers.
class Fields {
 public:
  Fields(const RecordView& record, Framework framework)
      : newest_first_(framework == Framework::kSmallRye) {
    for (const Header& header : record.headers) {
      if (framework == Framework::kHandMade) {
        Put(HandMadeMeaning(header.name), header.value);
        continue;
      }
      for (const HeaderMeaning& meaning : MeaningsOf(header.name)) {
        if (meaning.framework == framework) Put(meaning.field, header.value);
      }
    }
  }

  bool Has(Field field) const { return slots_[At(field)].seen; }

  // Of the latest death; nothing if it is null there. Frameworks put what they add behind what was
  // there before; SmallRye puts it before that.
  Value Latest(Field field) const {
    return newest_first_ ? slots_[At(field)].first : slots_[At(field)].last;
  }
  Value Earliest(Field field) const {
    return newest_first_ ? slots_[At(field)].last : slots_[At(field)].first;
  }
  std::string_view Text(Field field) const {
    return Latest(field).value_or("").substr(0, kMaxTextBytes);
  }
  std::string_view Name(Field field) const {
    return Latest(field).value_or("").substr(0, kMaxNameBytes);
  }

 private:
  struct Slot {
    bool seen = false;
    Value first;
    Value last;
  };

  static constexpr std::size_t At(Field field) { return static_cast<std::size_t>(field); }

  void Put(Field field, Value value) {
    Slot& slot = slots_[At(field)];
    if (!slot.seen) slot.first = value;
    slot.last = value;
    slot.seen = true;
  }

  bool newest_first_;
  std::array<Slot, kFieldCount> slots_ = {};
};

Encoding EncodingOf(Framework framework) {
  switch (framework) {
    case Framework::kSpring:
    case Framework::kSpringRetryTopics:
    case Framework::kSpringCloudStream: return Encoding::kBinary;
    default: return Encoding::kText;
  }
}

SourcePosition ToPosition(Value topic, Value partition, Value offset, Value timestamp,
                          Encoding encoding) {
  SourcePosition position;
  position.topic = topic.value_or("").substr(0, kMaxNameBytes);
  const auto count = ParseCount(partition.value_or(""), encoding);
  if (count && *count <= std::numeric_limits<std::int32_t>::max()) {
    position.partition = static_cast<std::int32_t>(*count);
  }
  position.offset = ParseCount(offset.value_or(""), encoding);
  if (const auto milliseconds = ParseCount(timestamp.value_or(""), encoding)) {
    position.timestamp = WallTime(std::chrono::milliseconds(*milliseconds));
  }
  return position;
}

void SetPositions(const Fields& fields, Encoding encoding, DeadLetter& letter) {
  letter.origin =
      ToPosition(fields.Earliest(Field::kTopic), fields.Earliest(Field::kPartition),
                 fields.Earliest(Field::kOffset), fields.Earliest(Field::kTimestamp), encoding);
  letter.source =
      ToPosition(fields.Latest(Field::kTopic), fields.Latest(Field::kPartition),
                 fields.Latest(Field::kOffset), fields.Latest(Field::kTimestamp), encoding);
}

std::optional<std::int64_t> Attempts(const Fields& fields, Encoding encoding) {
  const auto count = [&](Field field) {
    return ParseCount(fields.Latest(field).value_or(""), encoding);
  };
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
  if (const auto attempts = count(Field::kAttempts)) return std::min(*attempts, kMost);
  if (const auto next = count(Field::kNextAttempt); next && *next > 1) {
    return std::min(*next - 1, kMost);
  }
  if (const auto retries = count(Field::kRetries)) return std::min(*retries, kMost) + 1;
  return std::nullopt;
}

// Spring's message is that of the cause, with something before it; others' are of the outer one.
void AddFaults(const Fields& fields, DeadLetter& letter) {
  AddTrace(fields.Latest(Field::kTrace).value_or(""), letter.faults);
  AddTrace(fields.Latest(Field::kKeyTrace).value_or(""), letter.faults);
  const Fault cause = {fields.Text(Field::kCauseClass), fields.Text(Field::kCauseMessage)};
  // "fqcn: message" is what versions before the release of KIP-1034 were said to write.
  const Fault outer = ParseFault(fields.Text(Field::kClass));
  const std::string_view message = fields.Text(Field::kMessage);
  const bool message_of_cause = !cause.type.empty() && !fields.Has(Field::kCauseMessage);
  letter.faults.AddOuter({cause.type, message_of_cause ? message : cause.message});
  letter.faults.AddOuter({fields.Text(Field::kKeyClass), fields.Text(Field::kKeyMessage)});
  if (!outer.message.empty()) letter.faults.AddOuter(outer);
  const std::string_view type = outer.type.empty() ? fields.Text(Field::kClass) : outer.type;
  letter.faults.AddOuter({type, message_of_cause ? std::string_view() : message});
}

Presumption Surely(Reason reason) { return {.reason = reason}; }

// Unless what the record needed was out of reach: a schema registry, say.
Presumption Probably(Reason reason) {
  return {.reason = reason, .yields_to_permission = true, .yields_to_outage = true};
}

std::optional<Presumption> OfHttpStatus(std::string_view text) {
  const auto status = ParseCount(text, Encoding::kText);
  if (!status) return std::nullopt;
  switch (*status) {
    case 401:
    case 403:
    case 407: return Surely(Reason::kPermission);
    case 408:
    case 504: return Surely(Reason::kTimeout);
    case 400:
    case 404:
    case 409:
    case 410:
    case 412:
    case 422: return Surely(Reason::kBusiness);
    case 406:
    case 415: return Surely(Reason::kFormat);
    case 429: return Surely(Reason::kRetriesExhausted);
    default: break;
  }
  if (*status >= 500 && *status < 600) return Surely(Reason::kRetriesExhausted);
  return std::nullopt;
}

std::optional<Presumption> OfShareGroup(std::string_view verdict) {
  if (verdict == "Offset rejected by client." || verdict == "CLIENT_REJECTED") {
    return Surely(Reason::kBusiness);
  }
  if (verdict == "Offset delivery count exceeded the threshold." ||
      verdict == "MAX_DELIVERY_ATTEMPTS_REACHED") {
    return Surely(Reason::kRetriesExhausted);
  }
  return std::nullopt;
}

std::optional<Presumption> Presume(const Fields& fields, Framework framework) {
  const std::string_view verdict = fields.Text(Field::kVerdict);
  const bool unreadable = fields.Has(Field::kUnreadable) || fields.Has(Field::kKeyClass);
  switch (framework) {
    case Framework::kShareGroup: return OfShareGroup(verdict);
    case Framework::kKnative: return OfHttpStatus(verdict);
    case Framework::kNakadi: return Surely(Reason::kRetriesExhausted);
    case Framework::kConfluentRules:
      return Presumption{.reason = Reason::kBusiness, .yields_to_permission = true};
    case Framework::kMassTransit:
      if (verdict == "dead-letter") return Surely(Reason::kFormat);
      break;
    case Framework::kBrighter:
      if (verdict == "Unacceptable") return Probably(Reason::kFormat);
      break;
    case Framework::kConnect:
      if (fields.Text(Field::kStage).ends_with("_CONVERTER")) return Probably(Reason::kFormat);
      break;
    default: break;
  }
  if (unreadable) return Probably(Reason::kFormat);
  return std::nullopt;
}

// What is written after the fact in some frameworks' words.
void AddVerdictFault(const Fields& fields, DeadLetter& letter) {
  if (letter.framework != Framework::kSilverback) return;
  const std::string_view verdict = fields.Text(Field::kVerdict);  // "<class> in <source>"
  letter.faults.AddOuter({verdict.substr(0, verdict.find(" in ")), ""});
}

// Connect and Streams keep the timestamp of the record that failed, unless the broker sets it.
std::optional<WallTime> TimeOfDeath(const RecordView& record, const Fields& fields,
                                    Framework framework) {
  if (const auto said = ParseInstant(fields.Text(Field::kDiedAt))) return said;
  const bool keeps_time = framework == Framework::kConnect || framework == Framework::kStreams ||
                          framework == Framework::kHandMade || framework == Framework::kNone;
  if (keeps_time && !record.timestamp_is_of_the_append) return std::nullopt;
  return record.timestamp;
}

// The value of a string in a JSON text of Nakadi; "" if it is not there.
std::string_view JsonString(std::string_view json, std::string_view quoted_key) {
  const auto key = json.find(quoted_key);
  if (key == std::string_view::npos) return {};
  json.remove_prefix(key + quoted_key.size());
  const auto begin = json.find_first_not_of(" :");
  if (begin == std::string_view::npos || json[begin] != '"') return {};
  json.remove_prefix(begin + 1);
  const auto end = json.find_first_of("\"\\");
  return end == std::string_view::npos || json[end] != '"' ? std::string_view()
                                                           : json.substr(0, end);
}

void ReadNakadi(const RecordView& record, DeadLetter& letter) {
  const std::string_view body = record.value.value_or("").substr(0, kMaxBodyBytes);
  if (body.find(kNakadiText) == std::string_view::npos) letter.presumption.reset();
  letter.origin.topic = JsonString(body, "\"event_type\"").substr(0, kMaxNameBytes);
  const auto partition = ParseCount(JsonString(body, "\"partition\""), Encoding::kText);
  if (partition && *partition <= std::numeric_limits<std::int32_t>::max()) {
    letter.origin.partition = static_cast<std::int32_t>(*partition);
  }
  letter.source = letter.origin;
  letter.group = JsonString(body, "\"subscription_id\"").substr(0, kMaxNameBytes);
}

}  // namespace

DeadLetter Decode(const RecordView& record, Framework of_topic) {
  DeadLetter letter;
  letter.framework = Choose(record, FindMarks(record), of_topic);
  const Fields fields(record, letter.framework);
  const Encoding encoding = EncodingOf(letter.framework);
  SetPositions(fields, encoding, letter);
  letter.group = fields.Name(Field::kGroup);
  letter.connector = fields.Name(Field::kConnector);
  letter.stage = fields.Name(Field::kStage);
  letter.attempts = Attempts(fields, encoding);
  letter.died_at = TimeOfDeath(record, fields, letter.framework);
  letter.presumption = Presume(fields, letter.framework);
  AddFaults(fields, letter);
  AddVerdictFault(fields, letter);
  if (letter.framework == Framework::kNakadi) ReadNakadi(record, letter);
  return letter;
}

void FrameworkVotes::Add(const RecordView& record) {
  const Marks marks = FindMarks(record);
  if (marks.Count() != 1) return;
  ++votes_[static_cast<std::size_t>(std::ranges::max_element(marks.last) - marks.last.begin())];
}

Framework FrameworkVotes::Winner() const {
  const auto most = std::ranges::max_element(votes_);
  return *most == 0 ? Framework::kNone : static_cast<Framework>(most - votes_.begin());
}

}  // namespace backlogd::deadletters
