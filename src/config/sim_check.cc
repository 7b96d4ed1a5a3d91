#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>

#include "base/text.h"
#include "config/check.h"
#include "config/complaint.h"
#include "config/sim_schema.h"

namespace backlogd::config {
namespace {

using std::chrono::milliseconds;
using std::chrono_literals::operator""h;
using std::chrono_literals::operator""ms;

constexpr std::int64_t kMany = 1'000'000'000'000;
constexpr std::array<std::string_view, 5> kFailureKinds = {"retries_exhausted", "format",
                                                           "business", "timeout", "permission"};

[[noreturn]] void Refuse(std::string key, std::string what) {
  throw Complaint{std::nullopt, std::move(key), std::move(what)};
}

std::string ToText(double number) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
  return {text.data(), end};
}

void CheckRange(std::string key, std::int64_t value, std::int64_t min, std::int64_t max) {
  if (value >= min && value <= max) return;
  Refuse(std::move(key), "must be between " + std::to_string(min) + " and " + std::to_string(max) +
                             ", got " + std::to_string(value));
}

void CheckReal(std::string key, double value, double min, double max) {
  if (value >= min && value <= max) return;
  Refuse(std::move(key),
         "must be between " + ToText(min) + " and " + ToText(max) + ", got " + ToText(value));
}

void CheckBytes(std::string key, std::int64_t value, std::int64_t min, std::int64_t max) {
  if (value >= min && value <= max) return;
  Refuse(std::move(key), "must be between " + FormatByteSize(min) + " and " + FormatByteSize(max) +
                             ", got " + FormatByteSize(value));
}

void CheckTime(std::string key, milliseconds value, milliseconds min, milliseconds max) {
  if (value >= min && value <= max) return;
  Refuse(std::move(key), "must be between " + FormatDuration(min) + " and " + FormatDuration(max) +
                             ", got " + FormatDuration(value));
}

// As Kafka wants them.
bool IsTopicName(std::string_view name) {
  const bool fits = !name.empty() && name.size() <= 249 && name != "." && name != "..";
  return fits && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '_' || c == '-';
         });
}

void CheckTopic(std::string key, const std::string& name) {
  if (IsTopicName(name)) return;
  Refuse(std::move(key),
         "must be the name of a topic: 1 to 249 letters, digits, '.', '_' and '-'; got " +
             Quote(name));
}

void CheckUrl(std::string key, const std::string& url) {
  if (url.empty() || url.starts_with("http://") || url.starts_with("https://")) return;
  Refuse(std::move(key), "must begin with http:// or https://; got " + Quote(url));
}

void CheckPush(const SimPush& push) {
  CheckRange("produce.push.max_num", push.max_num, 1, 10'000'000);
  CheckBytes("produce.push.max_body_bytes", push.max_body_bytes, 1 << 10, 64 << 20);
  CheckRange("produce.push.max_records_per_second", push.max_records_per_second, 0, 1'000'000'000);
  CheckTime("produce.push.timeout", push.timeout, 100ms, 1h);
  const BackPressure& pressure = push.back_pressure;
  CheckUrl("produce.push.back_pressure.url", pressure.url);
  CheckRange("produce.push.back_pressure.max_lag_records", pressure.max_lag_records, 0, kMany);
  CheckTime("produce.push.back_pressure.max_lag_time", pressure.max_lag_time, 0ms, 8760h);
  CheckTime("produce.push.back_pressure.interval", pressure.interval, 1000ms, 1h);
  const bool limited = pressure.max_lag_records > 0 || pressure.max_lag_time > 0ms;
  if (!pressure.url.empty() && !limited) {
    Refuse("produce.push.back_pressure.url",
           "has no limit beside it; set max_lag_records or max_lag_time");
  }
  if (pressure.url.empty() && limited) {
    Refuse("produce.push.back_pressure.url", "must name a backlogd's metrics, to know the backlog");
  }
}

void CheckSchedule(const SimProduce& produce) {
  CheckReal("produce.rate", produce.rate, 0, 1e9);
  CheckReal("produce.peak_rate", produce.peak_rate, 0, 1e9);
  CheckTime("produce.period", produce.period, 1000ms, 8760h);
  CheckTime("produce.burst_length", produce.burst_length, 1ms, 8760h);
  if (produce.schedule == Schedule::kBurst && produce.burst_length > produce.period) {
    Refuse("produce.burst_length", "must not be longer than produce.period (" +
                                       FormatDuration(produce.period) + "), got " +
                                       FormatDuration(produce.burst_length));
  }
  if (produce.schedule == Schedule::kSine && produce.peak_rate < produce.rate) {
    Refuse("produce.peak_rate", "must not be below produce.rate (" + ToText(produce.rate) +
                                    "), the mean; got " + ToText(produce.peak_rate));
  }
}

void CheckRecords(const SimProduce& produce) {
  CheckRange("produce.records", produce.records, 0, kMany);
  CheckRange("produce.key_count", produce.key_count, 1, 10'000'000);
  CheckReal("produce.zipf_exponent", produce.zipf_exponent, 0.01, 10);
  CheckBytes("produce.value_bytes", produce.value_bytes, 0, 64 << 20);
  CheckBytes("produce.max_value_bytes", produce.max_value_bytes, 0, 64 << 20);
  if (produce.max_value_bytes != 0 && produce.max_value_bytes < produce.value_bytes) {
    Refuse("produce.max_value_bytes", "must not be below produce.value_bytes (" +
                                          FormatByteSize(produce.value_bytes) + "), got " +
                                          FormatByteSize(produce.max_value_bytes));
  }
  CheckTime("produce.timestamp_behind", produce.timestamp_behind, 0ms, 87600h);
  CheckTime("produce.timestamp_ahead", produce.timestamp_ahead, 0ms, 87600h);
  if (produce.timestamp_behind > 0ms && produce.timestamp_ahead > 0ms) {
    Refuse("produce.timestamp_ahead", "goes not with produce.timestamp_behind; remove one of them");
  }
  CheckRange("produce.transaction_records", produce.transaction_records, 0, 1'000'000);
  CheckReal("produce.abort_rate", produce.abort_rate, 0, 1);
  CheckRange("produce.seed", produce.seed, 0, kMany);
  CheckRange("produce.queue_records", produce.queue_records, 1, 10'000'000);
}

void CheckFailures(const SimFailures& failures) {
  CheckReal("consume.failures.rate", failures.rate, 0, 1);
  for (std::size_t i = 0; i < failures.kinds.size(); ++i) {
    if (std::find(kFailureKinds.begin(), kFailureKinds.end(), failures.kinds[i]) !=
        kFailureKinds.end()) {
      continue;
    }
    Refuse(Join("consume.failures.kinds", i),
           "must be retries_exhausted, format, business, timeout or permission; got " +
               Quote(failures.kinds[i]));
  }
  CheckRange("consume.failures.retries", failures.retries, 0, 1000);
  CheckTime("consume.failures.retry_backoff", failures.retry_backoff, 0ms, 1h);
  if (!failures.dead_letter_topic.empty()) {
    CheckTopic("consume.failures.dead_letter_topic", failures.dead_letter_topic);
  }
}

void CheckFault(const SimFault& fault) {
  CheckTime("consume.fault.after", fault.after, 0ms, 720h);
  CheckTime("consume.fault.length", fault.length, 0ms, 720h);
  CheckRange("consume.fault.members", fault.members, 0, 1000);
  CheckRange("consume.fault.partition", fault.partition, 0, 1'000'000);
  CheckTime("consume.fault.slow_time", fault.slow_time, 0ms, 1h);
}

void CheckConsume(const SimConsume& consume) {
  if (consume.group.empty()) Refuse("consume.group", "must not be empty; name the group");
  CheckRange("consume.members", consume.members, 1, 1000);
  CheckTime("consume.commit_interval", consume.commit_interval, 1ms, 24h);
  CheckRange("consume.batch", consume.batch, 1, 1'000'000);
  CheckReal("consume.handling_ms", consume.handling_ms, 0, 3'600'000);
  CheckReal("consume.max_handling_ms", consume.max_handling_ms, 0, 3'600'000);
  if (consume.handling == HandlingModel::kGrowing &&
      consume.max_handling_ms < consume.handling_ms) {
    Refuse("consume.max_handling_ms", "must not be below consume.handling_ms (" +
                                          ToText(consume.handling_ms) + "), from which it grows");
  }
  CheckTime("consume.growing_time", consume.growing_time, 1ms, 720h);
  CheckTime("consume.session_timeout", consume.session_timeout, 1000ms, 1h);
  CheckTime("consume.max_poll_interval", consume.max_poll_interval, 1000ms, 24h);
  if (consume.max_poll_interval < consume.session_timeout) {
    Refuse("consume.max_poll_interval", "must not be below consume.session_timeout (" +
                                            FormatDuration(consume.session_timeout) + "), got " +
                                            FormatDuration(consume.max_poll_interval));
  }
  CheckRange("consume.records", consume.records, 0, kMany);
  CheckRange("consume.seed", consume.seed, 0, kMany);
  CheckFailures(consume.failures);
  CheckFault(consume.fault);
}

void CheckVerify(const SimVerify& verify) {
  CheckRange("verify.partitions", verify.partitions, 0, 1'000'000);
  CheckRange("verify.replication", verify.replication, 0, 1000);
  CheckRange("verify.records", verify.records, 1, 1'000'000);
  CheckRange("verify.keys", verify.keys, 1, 1'000'000);
  CheckUrl("verify.push_url", verify.push_url);
}

void CheckCapacity(const SimCapacity& capacity) {
  if (!capacity.topic.empty()) CheckTopic("capacity.topic", capacity.topic);
  CheckRange("capacity.partitions", capacity.partitions, 1, 10'000);
  CheckReal("capacity.inflow", capacity.inflow, 0.1, 1e8);
  CheckBytes("capacity.value_bytes", capacity.value_bytes, 0, 64 << 20);
  CheckReal("capacity.handling_ms", capacity.handling_ms, 0, 3'600'000);
  CheckRange("capacity.max_members", capacity.max_members, 1, 1000);
  CheckRange("capacity.backlog", capacity.backlog, 1, kMany);
  CheckTime("capacity.run", capacity.run, 1000ms, 1h);
  CheckRange("capacity.repeats", capacity.repeats, 2, 20);
  CheckUrl("capacity.push_url", capacity.push_url);
}

}  // namespace

void CheckValues(const Sim& sim) {
  CheckConnection(sim.cluster, "kafka");
  if (sim.listen_addresses.empty()) {
    Refuse("listen_addresses", "must have at least one address, such as \":12093\"");
  }
  for (std::size_t i = 0; i < sim.listen_addresses.size(); ++i) {
    CheckListenAddress(sim.listen_addresses[i], Join("listen_addresses", i));
  }
  CheckTopic("topic", sim.topic);
  CheckTime("length", sim.length, 0ms, 8760h);
  CheckTime("timeout", sim.timeout, 100ms, 24h);
  CheckSchedule(sim.produce);
  CheckRecords(sim.produce);
  CheckPush(sim.produce.push);
  CheckConsume(sim.consume);
  CheckVerify(sim.verify);
  CheckCapacity(sim.capacity);
}

}  // namespace backlogd::config
