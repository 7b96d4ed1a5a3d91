#include "kafka/statistics.h"

#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

namespace backlogd::kafka {
namespace {

using Json = nlohmann::json;

constexpr double kMicrosecond = 1e-6;
constexpr double kMillisecond = 1e-3;

constexpr std::array<std::pair<double, const char*>, 3> kQuantiles = {
    {{0.5, "p50"}, {0.9, "p90"}, {0.99, "p99"}}};

// Null if there is no such member.
const Json* Member(const Json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

std::uint64_t CountOf(const Json* value) {
  if (value == nullptr || !value->is_number_integer()) return 0;
  if (value->is_number_unsigned()) return value->get<std::uint64_t>();
  const auto signed_value = value->get<std::int64_t>();
  return signed_value < 0 ? 0 : static_cast<std::uint64_t>(signed_value);
}

// A broker that the cluster told of: not a bootstrap address, not the alias of a coordinator.
std::optional<BrokerId> LearnedBroker(const Json& broker) {
  const Json* source = Member(broker, "source");
  const Json* node = Member(broker, "nodeid");
  if (source == nullptr || *source != "learned") return std::nullopt;
  if (node == nullptr || !node->is_number_integer()) return std::nullopt;
  const auto id = node->get<std::int64_t>();
  if (id < 0 || id > INT32_MAX) return std::nullopt;
  return static_cast<BrokerId>(id);
}

void ReadRoundTrips(const Json* rtt, BrokerStatistics& window) {
  if (rtt == nullptr) return;
  const std::uint64_t count = CountOf(Member(*rtt, "cnt"));
  if (count == 0) return;
  window.rtt_count += count;
  window.rtt_sum_seconds += static_cast<double>(CountOf(Member(*rtt, "sum"))) * kMicrosecond;
  for (const auto& [quantile, key] : kQuantiles) {
    const double seconds = static_cast<double>(CountOf(Member(*rtt, key))) * kMicrosecond;
    window.rtt.push_back({quantile, seconds});
  }
}

double ReadThrottle(const Json* throttle) {
  if (throttle == nullptr) return 0;
  return static_cast<double>(CountOf(Member(*throttle, "max"))) * kMillisecond;
}

}  // namespace

struct WindowReader {
  using BrokerRecord = StatisticsRecord::BrokerRecord;

  static void Read(const Json& broker, BrokerRecord& record) {
    ReadRoundTrips(Member(broker, "rtt"), record.window);
    record.window.throttle_seconds = ReadThrottle(Member(broker, "throttle"));
    const Json* requests = Member(broker, "req");
    if (requests == nullptr || !requests->is_object()) return;
    for (const auto& [name, value] : requests->items()) {
      const std::uint64_t count = CountOf(&value);
      if (count == 0) continue;
      StatisticsRecord::Counter& counter = record.requests[name];
      if (count < counter.now) counter.before += counter.now;  // counts from 0 again
      counter.now = count;
    }
  }
};

void StatisticsRecord::Update(std::string_view json) {
  const Json statistics = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  const Json* brokers = Member(statistics, "brokers");
  if (brokers == nullptr || !brokers->is_object()) return;
  for (auto& [id, record] : brokers_) {
    record.window.rtt.clear();
    record.window.throttle_seconds = 0;
  }
  for (const Json& broker : *brokers) {
    if (const auto id = LearnedBroker(broker)) WindowReader::Read(broker, brokers_[*id]);
  }
}

void StatisticsRecord::HandleReplaced() {
  for (auto& [id, record] : brokers_) {
    for (auto& [name, counter] : record.requests) {
      counter.before += std::exchange(counter.now, 0);
    }
  }
}

std::vector<BrokerStatistics> StatisticsRecord::Values() const {
  std::vector<BrokerStatistics> values;
  values.reserve(brokers_.size());
  for (const auto& [id, record] : brokers_) {
    BrokerStatistics& value = values.emplace_back(record.window);
    value.broker = id;
    for (const auto& [name, counter] : record.requests) {
      value.requests.push_back({name, counter.before + counter.now});
    }
  }
  return values;
}

}  // namespace backlogd::kafka
