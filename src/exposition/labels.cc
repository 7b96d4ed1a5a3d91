#include "exposition/labels.h"

#include <algorithm>
#include <set>

#include "base/text.h"

namespace backlogd::exposition {
namespace {

bool IsPlain(std::string_view value) {
  return std::ranges::all_of(value,
                             [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
}

void AppendEscaped(std::string_view value, std::string& to) {
  for (const char c : value) {
    switch (c) {
      case '\\': to += "\\\\"; break;
      case '"': to += "\\\""; break;
      case '\n': to += "\\n"; break;
      default: to += c;
    }
  }
}

// Makes valid UTF-8 of names and keeps them apart.
class NameRepair {
 public:
  explicit NameRepair(const std::vector<std::string_view>& names) : names_(names) {}

  std::string Repair(std::string_view name) {
    std::string valid = ToValidUtf8(name);
    if (valid == name) return valid;
    if (taken_.empty()) taken_.insert(names_.begin(), names_.end());
    std::string unique = valid;
    for (int n = 2; !taken_.insert(unique).second; ++n) unique = valid + "~" + std::to_string(n);
    return unique;
  }

 private:
  const std::vector<std::string_view>& names_;
  std::set<std::string> taken_;  // filled when it is needed: hardly ever
};

}  // namespace

void AppendLabelValue(std::string_view value, std::string& to) {
  if (IsPlain(value)) {
    to += value;
  } else {
    AppendEscaped(ToValidUtf8(value), to);
  }
}

std::string Label(std::string_view name, std::string_view value) {
  std::string label(name);
  label += "=\"";
  AppendLabelValue(value, label);
  label += '"';
  return label;
}

LabelColumn::LabelColumn(std::string_view label, const std::vector<std::string_view>& names) {
  NameRepair repair(names);
  ends_.reserve(names.size() + 1);
  for (const std::string_view name : names) {
    text_ += ',';
    text_ += label;
    text_ += "=\"";
    if (IsPlain(name)) {
      text_ += name;
    } else {
      AppendEscaped(repair.Repair(name), text_);
    }
    text_ += '"';
    ends_.push_back(text_.size());
  }
}

}  // namespace backlogd::exposition
