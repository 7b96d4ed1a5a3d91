#include "status/elements.h"

#include <algorithm>
#include <array>

#include "status/format.h"

namespace backlogd::status {
namespace {

struct Tab {
  std::string_view path;
  Phrase name;
};
constexpr std::array<Tab, 4> kTabs = {{{"./", words::kGroups},
                                       {"topics", words::kTopics},
                                       {"dead-letters", words::kDeadLetters},
                                       {"daemon", words::kDaemon}}};

std::string Owned(const std::optional<std::string_view>& text) {
  return std::string(text.value_or(""));
}

std::string ChosenLanguage(const PageRequest& request) {
  const std::string asked = Owned(Find(request.parameters, "lang"));
  return asked == "zh" || asked == "en" ? asked : "";
}

// The same page in a language.
std::string InLanguage(const PageRequest& request, std::string_view here, std::string language) {
  UrlParameters parameters;
  for (const auto& [name, value] : request.parameters) {
    if (name == "lang" || name.find_first_not_of("abcdefghijklmnopqrstuvwxyz") != name.npos) {
      continue;
    }
    parameters.emplace_back(name, value);
  }
  parameters.emplace_back("lang", std::move(language));
  return MakeUrl(here, parameters);
}

void AddLanguages(const PageRequest& request, std::string_view here, Html& html) {
  const std::string title(words::kLanguage.In(html.language()));
  html.Open("nav", {{"class", "languages"}, {"aria-label", title}});
  for (const auto& [code, tag, name] :
       {std::array<std::string_view, 3>{"en", "en", "English"}, {"zh", "zh-CN", "中文"}}) {
    const bool shown = (code == "zh") == (html.language() == Language::kChinese);
    html.Open("a", {{"href", InLanguage(request, here, std::string(code))},
                    {"lang", tag},
                    {"hreflang", tag},
                    {"aria-current", shown ? "true" : ""}});
    html.Text(name).Close("a");
  }
  html.Close("nav");
}

void AddTabs(const PageRequest& request, std::string_view here, Html& html) {
  html.Open("nav", {{"class", "tabs"}, {"aria-label", words::kPages.In(html.language())}});
  for (const Tab& tab : kTabs) {
    html.Open("a", {{"href", LinkTo(request, tab.path, {})},
                    {"aria-current", tab.path == here ? "page" : ""}});
    html.Say(tab.name).Close("a");
  }
  html.Open("a", {{"href", "." + request.view.daemon.metrics_path}})
      .Say(words::kMetrics)
      .Close("a");
  html.Close("nav");
}

void AddOption(std::string_view value, std::string_view chosen, std::string_view text, Html& html) {
  html.Raw("<option value=\"").Text(value).Raw(value == chosen ? "\" selected>" : "\">");
  html.Text(text).Close("option");
}

void BeginSelect(std::string_view name, const Phrase& label, Html& html) {
  html.Open("label").Open("span").Say(label).Close("span").Open("select", {{"name", name}});
}

void EndSelect(Html& html) { html.Close("select").Close("label"); }

void AddStatusFilter(const ListQuery& query, Html& html) {
  BeginSelect("status", words::kStatus, html);
  AddOption("", query.status, words::kAll.In(html.language()), html);
  for (int i = analysis::kStatusCount - 1; i >= 0; --i) {
    const auto status = static_cast<analysis::Status>(i);
    AddOption(ToText(status), query.status, NameOf(status).In(html.language()), html);
  }
  AddOption("unknown", query.status, NameOf(std::nullopt).In(html.language()), html);
  EndSelect(html);
}

void AddClusterFilter(const View& view, const ListQuery& query, Html& html) {
  if (view.clusters.size() < 2) return;
  BeginSelect("cluster", words::kCluster, html);
  AddOption("", query.cluster, words::kAll.In(html.language()), html);
  for (const ClusterView& cluster : view.clusters) {
    AddOption(cluster.name, query.cluster, cluster.name, html);
  }
  EndSelect(html);
}

}  // namespace

std::string LinkTo(const PageRequest& request, std::string_view path, UrlParameters parameters) {
  parameters.emplace_back("lang", ChosenLanguage(request));
  return MakeUrl(path, parameters);
}

std::string GroupUrl(const PageRequest& request, std::string_view cluster, std::string_view group) {
  return LinkTo(request, "group",
                {{"cluster", std::string(cluster)}, {"name", std::string(group)}});
}

std::string_view ShownName(std::string_view group, const Html& html) {
  return group.empty() ? words::kNoName.In(html.language()) : group;
}

void BeginPage(const PageRequest& request, std::string_view here, std::string_view title,
               Html& html) {
  const bool chinese = html.language() == Language::kChinese;
  html.Raw("<!DOCTYPE html>\n").Open("html", {{"lang", chinese ? "zh-CN" : "en"}});
  html.Raw(
      "<head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
      "<meta name=\"color-scheme\" content=\"light dark\">"
      "<meta name=\"robots\" content=\"noindex\">"
      "<script src=\"refresh.js\" defer></script>"
      "<noscript><meta http-equiv=\"refresh\" content=\"30\"></noscript>"
      "<link rel=\"icon\" href=\"data:,\">"
      "<link rel=\"stylesheet\" href=\"style.css\"><title>");
  html.Text(title).Raw(" · backlogd</title></head>\n<body><a class=\"skip\" href=\"#content\">");
  html.Say(words::kSkip).Raw("</a>\n<header><div class=\"bar\">");
  html.Open("a", {{"class", "brand"}, {"href", LinkTo(request, "./", {})}});
  html.Raw("backlogd</a>");
  AddTabs(request, here, html);
  AddLanguages(request, here, html);
  html.Raw("</div></header>\n<main id=\"content\">");
}

void EndPage(Html& html) {
  html.Raw("</main>\n<footer>").Say(words::kFooter).Raw("</footer></body></html>\n");
}

void AddHeading(const Phrase& title, std::int64_t count, Html& html) {
  html.Open("h2").Say(title).Raw(" <span class=\"count\">");
  html.Text(FormatCount(count)).Raw("</span></h2>\n");
}

void AddStatus(const std::optional<analysis::Status>& status, Html& html) {
  const std::string name(status ? ToText(*status) : "unknown");
  html.Open("span",
            {{"class", "status " + name}, {"title", MeaningOf(status).In(html.language())}});
  html.Say(NameOf(status)).Close("span");
}

void AddLink(std::string_view url, std::string_view text, Html& html) {
  html.Open("a", {{"href", url}}).Text(text).Close("a");
}

void AddMissing(const PageRequest& request, Html& html) {
  for (const ClusterView& cluster : request.view.clusters) {
    if (cluster.report != nullptr && cluster.report->has_data) continue;
    html.Open("p", {{"class", "notice"}, {"role", "status"}});
    html.Open("strong").Text(cluster.name).Close("strong").Raw(" ");
    if (cluster.report == nullptr || cluster.report->data_time == WallTime{}) {
      html.Say(words::kNoDataYet);
    } else {
      const WallTime since = cluster.report->data_time;
      html.Say(words::kNoData).Raw(" ").Text(FormatInstant(since)).Raw(" (");
      html.Text(FormatAgo(since, request.view.now, html.language())).Raw(")");
    }
    html.Close("p").Raw("\n");
  }
}

void BeginTable(const Phrase& caption, const std::vector<Column>& columns, Html& html) {
  html.Raw("<div class=\"scroll\"><table role=\"table\"><caption>").Say(caption);
  html.Raw("</caption><thead role=\"rowgroup\"><tr role=\"row\">");
  for (const Column& column : columns) {
    html.Open(
        "th",
        {{"scope", "col"}, {"role", "columnheader"}, {"class", column.number ? "number" : ""}});
    html.Say(column.title).Close("th");
  }
  html.Raw("</tr></thead>\n<tbody role=\"rowgroup\">");
}

void EndTable(Html& html) { html.Raw("</tbody></table></div>\n"); }

void BeginCell(const Column& column, Html& html) {
  html.Open("td", {{"role", "cell"},
                   {"class", column.number ? "number" : ""},
                   {"data-title", column.title.In(html.language())}});
  html.Raw("<div>");
}

void EndCell(Html& html) { html.Raw("</div></td>"); }

void AddCell(const Column& column, std::string_view text, Html& html) {
  BeginCell(column, html);
  html.Text(text);
  EndCell(html);
}

void AddFact(const Phrase& term, std::string_view text, Html& html) {
  html.Raw("<div><dt>").Say(term).Raw("</dt><dd>").Text(text).Raw("</dd></div>");
}

void AddFilters(const PageRequest& request, const FilterForm& form, Html& html) {
  html.Open("form", {{"method", "get"}, {"action", form.path}, {"class", "filters"}});
  html.Raw("<label><span>").Say(words::kSearch).Raw("</span>");
  html.Open("input", {{"type", "search"}, {"name", "search"}, {"value", form.query.search}});
  html.Raw("</label>");
  if (form.by_status) AddStatusFilter(form.query, html);
  AddClusterFilter(request.view, form.query, html);
  BeginSelect("sort", words::kSortBy, html);
  for (const Choice& sort : form.sorts) {
    AddOption(sort.value, form.query.sort, sort.name.In(html.language()), html);
  }
  EndSelect(html);
  const std::string language = ChosenLanguage(request);
  if (!language.empty()) {
    html.Open("input", {{"type", "hidden"}, {"name", "lang"}, {"value", language}});
  }
  html.Raw("<button>").Say(words::kShow).Raw("</button>");
  html.Open("a", {{"href", LinkTo(request, form.path, {})}}).Say(words::kClear).Close("a");
  html.Raw("</form>\n");
}

void AddEmpty(const PageRequest& request, Html& html) {
  const std::string_view cluster = Find(request.parameters, "cluster").value_or("");
  const bool filtered =
      !cluster.empty() || Find(request.parameters, "search") || Find(request.parameters, "status");
  const Phrase& words = !IsKnown(request.view, cluster) ? words::kNothingKnown
                        : filtered                      ? words::kNothingFits
                                                        : words::kNothing;
  html.Raw("<p class=\"empty\">").Say(words).Raw("</p>\n");
}

void AddPaging(const PageRequest& request, const Paging& paging, Html& html) {
  const ListQuery& query = paging.query;
  const std::size_t total = paging.total;
  if (total <= query.limit && query.offset == 0) return;
  const auto offset_of = [&](std::string_view name, std::size_t offset) {
    if (name != paging.offset_name) return Owned(Find(request.parameters, name));
    return offset == 0 ? "" : std::to_string(offset);
  };
  const auto url = [&](std::size_t offset) {
    return LinkTo(request, paging.path,
                  {{"search", std::string(query.search)},
                   {"status", std::string(query.status)},
                   {"cluster", std::string(query.cluster)},
                   {"name", Owned(Find(request.parameters, "name"))},
                   {"sort", std::string(query.sort)},
                   {"order", query.sort.empty() ? "" : Owned(Find(request.parameters, "order"))},
                   {"limit", Owned(Find(request.parameters, "limit"))},
                   {"topics", offset_of("topics", offset)},
                   {"offset", offset_of("offset", offset)}});
  };
  const auto shown = [](std::size_t count) {
    return FormatCount(static_cast<std::int64_t>(count));
  };
  html.Raw("<nav class=\"paging\">");
  if (query.offset > 0) {
    const std::size_t before = query.offset - std::min(query.offset, query.limit);
    html.Open("a", {{"rel", "prev"}, {"href", url(before)}});
    html.Raw("← ").Say(words::kPrevious).Close("a");
  }
  const std::size_t last = std::min(total, query.offset + query.limit);
  html.Raw("<span>").Text(shown(std::min(last, query.offset + 1))).Raw("–").Text(shown(last));
  html.Raw(" ").Say(words::kOf).Raw(" ").Text(shown(total)).Raw("</span>");
  if (last < total) {
    html.Open("a", {{"rel", "next"}, {"href", url(last)}}).Say(words::kNext);
    html.Raw(" →").Close("a");
  }
  html.Raw("</nav>\n");
}

}  // namespace backlogd::status
