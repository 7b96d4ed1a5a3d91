#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "exposition/labels.h"
#include "exposition/rendering.h"

namespace backlogd::exposition {
namespace {

using analysis::ClassifiedReport;
using analysis::DeadLetterReport;
using analysis::PendingReport;

// ,group="..." as the group is called in all other families: where names are no UTF-8, theirs are
// kept apart.
class GroupLabels {
 public:
  explicit GroupLabels(const analysis::LagReport& report) : report_(report) {}

  std::string operator[](std::string_view group) {
    if (IsValidUtf8(group)) return "," + Label("group", group);
    if (!labels_) LabelAll();
    return std::string((*labels_)[places_.at(group)]);
  }

 private:
  void LabelAll() {
    std::vector<std::string_view> names;
    const auto add = [&](std::string_view name) {
      if (places_.emplace(name, names.size()).second) names.push_back(name);
    };
    for (const std::string_view name : Names(report_.groups)) add(name);
    for (const DeadLetterReport& queue : report_.dead_letters) {
      add(queue.group);
      for (const PendingReport& pending : queue.pending) add(pending.group);
    }
    labels_.emplace("group", names);
  }

  const analysis::LagReport& report_;
  std::map<std::string_view, std::size_t> places_;
  std::optional<LabelColumn> labels_;  // of all, when one needs it: hardly ever
};

// ,topic="..." of the queue
std::string_view TopicOf(const Rendering& r, const DeadLetterReport& queue) {
  return r.topics[queue.topic];
}

void EndLine(Rendering& r, std::int64_t value) {
  r.out.Put("} ");
  r.out.PutInteger(value);
  r.out.EndLine();
}

void RenderQueues(Rendering& r, std::string_view family,
                  Member<std::int64_t, DeadLetterReport> value) {
  const std::string head = BeginLines(r, family);
  for (const DeadLetterReport& queue : r.report.dead_letters) {
    if (!IsKnown(queue.*value)) continue;
    r.out.Put(head);
    r.out.Put(TopicOf(r, queue));
    EndLine(r, queue.*value);
  }
}

void RenderInfo(Rendering& r, GroupLabels& groups) {
  const std::string head = BeginLines(r, "backlogd_dlq_info");
  for (const DeadLetterReport& queue : r.report.dead_letters) {
    r.out.Put(head);
    r.out.Put(groups[queue.group]);
    r.out.Put(TopicOf(r, queue));
    r.out.Put("," + Label("source_topic", queue.source_topic));
    r.out.Put("," + Label("convention", queue.convention));
    EndLine(r, 1);
  }
}

void RenderPending(Rendering& r, GroupLabels& groups) {
  const std::string head = BeginLines(r, "backlogd_dlq_pending_records");
  for (const DeadLetterReport& queue : r.report.dead_letters) {
    for (const PendingReport& pending : queue.pending) {
      if (!IsKnown(pending.records)) continue;
      r.out.Put(head);
      r.out.Put(groups[pending.group]);
      r.out.Put(TopicOf(r, queue));
      EndLine(r, pending.records);
    }
  }
}

// `start` is the line up to the reason.
void RenderReasons(Rendering& r, std::string_view start, const ClassifiedReport& classified) {
  for (std::size_t i = 0; i < classified.records.size(); ++i) {
    r.out.Put(start);
    r.out.Put(",reason=\"");
    r.out.Put(analysis::ReasonAt(i));
    r.out.Put("\"");
    EndLine(r, static_cast<std::int64_t>(classified.records[i]));
  }
}

void RenderClassified(Rendering& r) {
  const std::string head = BeginLines(r, "backlogd_dlq_classified_records_total");
  std::string start;
  for (const DeadLetterReport& queue : r.report.dead_letters) {
    for (const ClassifiedReport& classified : queue.classified) {
      start.assign(head).append(TopicOf(r, queue));
      start += "," + Label("source_topic", classified.source_topic);
      RenderReasons(r, start, classified);
    }
  }
}

void RenderOldest(Rendering& r) {
  const std::string head = BeginLines(r, "backlogd_dlq_oldest_record_timestamp_seconds");
  for (const DeadLetterReport& queue : r.report.dead_letters) {
    if (!queue.oldest || queue.oldest->time_since_epoch().count() < 0) continue;
    r.out.Put(head);
    r.out.Put(TopicOf(r, queue));
    r.out.Put("} ");
    r.out.PutMilliseconds(queue.oldest->time_since_epoch().count());
    r.out.EndLine();
  }
}

void RenderHandled(Rendering& r) {
  const std::string head = BeginLines(r, "backlogd_dlq_handled_records_total");
  for (const DeadLetterReport& queue : r.report.dead_letters) {
    for (std::size_t i = 0; queue.handled_known && i < queue.handled.size(); ++i) {
      r.out.Put(head);
      r.out.Put(TopicOf(r, queue));
      r.out.Put(",action=\"");
      r.out.Put(analysis::ActionAt(i));
      r.out.Put("\"");
      EndLine(r, static_cast<std::int64_t>(queue.handled[i]));
    }
  }
}

}  // namespace

void RenderDeadLetterFamilies(Rendering& r) {
  GroupLabels groups(r.report);
  RenderInfo(r, groups);
  RenderQueues(r, "backlogd_dlq_retained_records", &DeadLetterReport::retained);
  RenderPending(r, groups);
  RenderQueues(r, "backlogd_dlq_records_total", &DeadLetterReport::records);
  RenderClassified(r);
  RenderOldest(r);
  RenderQueues(r, "backlogd_dlq_expired_records_total", &DeadLetterReport::expired);
  RenderHandled(r);
  RenderQueues(r, "backlogd_dlq_scan_failures_total", &DeadLetterReport::scan_failures);
}

}  // namespace backlogd::exposition
