#include "sim/consume_report.h"

#include <cstddef>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <numeric>
#include <sstream>

#include "cli/printable.h"

namespace backlogd::sim {
namespace {

using deadletters::Reason;
using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxNameBytes = 300;

MemberTally SumOf(const std::vector<MemberTally>& members) {
  MemberTally sum;
  for (const MemberTally& member : members) {
    sum.handled += member.handled;
    sum.retried += member.retried;
    sum.committed += member.committed;
    sum.lost += member.lost;
    sum.rebalances += member.rebalances;
    for (std::size_t i = 0; i < sum.dead.size(); ++i) sum.dead[i] += member.dead[i];
  }
  return sum;
}

double Milliseconds(std::chrono::microseconds time) {
  return static_cast<double>(time.count()) / 1000;
}

double RateOf(const ConsumeReport& report, std::uint64_t handled) {
  return report.time.count() > 0 ? static_cast<double>(handled) / report.time.count() : 0;
}

Json ByReason(const MemberTally& tally) {
  Json reasons = Json::object();
  for (std::size_t i = 0; i < tally.dead.size(); ++i) {
    const auto reason = static_cast<Reason>(i);
    if (reason != Reason::kUnknown) reasons[std::string(ToText(reason))] = tally.dead[i];
  }
  return reasons;
}

Json CountsOf(const MemberTally& tally) {
  return {{"handled", tally.handled},
          {"retried", tally.retried},
          {"dead_lettered", DeadLetters(tally)},
          {"committed", tally.committed},
          {"not_committed", tally.lost},
          {"rebalances", tally.rebalances}};
}

void WriteDeadLetters(const ConsumeReport& report, const MemberTally& sum, std::ostream& out) {
  out << "  " << DeadLetters(sum) << " dead letters in "
      << cli::ToLine(report.dead_letter_topic, kMaxNameBytes);
  const char* separator = ": ";
  for (std::size_t i = 0; i < sum.dead.size(); ++i) {
    if (sum.dead[i] == 0) continue;
    out << separator << ToText(static_cast<Reason>(i)) << ' ' << sum.dead[i];
    separator = ", ";
  }
  out << '\n';
}

void WriteMembers(const std::vector<MemberTally>& members, std::ostream& out) {
  out << "  member     handled     retried   committed rebalances\n";
  for (std::size_t i = 0; i < members.size(); ++i) {
    out << "  " << std::setw(6) << i << std::setw(12) << members[i].handled << std::setw(12)
        << members[i].retried << std::setw(12) << members[i].committed << std::setw(11)
        << members[i].rebalances << '\n';
  }
}

}  // namespace

std::uint64_t DeadLetters(const MemberTally& tally) {
  return std::accumulate(tally.dead.begin(), tally.dead.end(), std::uint64_t{0});
}

std::string ToText(const ConsumeReport& report) {
  const MemberTally sum = SumOf(report.members);
  std::ostringstream out;
  out << std::fixed << std::setprecision(1) << cli::ToLine(report.topic, kMaxNameBytes)
      << ", group " << cli::ToLine(report.group, kMaxNameBytes) << ": " << sum.handled
      << " records handled in " << report.time.count() << " s (" << RateOf(report, sum.handled)
      << "/s), " << sum.committed << " committed\n"
      << "  handling: p50 " << Milliseconds(report.handling.Quantile(0.5)) << " ms, p99 "
      << Milliseconds(report.handling.Quantile(0.99)) << " ms; " << sum.retried << " retries, "
      << sum.rebalances << " rebalances\n";
  if (sum.lost > 0) {
    out << "  " << sum.lost << " handled, but never committed: they are delivered again\n";
  }
  if (!report.dead_letter_topic.empty()) WriteDeadLetters(report, sum, out);
  if (report.members.size() > 1) WriteMembers(report.members, out);
  return out.str();
}

std::string ToJson(const ConsumeReport& report) {
  const MemberTally sum = SumOf(report.members);
  Json json = {{"topic", report.topic}, {"group", report.group}};
  json.update(CountsOf(sum));
  json["seconds"] = report.time.count();
  json["records_per_second"] = RateOf(report, sum.handled);
  json["handling_ms"] = {{"p50", Milliseconds(report.handling.Quantile(0.5))},
                         {"p99", Milliseconds(report.handling.Quantile(0.99))}};
  json["dead_letters"] = {{"topic", report.dead_letter_topic}, {"by_reason", ByReason(sum)}};
  json["members"] = Json::array();
  for (const MemberTally& member : report.members) json["members"].push_back(CountsOf(member));
  return cli::EscapeJson(json.dump(-1, ' ', false, Json::error_handler_t::replace)) + "\n";
}

}  // namespace backlogd::sim
