#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "status/html.h"
#include "status/pages.h"
#include "status/selection.h"

// What the pages are put together from.
namespace backlogd::status {

using UrlParameters = std::vector<std::pair<std::string_view, std::string>>;

// "?lang=zh" stays in all links once somebody has chosen a language.
std::string LinkTo(const PageRequest& request, std::string_view path, UrlParameters parameters);

// From the doctype to the open <main>; `here` is the path of the page among those of the bar.
void BeginPage(const PageRequest& request, std::string_view here, std::string_view title,
               Html& html);
void EndPage(Html& html);

// A negative count (analysis::kUnknown) is not known.
void AddHeading(const Phrase& title, std::int64_t count, Html& html);
void AddStatus(const std::optional<analysis::Status>& status, Html& html);
void AddLink(std::string_view url, std::string_view text, Html& html);
// Of clusters that have no data: since when.
void AddMissing(const PageRequest& request, Html& html);

struct Column {
  Phrase title;
  bool number = false;  // aligned to the right
};
void BeginTable(const Phrase& caption, const std::vector<Column>& columns, Html& html);
void EndTable(Html& html);
// A cell; on a phone its column's title stands beside it.
void BeginCell(const Column& column, Html& html);
void EndCell(Html& html);
void AddCell(const Column& column, std::string_view text, Html& html);

// A term and what it is, in a list of them.
void AddFact(const Phrase& term, std::string_view text, Html& html);

struct Choice {
  std::string_view value;
  Phrase name;
};
// The fields for search, cluster, status (of groups only) and order.
struct FilterForm {
  std::string_view path;
  const ListQuery& query;
  std::vector<Choice> sorts;
  bool by_status = false;
};
void AddFilters(const PageRequest& request, const FilterForm& form, Html& html);

// Where the page is in the list, and the way to the ones beside it.
struct Paging {
  std::string_view path;
  const ListQuery& query;
  std::size_t total = 0;
  std::string_view offset_name = "offset";  // or "topics": of a group's
};
void AddPaging(const PageRequest& request, const Paging& paging, Html& html);
// Instead of a list without rows: that there are none, or that nothing is known.
void AddEmpty(const PageRequest& request, Html& html);

// The table of groups on the page "/".
void AddGroups(const PageRequest& request, const Rows<analysis::GroupReport>& rows, Html& html);
void AddTopics(const PageRequest& request, const Rows<analysis::TopicReport>& rows, Html& html);
void AddDeadLetters(const PageRequest& request, const Rows<analysis::DeadLetterReport>& rows,
                    Html& html);

// A group's name; in words if it is the empty one, which Kafka allows.
std::string_view ShownName(std::string_view group, const Html& html);

std::string GroupUrl(const PageRequest& request, std::string_view cluster, std::string_view group);

}  // namespace backlogd::status
