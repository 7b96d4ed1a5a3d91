#include "exposition/page_parser.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <set>
#include <stdexcept>

#include "base/text.h"

namespace backlogd::exposition {
namespace {

// One line, taken from the left.
class Line {
 public:
  explicit Line(std::string_view line) : whole_(line), rest_(line) {}

  bool AtEnd() const { return rest_.empty(); }
  bool StartsWith(std::string_view text) const { return rest_.starts_with(text); }

  void Require(bool condition) const {
    if (!condition) throw std::runtime_error("bad line: " + std::string(whole_));
  }
  void Expect(std::string_view text) {
    Require(StartsWith(text));
    rest_.remove_prefix(text.size());
  }
  char Next() {
    Require(!AtEnd());
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }
  std::string Name() {
    const auto end = std::ranges::find_if_not(
        rest_, [](char c) { return c == '_' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
    std::string name(rest_.begin(), end);
    Require(!name.empty() && (name[0] < '0' || name[0] > '9'));
    rest_.remove_prefix(name.size());
    return name;
  }
  std::string Until(char end) {
    std::string taken;
    for (char c = Next(); c != end; c = Next()) taken += c;
    return taken;
  }
  std::string Rest() {
    std::string rest(rest_);
    rest_ = {};
    return rest;
  }
  // The value of a label, without its quotes.
  std::string Quoted() {
    std::string value;
    Expect("\"");
    for (char c = Next(); c != '"'; c = Next()) value += c == '\\' ? Unescaped(Next()) : c;
    Require(ToValidUtf8(value) == value);
    return value;
  }
  double Number() {
    const std::string text = Rest();
    if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
    if (text == "+Inf") return std::numeric_limits<double>::infinity();
    if (text == "-Inf") return -std::numeric_limits<double>::infinity();
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    Require(error == std::errc() && end == text.data() + text.size());
    return value;
  }

 private:
  char Unescaped(char c) const {
    Require(c == '\\' || c == '"' || c == 'n');
    return c == 'n' ? '\n' : c;
  }

  std::string_view whole_;
  std::string_view rest_;
};

ParsedSample ParseSample(Line line) {
  ParsedSample sample;
  sample.name = line.Name();
  if (line.StartsWith("{")) {
    for (char c = line.Next(); c != '}'; c = line.Next()) {
      line.Require(c == (sample.labels.empty() ? '{' : ','));
      std::string name = line.Name();
      line.Expect("=");
      sample.labels.emplace_back(std::move(name), line.Quoted());
    }
  }
  line.Expect(" ");
  sample.value = line.Number();
  return sample;
}

std::set<std::string> SampleNames(const ParsedFamily& family, Format format) {
  const std::string& name = family.name;
  if (family.type == "histogram") return {name + "_bucket", name + "_sum", name + "_count"};
  if (family.type == "summary") return {name, name + "_sum", name + "_count"};
  if (format == Format::kText) return {name};
  if (family.type == "counter") return {name + "_total"};
  if (family.type == "info") return {name + "_info"};
  return {name};
}

// Reads the page line by line.
class Parser {
 public:
  explicit Parser(Format format) : format_(format) {}

  void Read(Line line) {
    line.Require(!ended_);
    if (!line.StartsWith("# ")) return ReadSample(line);
    line.Expect("# ");
    if (line.StartsWith("EOF")) {
      line.Require(format_ == Format::kOpenMetrics);
      line.Expect("EOF");
      line.Require(line.AtEnd());
      ended_ = true;
      return;
    }
    ReadHeader(line);
  }

  std::vector<ParsedFamily> Finish() {
    if (ended_ != (format_ == Format::kOpenMetrics)) throw std::runtime_error("end of page");
    return std::move(families_);
  }

 private:
  void ReadHeader(Line& line) {
    const bool text = format_ == Format::kText;
    const std::string keyword = line.Until(' ');
    const std::string name = line.Until(' ');
    if (keyword == (text ? "HELP" : "TYPE")) {
      line.Require(families_.empty() || !families_.back().samples.empty());
      line.Require(names_.insert(name).second);
      families_.push_back({name, "", "", "", {}});
    }
    line.Require(!families_.empty() && families_.back().name == name);
    line.Require(families_.back().samples.empty());
    ReadFact(keyword, line, families_.back());
  }

  void ReadFact(const std::string& keyword, Line& line, ParsedFamily& family) {
    const bool text = format_ == Format::kText;
    if (keyword == "HELP") {
      line.Require(text || !family.type.empty());
      family.help = line.Rest();
    } else if (keyword == "TYPE") {
      line.Require(family.type.empty() && (!text || !family.help.empty()));
      family.type = line.Rest();
    } else {
      line.Require(keyword == "UNIT" && !text && family.help.empty());
      family.unit = line.Rest();
      line.Require(family.name.ends_with("_" + family.unit));
    }
  }

  void ReadSample(Line& line) {
    line.Require(!families_.empty());
    ParsedFamily& family = families_.back();
    line.Require(!family.type.empty() && !family.help.empty());
    const ParsedSample sample = ParseSample(line);
    line.Require(SampleNames(family, format_).contains(sample.name));
    line.Require(keys_.insert(SeriesKey(sample)).second);
    family.samples.push_back(sample);
  }

  Format format_;
  bool ended_ = false;
  std::vector<ParsedFamily> families_;
  std::set<std::string> names_;
  std::set<std::string> keys_;
};

}  // namespace

std::vector<ParsedFamily> ParsePage(std::string_view page, Format format) {
  Parser parser(format);
  while (!page.empty()) {
    const std::size_t end = page.find('\n');
    if (end == std::string_view::npos) throw std::runtime_error("unfinished last line");
    parser.Read(Line(page.substr(0, end)));
    page.remove_prefix(end + 1);
  }
  return parser.Finish();
}

std::string SeriesKey(const ParsedSample& sample) {
  auto labels = sample.labels;
  std::ranges::sort(labels);
  std::string key = sample.name;
  for (const auto& [name, value] : labels) key.append("|").append(name).append("=").append(value);
  return key;
}

std::map<std::string, double> SeriesOf(const std::vector<ParsedFamily>& families) {
  std::map<std::string, double> series;
  for (const ParsedFamily& family : families) {
    for (const ParsedSample& sample : family.samples) series[SeriesKey(sample)] = sample.value;
  }
  return series;
}

std::string Join(const std::vector<std::string_view>& pieces) {
  std::string whole;
  for (const std::string_view piece : pieces) whole += piece;
  return whole;
}

}  // namespace backlogd::exposition
