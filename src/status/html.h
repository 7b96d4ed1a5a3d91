#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "status/words.h"

namespace backlogd::status {

// `text` for the inside of an HTML element or of a quoted attribute: no markup, valid UTF-8, and
// neither control characters nor those that turn the direction of writing (each becomes U+FFFD).
std::string EscapeHtml(std::string_view text);

// A path with parameters, percent-encoded: not escaped for HTML. Those without a value are left
// out.
std::string MakeUrl(std::string_view path,
                    const std::vector<std::pair<std::string_view, std::string>>& parameters);

// A page in the making.
class Html {
 public:
  explicit Html(Language language) : language_(language) {}

  Language language() const { return language_; }
  Html& Raw(std::string_view markup);
  Html& Text(std::string_view text);  // escaped
  Html& Say(const Phrase& phrase) { return Text(phrase.In(language_)); }
  // `<name attribute="value">`, escaped; attributes without a value are left out.
  Html& Open(std::string_view name,
             std::initializer_list<std::pair<std::string_view, std::string_view>> attributes = {});
  Html& Close(std::string_view name);

  std::string Take() { return std::move(out_); }

 private:
  Language language_;
  std::string out_;
};

}  // namespace backlogd::status
