#include "dlq/queue_summary.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "deadletters/handling.h"
#include "deadletters/settings.h"
#include "dlq/record_json.h"
#include "dlq/record_text.h"

namespace backlogd::dlq {
namespace {

constexpr std::size_t kSampleBytes = 64U << 20;
constexpr const char* kNotKnown = "?";
constexpr std::size_t kValueBytes = 4096;  // what decoding reads of a value

// Of each partition, whichever leaves less.
void TakeFurther(const Queue& queue, QueueProgress other, QueueProgress& best) {
  for (std::size_t i = 0; i < best.size(); ++i) {
    const QueuePartition& partition = queue.partitions[i];
    if (CountPending(partition, other[i]) < CountPending(partition, best[i])) {
      best[i] = std::move(other[i]);
    }
  }
}

// What our own group handled of the queue. Nothing, and why, if that is not known.
std::optional<QueueProgress> OwnProgress(Session& session, const Queue& queue,
                                         std::string& problem) {
  auto progress = FetchProgress(session.client(), session.survey(), queue,
                                deadletters::OwnHandlingGroup(queue.topic), session.Soon());
  if (!progress) {
    problem = progress.error().message;
    return std::nullopt;
  }
  if (const auto other = FindOtherLog(queue, *progress)) {
    problem = *other;
    return std::nullopt;
  }
  return std::move(*progress);
}

// Of each partition, that of the group that got furthest there. Nothing, and why, if there may be
// others.
std::optional<QueueProgress> Furthest(Session& session, const Queue& queue, std::string& problem) {
  auto best = OwnProgress(session, queue, problem);
  if (!best) return std::nullopt;
  if (!session.survey().all_groups_known) {
    problem = queue.topic + ": who handles it is not known: not all brokers said which groups " +
              "they have";
    return std::nullopt;
  }
  for (const SurveyedGroup& group : session.survey().groups) {
    if (group.name == deadletters::OwnHandlingGroup(queue.topic)) continue;
    if (group.topics_known && std::ranges::count(group.topics, queue.topic) == 0) continue;
    if (!deadletters::Handles(group.name, queue.known)) continue;
    auto progress =
        FetchProgress(session.client(), session.survey(), queue, group.name, session.Soon());
    if (!progress) {
      problem = progress.error().message;
      return std::nullopt;
    }
    TakeFurther(queue, std::move(*progress), *best);
  }
  return best;
}

void Note(std::optional<WallTime> time, QueueSummary& summary) {
  if (!time) return;
  summary.oldest_pending = std::min(summary.oldest_pending.value_or(*time), *time);
}

// The oldest timestamps of logs of which nothing is handled: they need no right to read.
void LookUpOldest(Session& session, const Queue& queue, const QueueProgress& progress,
                  QueueSummary& summary) {
  std::vector<kafka::PartitionTime> asked;
  for (std::size_t i = 0; i < queue.partitions.size(); ++i) {
    const QueuePartition& partition = queue.partitions[i];
    const bool all_pends = progress[i].next <= partition.start && progress[i].ahead.empty();
    if (all_pends && partition.start < partition.end) asked.push_back({partition.at, WallTime{}});
  }
  if (asked.empty()) return;
  for (const auto& answer : session.client().FetchOffsetsForTimes(asked, session.Soon())) {
    Note(answer.timestamp, summary);
  }
}

// A record that outlives its reading, with no more of its value than tells a reason.
struct KeptRecord {
  kafka::PartitionId partition = 0;
  kafka::Offset offset = 0;
  Content content;
  bool timestamp_is_of_the_append = false;
};

KeptRecord Keep(const kafka::Record& record) {
  kafka::Record head = record;
  if (head.value) head.value = head.value->substr(0, kValueBytes);
  return {record.partition, record.offset, ContentOf(head), record.timestamp_is_of_the_append};
}

template <typename Use>
void WithEach(const Queue& queue, const std::vector<KeptRecord>& kept, Use use) {
  std::vector<kafka::RecordHeader> headers;
  for (const KeptRecord& each : kept) {
    headers.clear();
    for (const auto& [name, value] : each.content.headers) headers.push_back({name, value});
    kafka::Record record;
    record.topic = queue.topic;
    record.partition = each.partition;
    record.offset = each.offset;
    if (each.content.value) record.value = *each.content.value;
    record.headers = headers;
    record.timestamp = each.content.timestamp;
    record.timestamp_is_of_the_append = each.timestamp_is_of_the_append;
    use(record);
  }
}

// The first records that pend of each partition, in equal shares.
std::vector<KeptRecord> ReadSample(Session& session, const Queue& queue,
                                   const QueueProgress& progress, std::uint64_t sample,
                                   QueueSummary& summary) {
  const auto stretches = StretchesOf(queue, progress, {}, false);
  const std::uint64_t share =
      std::max<std::uint64_t>(sample / std::max<std::size_t>(stretches.size(), 1), 1);
  std::vector<KeptRecord> kept;
  std::size_t bytes = 0;
  for (const Stretch& stretch : stretches) {
    std::uint64_t seen = 0;
    const Reading reading = ReadQueue(
        session.ReaderOf(queue), {stretch}, [&](std::size_t, const kafka::Record& record) {
          if (deadletters::IsHandled(progress[stretch.index], record.offset)) return true;
          if (seen++ == 0) Note(record.timestamp, summary);
          kept.push_back(Keep(record));
          for (const auto& header : record.headers) bytes += header.value.value_or("").size();
          return seen < share && bytes < kSampleBytes;
        });
    if (reading.end == ReadingEnd::kFailed) summary.problem = reading.problem;
  }
  return kept;
}

void Sample(Session& session, const Queue& queue, const QueueProgress& progress,
            std::uint64_t sample, QueueSummary& summary) {
  const auto kept = ReadSample(session, queue, progress, sample, summary);
  if (kept.empty() && !summary.problem.empty()) return;
  LetterOpener opener(deadletters::ReasonRulesOf(session.config().dead_letters),
                      queue.known.source_topic);
  WithEach(queue, kept, [&](const kafka::Record& record) { opener.Learn(record); });
  summary.reasons.emplace();
  WithEach(queue, kept, [&](const kafka::Record& record) {
    ++(*summary.reasons)[std::string(deadletters::ToText(opener.Open(record).reason))];
  });
  summary.sampled = kept.size();
}

std::string ReasonsOf(const QueueSummary& queue) {
  if (!queue.reasons) return queue.problem.empty() ? "-" : kNotKnown;
  std::string text;
  for (const auto& [reason, count] : *queue.reasons) {
    text += (text.empty() ? "" : " ") + reason + ":" + std::to_string(count);
  }
  return text.empty() ? "-" : text;
}

std::string CountOr(const std::optional<std::int64_t>& count) {
  return count ? std::to_string(*count) : kNotKnown;
}

std::string OrDash(const std::string& text) { return text.empty() ? "-" : ToLine(text, 249); }

using Row = std::array<std::string, 8>;

Row RowOf(const QueueSummary& queue, WallTime now) {
  const std::string oldest = queue.oldest_pending ? FormatTime(*queue.oldest_pending) + " (" +
                                                        FormatAge(now - *queue.oldest_pending) + ")"
                                                  : "-";
  return {queue.known.topic,         CountOr(queue.pending),
          CountOr(queue.retained),   oldest,
          ReasonsOf(queue),          OrDash(queue.known.source_topic),
          OrDash(queue.known.group), std::string(deadletters::ToText(queue.known.convention))};
}

}  // namespace

QueueSummary Summarize(Session& session, const deadletters::DeadLetterQueue& known,
                       std::uint64_t sample) {
  QueueSummary summary;
  summary.known = known;
  Queue queue;
  queue.topic = known.topic;
  if (const auto error = OpenQueue(session.client(), session.survey(), {}, session.Soon(), queue)) {
    summary.problem = error->message;
    return summary;
  }
  summary.retained = 0;
  for (const QueuePartition& partition : queue.partitions) {
    *summary.retained += std::max<std::int64_t>(partition.end - partition.start, 0);
  }
  const auto furthest = Furthest(session, queue, summary.problem);
  if (!furthest) return summary;
  const QueueProgress& progress = *furthest;
  summary.pending = 0;
  for (std::size_t i = 0; i < queue.partitions.size(); ++i) {
    *summary.pending += CountPending(queue.partitions[i], progress[i]);
  }
  if (*summary.pending == 0) return summary;
  LookUpOldest(session, queue, progress, summary);
  if (sample > 0) Sample(session, queue, progress, sample, summary);
  return summary;
}

std::string ToTable(const std::vector<QueueSummary>& queues, WallTime now) {
  std::vector<Row> rows = {{"TOPIC", "PENDING", "RETAINED", "OLDEST PENDING", "REASONS", "SOURCE",
                            "GROUP", "CONVENTION"}};
  for (const QueueSummary& queue : queues) rows.push_back(RowOf(queue, now));
  std::array<std::size_t, 8> widths = {};
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string space(widths[i] - row[i].size(), ' ');
      const bool number = i == 1 || i == 2;
      line += (i == 0 ? "" : "  ") + (number ? space + row[i] : row[i] + space);
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

std::string ToJson(const QueueSummary& queue) {
  nlohmann::ordered_json object;
  const auto text_or_null = [](const std::string& text) {
    return text.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(text);
  };
  object["topic"] = queue.known.topic;
  object["pending"] = nullptr;
  if (queue.pending) object["pending"] = *queue.pending;
  object["retained"] = nullptr;
  if (queue.retained) object["retained"] = *queue.retained;
  object["oldest_pending"] =
      text_or_null(queue.oldest_pending ? FormatTime(*queue.oldest_pending) : "");
  object["reasons"] = nullptr;
  if (queue.reasons) object["reasons"] = *queue.reasons;
  object["sampled"] = queue.sampled;
  object["source_topic"] = text_or_null(queue.known.source_topic);
  object["group"] = text_or_null(queue.known.group);
  object["convention"] = deadletters::ToText(queue.known.convention);
  object["problem"] = text_or_null(queue.problem);
  return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace backlogd::dlq
