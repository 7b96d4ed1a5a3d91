#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "exposition/page.h"

// What a client asks for in its headers (RFC 9110, 12.4 and 12.5).
namespace backlogd::exposition {
namespace {

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

// Takes the text up to `separator` away from `rest`.
std::string_view TakeUntil(char separator, std::string_view& rest) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view taken = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return Trimmed(taken);
}

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

// A quality that cannot be read is 0: what the client says of it is not understood.
double ParseQuality(std::string_view text) {
  double quality = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), quality);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && quality >= 0 && quality <= 1 ? quality : 0;
}

// One element of the header: "application/openmetrics-text;version=1.0.0;q=0.5".
struct Choice {
  std::string_view name;
  std::string_view version;  // empty if not given
  double quality = 1;
};

Choice ParseChoice(std::string_view element) {
  Choice choice;
  choice.name = TakeUntil(';', element);
  while (!element.empty()) {
    std::string_view value = TakeUntil(';', element);
    const std::string_view key = TakeUntil('=', value);
    if (EqualsIgnoringCase(key, "q")) choice.quality = ParseQuality(Trimmed(value));
    if (EqualsIgnoringCase(key, "version")) choice.version = Trimmed(value);
  }
  if (choice.version.size() >= 2 && choice.version.front() == '"') {
    choice.version = choice.version.substr(1, choice.version.size() - 2);
  }
  return choice;
}

// What the client thinks of one thing that we can send: said by the most specific element that
// matches it, and the best one of those.
class Opinion {
 public:
  void Hear(int specificity, double quality, int position) {
    if (specificity == 0 || specificity < specificity_) return;
    if (specificity == specificity_ && quality <= quality_) return;
    specificity_ = specificity;
    quality_ = quality;
    position_ = position;
  }

  double quality() const { return quality_; }

  // Of things wanted equally, what is named wins over what a wildcard covers, then the first.
  bool IsStrongerThan(const Opinion& other) const {
    if (quality_ != other.quality_) return quality_ > other.quality_;
    if (specificity_ != other.specificity_) return specificity_ > other.specificity_;
    return position_ < other.position_;
  }

 private:
  int specificity_ = 0;
  double quality_ = 0;
  int position_ = 0;
};

struct Offer {
  std::string_view type;
  std::string_view any_subtype;
  std::array<std::string_view, 3> versions;  // "": the client may leave it open
};
constexpr Offer kText = {"text/plain", "text/*", {"", "0.0.4", "0.0.4"}};
constexpr Offer kOpenMetrics = {
    "application/openmetrics-text", "application/*", {"", "1.0.0", "0.0.1"}};

// 3: named, in a version that we speak; 2: "text/*"; 1: "*/*"; 0: does not match.
int Specificity(const Choice& choice, const Offer& offer) {
  if (choice.name == "*/*") return 1;
  if (EqualsIgnoringCase(choice.name, offer.any_subtype)) return 2;
  if (!EqualsIgnoringCase(choice.name, offer.type)) return 0;
  return std::ranges::find(offer.versions, choice.version) != offer.versions.end() ? 3 : 0;
}

}  // namespace

Format ChooseFormat(std::string_view accept) {
  Opinion text;
  Opinion open_metrics;
  for (int position = 0; !accept.empty(); ++position) {
    const Choice choice = ParseChoice(TakeUntil(',', accept));
    text.Hear(Specificity(choice, kText), choice.quality, position);
    open_metrics.Hear(Specificity(choice, kOpenMetrics), choice.quality, position);
  }
  return open_metrics.quality() > 0 && open_metrics.IsStrongerThan(text) ? Format::kOpenMetrics
                                                                         : Format::kText;
}

bool AcceptsGzip(std::string_view accept_encoding) {
  Opinion gzip;
  while (!accept_encoding.empty()) {
    const Choice choice = ParseChoice(TakeUntil(',', accept_encoding));
    const bool named =
        EqualsIgnoringCase(choice.name, "gzip") || EqualsIgnoringCase(choice.name, "x-gzip");
    if (named || choice.name == "*") gzip.Hear(named ? 2 : 1, choice.quality, 0);
  }
  return gzip.quality() > 0;
}

std::string_view ContentType(Format format) {
  return format == Format::kText ? "text/plain; version=0.0.4; charset=utf-8"
                                 : "application/openmetrics-text; version=1.0.0; charset=utf-8";
}

}  // namespace backlogd::exposition
