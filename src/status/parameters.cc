#include "status/parameters.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "analysis/status.h"
#include "base/text.h"

namespace backlogd::status {
namespace {

constexpr std::size_t kMaxQuoted = 100;  // of a value in a message
constexpr std::size_t kMaxOffset = 1'000'000'000;

std::string Quoted(std::string_view value) {
  return "\"" + ToValidUtf8(value.substr(0, kMaxQuoted)) + "\"";
}

std::string Joined(const std::vector<std::string_view>& words) {
  std::string text;
  for (const std::string_view word : words) {
    if (!text.empty()) text += ", ";
    text += word;
  }
  return text;
}

bool Holds(const std::vector<std::string_view>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::vector<std::string_view> StatusNames() {
  std::vector<std::string_view> names;
  for (int i = 0; i < analysis::kStatusCount; ++i) {
    names.push_back(ToText(static_cast<analysis::Status>(i)));
  }
  names.emplace_back("unknown");
  return names;
}

// Takes one parameter over; returns what is wrong with it, or nothing.
class Reader {
 public:
  explicit Reader(const ListRules& rules) : rules_(rules) {
    if (!rules.sorts.empty()) query_.sort = rules.sorts.front();
    query_.limit = rules.default_limit;
  }

  std::string Take(std::string_view name, std::string_view value) {
    const std::vector<std::string_view> names = Names();
    if (!Holds(names, name)) {
      return Quoted(name) + ": no such parameter; there are: " + Joined(names);
    }
    if (name == "lang" || value.empty()) return "";
    if (Holds(rules_.filters, name)) return TakeFilter(name, value);
    if (name == "sort") return TakeWord("sort", value, rules_.sorts, query_.sort);
    if (name == "order") return TakeOrder(value);
    if (name == "limit") return TakeNumber("limit", value, {1, rules_.max_limit}, query_.limit);
    return TakeNumber("offset", value, {0, kMaxOffset}, query_.offset);
  }

  ListQuery query() const {
    ListQuery query = query_;
    query.ascending = ascending_.value_or(query.sort == "name" || query.sort == "headroom");
    return query;
  }

 private:
  struct Range {
    std::size_t least;
    std::size_t most;
  };

  std::vector<std::string_view> Names() const {
    std::vector<std::string_view> names = rules_.filters;
    if (!rules_.sorts.empty()) names.insert(names.end(), {"sort", "order"});
    if (rules_.max_limit > 0) names.insert(names.end(), {"limit", "offset"});
    names.emplace_back("lang");
    return names;
  }

  std::string TakeFilter(std::string_view name, std::string_view value) {
    if (name == "status") return TakeWord(name, value, StatusNames(), query_.status);
    if (name == "cluster") query_.cluster = value;
    if (name == "search") query_.search = value;
    return "";
  }

  std::string TakeOrder(std::string_view value) {
    std::string_view order;
    std::string wrong = TakeWord("order", value, {"asc", "desc"}, order);
    if (wrong.empty()) ascending_ = order == "asc";
    return wrong;
  }

  static std::string TakeWord(std::string_view name, std::string_view value,
                              const std::vector<std::string_view>& words, std::string_view& out) {
    if (!Holds(words, value)) {
      return std::string(name) + ": must be one of " + Joined(words) + ", got " + Quoted(value);
    }
    out = value;
    return "";
  }

  static std::string TakeNumber(std::string_view name, std::string_view value, Range range,
                                std::size_t& out) {
    std::size_t number = 0;
    const char* const end = value.data() + value.size();
    const auto [stop, error] = std::from_chars(value.data(), end, number);
    if (error != std::errc() || stop != end || number < range.least || number > range.most) {
      return std::string(name) + ": must be a whole number from " + std::to_string(range.least) +
             " to " + std::to_string(range.most) + ", got " + Quoted(value);
    }
    out = number;
    return "";
  }

  const ListRules& rules_;
  ListQuery query_;
  std::optional<bool> ascending_;
};

}  // namespace

std::optional<std::string_view> Find(const Parameters& parameters, std::string_view name) {
  for (const auto& [key, value] : parameters) {
    if (key == name && !value.empty()) return value;
  }
  return std::nullopt;
}

bool IsGiven(const Parameters& parameters, std::string_view name) {
  return std::any_of(parameters.begin(), parameters.end(),
                     [name](const auto& parameter) { return parameter.first == name; });
}

Result<ListQuery> ParseListQuery(const Parameters& parameters, const ListRules& rules) {
  Reader reader(rules);
  for (const auto& [name, value] : parameters) {
    const std::string wrong = reader.Take(name, value);
    if (!wrong.empty()) return Error{ErrorKind::kOther, wrong};
  }
  return reader.query();
}

std::optional<Error> RefuseParameters(const Parameters& parameters) {
  static const ListRules rules{{}, {}, 0, 0};
  const Result<ListQuery> query = ParseListQuery(parameters, rules);
  return query ? std::nullopt : std::optional(query.error());
}

ListQuery ReadListQuery(const Parameters& parameters, const ListRules& rules) {
  Reader reader(rules);
  for (const auto& [name, value] : parameters) reader.Take(name, value);
  return reader.query();
}

}  // namespace backlogd::status
