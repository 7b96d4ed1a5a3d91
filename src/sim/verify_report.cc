#include "sim/verify_report.h"

#include <algorithm>
#include <cstddef>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/text.h"
#include "cli/printable.h"

namespace backlogd::sim {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxReasonBytes = 1000;

std::size_t CountOf(const VerifyReport& report, Verdict verdict) {
  return static_cast<std::size_t>(
      std::ranges::count(report.checks, verdict, &CheckResult::verdict));
}

std::string Seconds(std::chrono::duration<double> time) {
  std::ostringstream out;
  out << std::fixed << std::setprecision(3) << time.count();
  return out.str();
}

// For attributes and text. XML has no way to write control characters.
std::string ToXml(const std::string& text) {
  std::string escaped;
  for (const char c : ToValidUtf8(text)) {
    switch (c) {
      case '&': escaped += "&amp;"; break;
      case '<': escaped += "&lt;"; break;
      case '>': escaped += "&gt;"; break;
      case '"': escaped += "&quot;"; break;
      case '\'': escaped += "&apos;"; break;
      case '\n': escaped += "&#10;"; break;
      case '\t': escaped += "&#9;"; break;
      default: escaped += static_cast<unsigned char>(c) < 0x20 ? '?' : c; break;
    }
  }
  // U+FFFE and U+FFFF are characters, but none of XML's.
  for (const char* none : {"\xef\xbf\xbe", "\xef\xbf\xbf"}) {
    for (auto at = escaped.find(none); at != std::string::npos; at = escaped.find(none, at)) {
      escaped.replace(at, 3, "?");
    }
  }
  return escaped;
}

void WriteCase(const VerifyReport& report, const CheckResult& check, std::ostream& out) {
  out << R"(    <testcase classname="backlogd-sim.verify.)" << ToXml(report.topic) << R"(" name=")"
      << ToXml(check.name) << R"(" time=")" << Seconds(check.time) << '"';
  const std::string reason = ToXml(check.reason);
  switch (check.verdict) {
    case Verdict::kPassed: out << "><system-out>" << reason << "</system-out></testcase>\n"; break;
    case Verdict::kFailed:
      out << R"(><failure message=")" << reason << R"("/></testcase>)" << '\n';
      break;
    case Verdict::kSkipped:
      out << R"(><skipped message=")" << reason << R"("/></testcase>)" << '\n';
      break;
  }
}

}  // namespace

std::string_view ToText(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPassed: return "passed";
    case Verdict::kFailed: return "failed";
    case Verdict::kSkipped: break;
  }
  return "skipped";
}

bool HasFailed(const VerifyReport& report) { return CountOf(report, Verdict::kFailed) > 0; }

std::string ToTable(const VerifyReport& report) {
  std::size_t width = 0;
  for (const CheckResult& check : report.checks) width = std::max(width, check.name.size());
  std::ostringstream out;
  out << "Checks of " << cli::ToLine(report.topic, kMaxReasonBytes) << ", records pushed through "
      << cli::ToLine(report.through, kMaxReasonBytes) << ":\n";
  for (const CheckResult& check : report.checks) {
    out << "  " << std::left << std::setw(7) << ToText(check.verdict) << "  "
        << std::setw(static_cast<int>(width)) << check.name << std::right << std::setw(8)
        << std::fixed << std::setprecision(2) << check.time.count() << " s";
    if (!check.reason.empty()) out << "  " << cli::ToLine(check.reason, kMaxReasonBytes);
    out << '\n';
  }
  out << CountOf(report, Verdict::kPassed) << " passed, " << CountOf(report, Verdict::kFailed)
      << " failed, " << CountOf(report, Verdict::kSkipped) << " skipped\n";
  return out.str();
}

std::string ToJson(const VerifyReport& report) {
  Json checks = Json::array();
  for (const CheckResult& check : report.checks) {
    checks.push_back({{"name", check.name},
                      {"verdict", std::string(ToText(check.verdict))},
                      {"reason", check.reason},
                      {"seconds", check.time.count()}});
  }
  const Json json = {{"topic", report.topic},
                     {"through", report.through},
                     {"passed", CountOf(report, Verdict::kPassed)},
                     {"failed", CountOf(report, Verdict::kFailed)},
                     {"skipped", CountOf(report, Verdict::kSkipped)},
                     {"checks", checks}};
  return cli::EscapeJson(json.dump(-1, ' ', false, Json::error_handler_t::replace)) + "\n";
}

std::string ToJUnit(const VerifyReport& report) {
  std::chrono::duration<double> time{};
  for (const CheckResult& check : report.checks) time += check.time;
  std::ostringstream counts;
  counts << R"(tests=")" << report.checks.size() << R"(" failures=")"
         << CountOf(report, Verdict::kFailed) << R"(" errors="0" skipped=")"
         << CountOf(report, Verdict::kSkipped) << R"(" time=")" << Seconds(time) << '"';
  std::ostringstream out;
  out << R"(<?xml version="1.0" encoding="UTF-8"?>)"
      << "\n<testsuites " << counts.str() << ">\n"
      << R"(  <testsuite name="backlogd-sim verify )" << ToXml(report.topic) << "\" "
      << counts.str() << ">\n";
  for (const CheckResult& check : report.checks) WriteCase(report, check, out);
  out << "  </testsuite>\n</testsuites>\n";
  return out.str();
}

}  // namespace backlogd::sim
