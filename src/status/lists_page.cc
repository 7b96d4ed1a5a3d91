// The pages of topics and of dead letters, and their tables.

#include "status/elements.h"
#include "status/format.h"

namespace backlogd::status {
namespace {

using analysis::DeadLetterReport;
using analysis::TopicReport;

constexpr Column kCluster{words::kCluster};
constexpr Column kTopic{words::kTopic};
constexpr Column kPartitions{words::kPartitions, true};
constexpr Column kRetained{words::kRetained, true};
constexpr Column kRetention{words::kRetention, true};
constexpr Column kReaders{words::kReaders, true};
constexpr Column kNoLeader{words::kNoLeader, true};
constexpr Column kUnder{words::kUnderReplicated, true};
constexpr Column kSource{words::kSource};
constexpr Column kPending{words::kPending, true};
constexpr Column kHandlers{words::kHandlers};
constexpr Column kOldest{words::kOldest};
constexpr Column kExpired{words::kExpired, true};
constexpr Column kReasons{words::kReasons};

void BeginRow(std::string_view name, Html& html) {
  html.Raw("<tr role=\"row\"><th scope=\"row\" role=\"rowheader\">").Text(name).Raw("</th>");
}

void AddTopic(const TopicRow& row, Html& html) {
  const TopicReport& topic = *row.report;
  BeginRow(topic.name, html);
  AddCell(kCluster, row.cluster->name, html);
  AddCell(kPartitions, FormatCount(topic.partition_count), html);
  AddCell(kRetained, FormatCount(topic.retained_records), html);
  AddCell(
      kRetention,
      FormatSpan(topic.retention ? topic.retention->count() : analysis::kUnknown, html.language()),
      html);
  AddCell(kReaders, FormatCount(topic.groups), html);
  AddCell(kNoLeader, FormatCount(topic.partitions_without_leader), html);
  AddCell(kUnder, FormatCount(topic.partitions_under_replicated), html);
  html.Raw("</tr>\n");
}

std::string Handlers(const DeadLetterReport& report, Language language) {
  std::string names;
  for (const analysis::PendingReport& pending : report.pending) {
    if (pending.group.empty()) continue;
    names += (names.empty() ? "" : ", ") + pending.group;
  }
  return names.empty() ? std::string(words::kNobody.In(language)) : names;
}

// "format 12, timeout 3": of all sources together.
std::string Reasons(const DeadLetterReport& report) {
  std::string text;
  for (std::size_t reason = 0; reason < deadletters::kReasonCount; ++reason) {
    std::uint64_t count = 0;
    for (const analysis::ClassifiedReport& part : report.classified) count += part.records[reason];
    if (count == 0) continue;
    text += text.empty() ? "" : ", ";
    text += analysis::ReasonAt(reason);
    text += " " + FormatCount(static_cast<std::int64_t>(count));
  }
  return text;
}

void AddDeadLetter(const PageRequest& request, const DeadLetterRow& row, Html& html) {
  const DeadLetterReport& report = *row.report;
  BeginRow(TopicName(row), html);
  AddCell(kCluster, row.cluster->name, html);
  AddCell(kSource, report.source_topic.empty() ? kUnknownSign : report.source_topic, html);
  AddCell(kPending, FormatCount(Pending(report)), html);
  AddCell(kRetained, FormatCount(report.retained), html);
  AddCell(kOldest,
          report.oldest ? FormatAgo(*report.oldest, request.view.now, html.language())
                        : std::string(kUnknownSign),
          html);
  AddCell(kExpired, FormatCount(report.expired), html);
  AddCell(kHandlers, Handlers(report, html.language()), html);
  AddCell(kReasons, Reasons(report), html);
  html.Raw("</tr>\n");
}

void BeginList(const PageRequest& request, std::string_view here, const Phrase& title, Html& html) {
  BeginPage(request, here, title.In(html.language()), html);
  AddMissing(request, html);
  html.Raw("<h1>").Say(title).Raw("</h1>\n");
}

}  // namespace

void AddTopics(const PageRequest& request, const Rows<TopicReport>& rows, Html& html) {
  if (rows.rows.empty()) {
    AddEmpty(request, html);
    return;
  }
  BeginTable(words::kTopics,
             {kTopic, kCluster, kPartitions, kRetained, kRetention, kReaders, kNoLeader, kUnder},
             html);
  for (const TopicRow& row : rows.rows) AddTopic(row, html);
  EndTable(html);
}

void AddDeadLetters(const PageRequest& request, const Rows<DeadLetterReport>& rows, Html& html) {
  if (rows.rows.empty()) {
    AddEmpty(request, html);
    return;
  }
  BeginTable(
      words::kDeadLetters,
      {kTopic, kCluster, kSource, kPending, kRetained, kOldest, kExpired, kHandlers, kReasons},
      html);
  for (const DeadLetterRow& row : rows.rows) AddDeadLetter(request, row, html);
  EndTable(html);
}

HtmlAnswer TopicsPage(const PageRequest& request) {
  ListQuery query = ReadListQuery(request.parameters, TopicRules());
  const auto topics = SelectShown(request.view, query, SelectTopics);
  Html html(request.language);
  BeginList(request, "topics", words::kTopics, html);
  AddFilters(request,
             {"topics",
              query,
              {{"trouble", words::kWorstFirst},
               {"retained", words::kRetained},
               {"partitions", words::kPartitions},
               {"groups", words::kReaders},
               {"name", words::kName}}},
             html);
  AddTopics(request, topics, html);
  AddPaging(request, {"topics", query, topics.total}, html);
  EndPage(html);
  return {200, html.Take()};
}

HtmlAnswer DeadLettersPage(const PageRequest& request) {
  ListQuery query = ReadListQuery(request.parameters, DeadLetterRules());
  const auto dead_letters = SelectShown(request.view, query, SelectDeadLetters);
  Html html(request.language);
  BeginList(request, "dead-letters", words::kDeadLetters, html);
  AddFilters(request,
             {"dead-letters",
              query,
              {{"pending", words::kPending},
               {"retained", words::kRetained},
               {"expired", words::kExpired},
               {"name", words::kName}}},
             html);
  AddDeadLetters(request, dead_letters, html);
  AddPaging(request, {"dead-letters", query, dead_letters.total}, html);
  EndPage(html);
  return {200, html.Take()};
}

}  // namespace backlogd::status
