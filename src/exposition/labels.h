#pragma once

#include <string>
#include <string_view>
#include <vector>

// Label text of sample lines. Private to exposition.
namespace backlogd::exposition {

// Appends `value` as it stands between the quotes of a label: valid UTF-8, with \, " and newline
// escaped.
void AppendLabelValue(std::string_view value, std::string& to);

// name="value"
std::string Label(std::string_view name, std::string_view value);

// One label of many things, escaped once for all the lines in which it stands.
class LabelColumn {
 public:
  // REQUIRES: names are distinct. Names that differ only in bytes that are not UTF-8 would become
  // the same text, and one series that appears twice spoils a whole scrape: all but one of them get
  // a "~" and a number.
  LabelColumn(std::string_view label, const std::vector<std::string_view>& names);

  // ,label="value" of the name at `index`
  std::string_view operator[](std::size_t index) const {
    return std::string_view(text_).substr(ends_[index], ends_[index + 1] - ends_[index]);
  }

 private:
  std::string text_;
  std::vector<std::size_t> ends_ = {0};
};

}  // namespace backlogd::exposition
