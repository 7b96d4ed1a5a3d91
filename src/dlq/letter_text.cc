#include "dlq/letter_text.h"

#include <algorithm>
#include <limits>

#include "dlq/record_text.h"

namespace backlogd::dlq {
namespace {

constexpr std::size_t kMaxName = 512;
constexpr std::size_t kUsualBytes = 2000;  // of a key, a value, a message
// Of a header, where no more is asked for: stack traces would hide all else.
constexpr std::size_t kUsualHeader = 300;

void Line(std::string_view name, const std::string& value, std::string& text) {
  std::string label(name);
  label.resize(std::max<std::size_t>(label.size(), 12), ' ');
  text.append("  ").append(label).append(value).append("\n");
}

std::string Aged(WallTime time, WallTime now) {
  return FormatTime(time) + " (" + FormatAge(now - time) + " ago)";
}

std::string SourceOf(const Letter& letter) {
  if (letter.source_topic.empty() && letter.death.group.empty()) return "";
  const deadletters::SourcePosition& origin = letter.death.origin;
  std::string text =
      letter.source_topic.empty() ? "unknown topic" : ToLine(letter.source_topic, kMaxName);
  if (origin.partition) text += " partition " + std::to_string(*origin.partition);
  if (origin.offset) text += " offset " + std::to_string(*origin.offset);
  if (origin.timestamp) text += " of " + FormatTime(*origin.timestamp);
  if (!letter.death.group.empty()) text += ", group " + ToLine(letter.death.group, kMaxName);
  return text;
}

std::string ReasonOf(const Letter& letter) {
  std::string text(deadletters::ToText(letter.reason));
  const std::string_view framework = deadletters::ToText(letter.death.framework);
  if (!framework.empty()) text.append(" (").append(framework).append(")");
  return text;
}

// Innermost last, as runtimes print them.
void AppendFaults(const Letter& letter, std::size_t max_bytes, std::string& text) {
  const auto& faults = letter.death.faults;
  for (std::size_t i = faults.size(); i-- > 0;) {
    std::string line = ToLine(faults[i].type, kMaxName);
    if (!faults[i].message.empty()) {
      line.append(line.empty() ? "" : ": ").append(ToLine(faults[i].message, max_bytes));
    }
    Line(i + 1 == faults.size() ? "exception" : "caused by", line, text);
  }
}

void AppendBytes(std::string_view name, std::optional<std::string_view> bytes,
                 std::size_t max_bytes, std::string& text) {
  if (!bytes) return Line(name, "(null)", text);
  if (bytes->empty()) return Line(name, "(empty)", text);
  const std::string block = ToBlock(*bytes, max_bytes, "    ");
  const bool one_line = block.find('\n') + 1 == block.size() && bytes->size() <= 60;
  if (one_line) return Line(name, block.substr(4, block.size() - 5), text);
  text.append("  ").append(name).append("\n").append(block);
}

}  // namespace

std::string ToText(const Letter& letter, WallTime now, bool full) {
  const std::size_t max_bytes = full ? std::numeric_limits<std::size_t>::max() : kUsualBytes;
  const std::size_t header_bytes = full ? max_bytes : kUsualHeader;
  const kafka::Record& record = *letter.record;
  std::string text = ToLine(record.topic, kMaxName) + " partition " +
                     std::to_string(record.partition) + " offset " + std::to_string(record.offset);
  if (record.timestamp) text += "  " + Aged(*record.timestamp, now);
  text += '\n';
  Line("reason", ReasonOf(letter), text);
  if (const std::string source = SourceOf(letter); !source.empty()) Line("source", source, text);
  if (!letter.death.connector.empty()) {
    Line("connector", ToLine(letter.death.connector, kMaxName), text);
  }
  if (!letter.death.stage.empty()) Line("stage", ToLine(letter.death.stage, kMaxName), text);
  const auto died = letter.death.died_at;
  if (died && died != record.timestamp) Line("died", Aged(*died, now), text);
  if (letter.death.attempts) Line("attempts", std::to_string(*letter.death.attempts), text);
  if (letter.redeliveries > 0) Line("redelivered", std::to_string(letter.redeliveries), text);
  AppendFaults(letter, max_bytes, text);
  if (!record.headers.empty()) text += "  headers\n";
  for (const kafka::RecordHeader& header : record.headers) {
    text += "    " + ToLine(header.name, kMaxName) + ": " +
            HeaderToLine(header.name, header.value, header_bytes) + "\n";
  }
  AppendBytes("key", record.key, max_bytes, text);
  AppendBytes("value", record.value, max_bytes, text);
  return text + "\n";
}

}  // namespace backlogd::dlq
